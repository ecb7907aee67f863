// After a power cut: a journal names only blocks whose bytes are there. Losing what it does not name costs time; naming what is
// lost is the beginning of a lie, though the host proves every block again.

import { createHash } from 'node:crypto';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { layOut, spansOf } from '../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../shared/model/manifest.ts';
import { blockBytes, packedFileMaxBytes } from '../shared/wire/limits.ts';
import { type Computer, dataFolder } from './computer.ts';
import type { Inode } from './disk/inode.ts';

type Kept = {
  readonly staging: string;
  readonly selection: Selection;
  readonly destination: string;
  readonly published?: unknown;
};

const slotBytes = 36;
/** By then even a slow disk has answered the sync that follows a write of the journal. */
export const settledMs = 2_000;

/** What is named and not there, in a sentence each. */
export function lostBlocks(computer: Computer): string[] {
  const records = findInode(computer, `${dataFolder}/receives`);
  return [...(records?.entries ?? [])].flatMap(([name, inode]) => {
    const list = records!.entries.get(name.replace('.json', '.manifest'));
    if (!/^[0-9a-f]{32}\.json$/.test(name) || list === undefined) return [];
    return lostIn(computer, name.slice(0, 6), read<Kept>(inode), read<ManifestEntry[]>(list));
  });
}

function lostIn(
  computer: Computer,
  id: string,
  kept: Kept | undefined,
  entries: ManifestEntry[] | undefined,
): string[] {
  const staging = kept && findInode(computer, kept.staging);
  const journal = staging?.entries.get('blocks');
  if (kept === undefined || entries === undefined || staging === undefined || journal === undefined) return [];
  // Nobody reads it any more: the staging folder is being removed, in an order that a power cut may change.
  if (kept.published !== undefined) return [];
  // From there on parts are on their way to their names.
  if (['placing', 'ready', 'tree'].some((name) => staging.entries.has(name))) return [];
  const layout = layOut(entries, kept.selection);
  const offsets = new Map<number, number>();
  let packed = 0;
  for (const { index, size } of layout.files) {
    if (size >= packedFileMaxBytes) continue;
    offsets.set(index, packed);
    packed += size;
  }
  const lost: string[] = [];
  for (let block = 0; block < layout.blocks; block += 1) {
    const whole = journal.bytes.slice(block * slotBytes, (block + 1) * slotBytes);
    const slot = whole.subarray(0, 32);
    // A slot that was written in part names nothing: its checksum tells.
    const isWhole = whole.byteLength === slotBytes && Buffer.from(whole.subarray(32)).readUInt32LE() === crc32(slot);
    if (!isWhole || slot.every((byte) => byte === 0)) continue;
    const bytes = new Uint8Array(Math.min(blockBytes, layout.totalBytes - block * blockBytes));
    for (const { index, fileOffset, blockOffset, length } of spansOf(layout, block)) {
      const base = offsets.get(index);
      const part = staging.entries.get(base === undefined ? `${index}.part` : 'small.pack');
      const from = (base ?? 0) + fileOffset;
      bytes.set(part?.bytes.subarray(from, from + length) ?? [], blockOffset);
    }
    if (!createHash('sha256').update(bytes).digest().equals(slot)) lost.push(`block ${block} of ${id}`);
  }
  return lost;
}

/** Which blocks each journal names now, of those that were written by `beforeMs` and that nothing kept from being synced. */
export function namedSince(
  computer: Computer,
  beforeMs: number,
  startMs: number,
): ReadonlyMap<string, readonly number[]> {
  const named = new Map<string, readonly number[]>();
  const records = findInode(computer, `${dataFolder}/receives`);
  for (const [name, inode] of records?.entries ?? []) {
    const staging = name.endsWith('.json') ? read<Kept>(inode)?.staging : undefined;
    const journal = staging === undefined ? undefined : findInode(computer, `${staging}/blocks`);
    if (staging === undefined || journal === undefined) continue;
    const writtenMs = Number(journal.mtimeNs) / 1e6 - startMs;
    const isDisturbed = computer.endedMs.some((ms) => ms >= writtenMs && ms <= writtenMs + settledMs);
    if (writtenMs > beforeMs || isDisturbed || computer.calls.failedMs >= writtenMs) continue;
    named.set(staging, slotsOf(journal));
  }
  return named;
}

/** What was named and is not named any more, in a sentence each. */
export function forgottenBlocks(computer: Computer, named: ReadonlyMap<string, readonly number[]>): string[] {
  return [...named].flatMap(([staging, blocks]) => {
    const journal = findInode(computer, `${staging}/blocks`);
    const left = new Set(journal === undefined ? [] : slotsOf(journal));
    return blocks.filter((block) => !left.has(block)).map((block) => `block ${block} of ${staging}`);
  });
}

function slotsOf(journal: Inode): readonly number[] {
  const slots: number[] = [];
  for (let at = 0; (at + 1) * slotBytes <= journal.size; at += 1) {
    const slot = Buffer.from(journal.bytes.subarray(at * slotBytes, (at + 1) * slotBytes));
    if (slot.readUInt32LE(32) === crc32(slot.subarray(0, 32)) && slot.some((byte) => byte !== 0)) slots.push(at);
  }
  return slots;
}

function findInode({ files }: Computer, full: string): Inode | undefined {
  let at: Inode | undefined = files.root;
  for (const name of path.posix.normalize(full).split('/').filter(Boolean)) at = at?.entries.get(name);
  return at;
}

function read<T>(inode: Inode): T | undefined {
  try {
    return JSON.parse(Buffer.from(inode.bytes).toString()) as T;
  } catch {
    return undefined;
  }
}
