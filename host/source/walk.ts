// Walks what the person chose into a manifest: sorted, parents before children, with a snapshot of every file so that a
// later change is noticed. What is not sent is listed by name; nothing is followed.

import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { whyNotOffered } from '../../shared/model/can-travel.ts';
import { Fault } from '../../shared/model/fault.ts';
import type { ManifestEntry, SkippedEntry } from '../../shared/model/manifest.ts';
import { sortInSlices } from '../../shared/model/sort-in-slices.ts';
import {
  manifestMaxEntries,
  skippedNamedMax,
  skippedNamedMaxChars,
  sourceFactsAtOnce,
} from '../../shared/wire/limits.ts';
import type { Disk, DiskFolder, DiskPath, FileFacts } from '../disk/disk.ts';
import { errnoOf, isNotThere } from '../disk/disk-fault.ts';

export type Snapshot = {
  readonly full: string;
  readonly size: number;
  readonly mtimeNs: string;
  /** Absent where the disk has none that last. */
  readonly ino?: string;
  /** The same, and absent in lists that earlier versions kept. A change that puts the time back still moves this one. */
  readonly ctimeNs?: string;
};

export type Walked = {
  readonly entries: readonly ManifestEntry[];
  /** Per entry; null for folders. */
  readonly snapshots: readonly (Snapshot | null)[];
  /** The first of them, and how many there are. */
  readonly skipped: readonly SkippedEntry[];
  readonly skippedCount: number;
};

type Draft = {
  readonly disk: Disk;
  /** As people list them, 2 before 10. Of one language: a setting of the desktop does not change the list. */
  readonly order: Intl.Collator;
  /** By device. */
  readonly lasting: Map<bigint, Lasting>;
  readonly entries: ManifestEntry[];
  readonly snapshots: (Snapshot | null)[];
  readonly skipped: SkippedEntry[];
  skippedChars: number;
  skippedCount: number;
};

const decoder = new TextDecoder('utf-8', { fatal: true });

export async function walk(disk: Disk, paths: readonly string[]): Promise<Walked> {
  const order = new Intl.Collator('en', { numeric: true });
  const none = { entries: [], snapshots: [], skipped: [], skippedChars: 0, skippedCount: 0 };
  const draft: Draft = { disk, order, lasting: new Map(), ...none };
  const tops: Tops = { taken: new Set(), nextNumber: new Map() };
  for (const full of paths) {
    const name = freeTop(path.basename(full), tops);
    const why = whyNotOffered([name]);
    const at = Buffer.from(full);
    await add(draft, { at, full: at }, [name], why ?? (await factsAt(disk, at)));
  }
  const { entries, snapshots, skipped, skippedCount } = draft;
  return { entries, snapshots, skipped, skippedCount };
}

/** Some folders hold more links than anybody reads the names of. */
function skip(draft: Draft, wirePath: readonly string[], why: SkippedEntry['why']): void {
  draft.skippedCount += 1;
  for (const name of wirePath) draft.skippedChars += name.length;
  const isNamed = draft.skipped.length < skippedNamedMax && draft.skippedChars <= skippedNamedMaxChars;
  if (isNamed || draft.skipped.length === 0) draft.skipped.push({ path: wirePath, why });
}

/** What of a file stays the same for as long as nobody changes it. */
export type Lasting = { readonly inodes: boolean; readonly changeTimes: boolean };

const allLasts: Lasting = { inodes: true, changeTimes: true };
/**
 * `statfs` types of Linux. It numbers the files of FAT and exFAT anew whenever it has forgotten them, as it does while a lot is read, and
 * remembers no time of change; the files of a phone or a camera, which come through a program (FUSE), it numbers anew as well.
 */
const lastingByType: ReadonlyMap<number, Lasting> = new Map([
  [0x4d44, { inodes: false, changeTimes: false }],
  [0x2011_bab0, { inodes: false, changeTimes: false }],
  [0x6573_5546, { inodes: false, changeTimes: true }],
]);

async function lastingOf({ disk, lasting }: Draft, full: string, { dev }: FileFacts): Promise<Lasting> {
  if (process.platform !== 'linux') return allLasts;
  const known = lasting.get(dev);
  if (known !== undefined) return known;
  // Not to be known of one file says nothing of the next one.
  const room = await disk.room(full).catch(() => undefined);
  if (room === undefined) return allLasts;
  const found = lastingByType.get(room.type >>> 0) ?? allLasts;
  lasting.set(dev, found);
  return found;
}

/** Not the device: btrfs, and a disk that was plugged in again, get another number from one day to the next. */
export function snapshotOf(full: string, facts: FileFacts, { inodes, changeTimes }: Lasting = allLasts): Snapshot {
  const { size, mtimeNs, ino, ctimeNs } = facts;
  const snapshot = { full, size, mtimeNs: String(mtimeNs), ...(inodes ? { ino: String(ino) } : {}) };
  // Windows moves it for reasons of its own, such as a virus scanner's mark.
  return process.platform === 'win32' || !changeTimes ? snapshot : { ...snapshot, ctimeNs: String(ctimeNs) };
}

