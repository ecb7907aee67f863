// Walks what the person chose into a manifest: sorted, parents before children, with a snapshot of every file so that a
// later change is noticed. What is not sent is listed by name; nothing is followed.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { ManifestEntry, SkippedEntry } from '../../shared/model/manifest.ts';
import { manifestMaxEntries } from '../../shared/wire/limits.ts';
import type { Disk, FileFacts } from '../disk/disk.ts';

export type Snapshot = { readonly full: string; readonly size: number; readonly mtimeNs: string; readonly ino: string };

export type Walked = {
  readonly entries: readonly ManifestEntry[];
  /** Per entry; null for folders. */
  readonly snapshots: readonly (Snapshot | null)[];
  readonly skipped: readonly SkippedEntry[];
};

type Draft = { readonly disk: Disk; entries: ManifestEntry[]; snapshots: (Snapshot | null)[]; skipped: SkippedEntry[] };

const decoder = new TextDecoder('utf-8', { fatal: true });

export async function walk(disk: Disk, paths: readonly string[]): Promise<Walked> {
  const draft: Draft = { disk, entries: [], snapshots: [], skipped: [] };
  const tops = new Set<string>();
  for (const full of paths) {
    const name = freeTop(path.basename(full), tops);
    await add(draft, Buffer.from(full), [name]);
  }
  const { entries, snapshots, skipped } = draft;
  return { entries, snapshots, skipped };
}

export function snapshotOf(full: string, { size, mtimeNs, ino }: FileFacts): Snapshot {
  return { full, size, mtimeNs: String(mtimeNs), ino: String(ino) };
}

async function add(draft: Draft, full: Buffer, wirePath: readonly string[]): Promise<void> {
  let facts: FileFacts;
  try {
    facts = await draft.disk.facts(full);
  } catch {
    draft.skipped.push({ path: wirePath, why: 'vanished' });
    return;
  }
  if (facts.kind === 'link') draft.skipped.push({ path: wirePath, why: 'symlink' });
  else if (facts.kind === 'file') addFile(draft, full.toString(), facts, wirePath);
  else if (facts.kind === 'folder') await addFolder(draft, full, facts, wirePath);
  else draft.skipped.push({ path: wirePath, why: 'special' });
}

function addFile(draft: Draft, full: string, facts: FileFacts, wirePath: readonly string[]): void {
  refuseBeyondMost(draft);
  const executable = process.platform !== 'win32' && (facts.mode & 0o100) !== 0;
  const mtimeMs = Math.floor(Number(facts.mtimeNs / 1_000_000n));
  draft.entries.push({ kind: 'file', path: wirePath, size: facts.size, mtimeMs, executable });
  draft.snapshots.push(snapshotOf(full, facts));
}

async function addFolder(draft: Draft, full: Buffer, facts: FileFacts, wirePath: readonly string[]): Promise<void> {
  refuseBeyondMost(draft);
  draft.entries.push({ kind: 'folder', path: wirePath, mtimeMs: Math.floor(Number(facts.mtimeNs / 1_000_000n)) });
  draft.snapshots.push(null);
  let inside: Buffer[];
  try {
    inside = await draft.disk.list(full);
  } catch {
    draft.skipped.push({ path: wirePath, why: 'unreadable' });
    return;
  }
  inside.sort(Buffer.compare);
  for (const name of inside) {
    const text = readName(name);
    if (text === undefined) draft.skipped.push({ path: [...wirePath, name.toString('latin1')], why: 'name' });
    else await add(draft, Buffer.concat([full, Buffer.from(path.sep), name]), [...wirePath, text]);
  }
}

/** A name that is not valid UTF-8 cannot travel: a replacement character would be another name. */
function readName(name: Buffer): string | undefined {
  try {
    return decoder.decode(name);
  } catch {
    return undefined;
  }
}

function refuseBeyondMost(draft: Draft): void {
  if (draft.entries.length >= manifestMaxEntries) throw new Fault('manifest-too-large', 'too many files at once');
}

function freeTop(name: string, tops: Set<string>): string {
  const { name: stem, ext } = path.parse(name);
  let candidate = name;
  for (let at = 2; tops.has(candidate); at += 1) candidate = `${stem} (${at})${ext}`;
  tops.add(candidate);
  return candidate;
}