/** The very file that was chosen, unchanged since. */
export function isUnchanged(chosen: Snapshot, now: FileFacts): boolean {
  const { size, mtimeNs, ino = String(now.ino), ctimeNs = String(now.ctimeNs) } = chosen;
  return (
    size === now.size && mtimeNs === String(now.mtimeNs) && ino === String(now.ino) && ctimeNs === String(now.ctimeNs)
  );
}

/** Why it is not sent, where it is not. */
type Facts = FileFacts | SkippedEntry['why'];

function factsAt(disk: Disk, at: Buffer): Promise<Facts> {
  return disk.facts(at).catch((error: unknown) => (isNotThere(error) ? 'vanished' : 'unreadable'));
}

/** Where it is reached while its folder is held open, and where it is for good. */
type Found = { readonly at: Buffer; readonly full: Buffer };

async function add(draft: Draft, found: Found, wirePath: readonly string[], facts: Facts): Promise<void> {
  if (typeof facts === 'string') skip(draft, wirePath, facts);
  else if (facts.kind === 'link') skip(draft, wirePath, 'symlink');
  else if (facts.kind === 'file') await addFile(draft, found.full.toString(), facts, wirePath);
  else if (facts.kind === 'folder') await addFolder(draft, found, wirePath);
  else skip(draft, wirePath, 'special');
}

async function addFile(draft: Draft, full: string, facts: FileFacts, wirePath: readonly string[]): Promise<void> {
  refuseBeyondMost(draft);
  const lasting = await lastingOf(draft, full, facts);
  const executable = process.platform !== 'win32' && (facts.mode & 0o100) !== 0;
  const mtimeMs = Math.floor(Number(facts.mtimeNs / 1_000_000n));
  draft.entries.push({ kind: 'file', path: wirePath, size: facts.size, mtimeMs, executable });
  draft.snapshots.push(snapshotOf(full, facts, lasting));
}

/** A link that takes the folder's place between two calls is not followed: everything goes through one handle. */
async function addFolder(draft: Draft, { at, full }: Found, wirePath: readonly string[]): Promise<void> {
  refuseBeyondMost(draft);
  let folder: DiskFolder<DiskPath>;
  try {
    folder = await draft.disk.openFolder(at);
  } catch (error) {
    const errno = errnoOf(error);
    skip(draft, wirePath, errno === 'ENOTDIR' || errno === 'ELOOP' ? 'symlink' : 'unreadable');
    return;
  }
  try {
    const mtimeMs = Math.floor(Number(folder.facts.mtimeNs / 1_000_000n));
    draft.entries.push({ kind: 'folder', path: wirePath, mtimeMs });
    draft.snapshots.push(null);
    const inside = await draft.disk.list(folder.path).catch(() => undefined);
    if (inside === undefined) skip(draft, wirePath, 'unreadable');
    const names = await inSequence(draft, inside ?? []);
    for (let from = 0; from < names.length; from += sourceFactsAtOnce) {
      const group = names.slice(from, from + sourceFactsAtOnce).map(([name, text]) => {
        const path = [...wirePath, text ?? name.toString('latin1')];
        const why = text === undefined ? 'name' : whyNotOffered(path);
        return { at: joined(folder.path, name), full: joined(full, name), path, why };
      });
      const facts = await Promise.all(group.map(({ at, why }) => why ?? factsAt(draft.disk, at)));
      for (const [nth, { at, full, path }] of group.entries()) await add(draft, { at, full }, path, facts[nth]!);
    }
  } finally {
    await folder.close();
  }
}

/** With what each is called, where that can be read. Equal to the collator are also names that differ in what nobody sees. */
function inSequence({ order }: Draft, names: readonly Buffer[]): Promise<(readonly [Buffer, string | undefined])[]> {
  return sortInSlices(
    names.map((name) => [name, readName(name)] as const),
    ([a, one = ''], [b, other = '']) => order.compare(one, other) || Buffer.compare(a, b),
    setImmediate,
  );
}

function joined(folder: DiskPath, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(folder as string), Buffer.from(path.sep), name]);
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

type Tops = {
  readonly taken: Set<string>;
  /** Per name that was chosen twice. Numbers below it are taken. */
  readonly nextNumber: Map<string, number>;
};

/** Thousands of files of one name may be chosen at once: no number is tried twice for it. */
function freeTop(name: string, { taken, nextNumber }: Tops): string {
  const { name: stem, ext } = path.parse(name);
  let candidate = name;
  let at = nextNumber.get(name) ?? 2;
  for (; taken.has(candidate); at += 1) candidate = `${stem} (${at})${ext}`;
  nextNumber.set(name, at);
  taken.add(candidate);
  return candidate;
}
