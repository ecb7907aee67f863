// The journal of an incoming transfer: the file `blocks` in its staging folder, with a slot per block that is held.
// Slot layout: SHA-256 of the block (32 bytes), CRC-32 of those (4 bytes). A slot of zeros means "not held".

import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { openOrCreate } from './part-files.ts';

const slotBytes = 36;
/** What stands in the place of a hash. */
export const notHeld = new Uint8Array(32);
/** Slots read at once. */
const pageSlots = 4096;

export interface BlockJournal {
  /** What it says is held, by the hash of each block. */
  claimed(blocks: number): Promise<Map<number, Uint8Array>>;
  /** Resolves when these slots are on the disk. */
  write(held: Iterable<readonly [block: number, hash: Uint8Array]>): Promise<void>;
  close(): Promise<void>;
}

export async function openBlockJournal(disk: Disk, folder: string): Promise<BlockJournal> {
  const file = await openOrCreate(disk, journalIn(folder));
  return {
    async claimed(blocks) {
      const held = new Map<number, Uint8Array>();
      for await (const page of pagesOf(file, blocks)) for (const [block, hash] of page) held.set(block, hash);
      return held;
    },
    async write(held) {
      for (const { first, slots } of runsOf(held)) await file.write(Buffer.concat(slots), first * slotBytes);
      await file.syncData();
    },
    close: () => file.close(),
  };
}

/** Neighbours are one write: most blocks come one after the other. */
function runsOf(held: Iterable<readonly [block: number, hash: Uint8Array]>): { first: number; slots: Buffer[] }[] {
  const runs: { first: number; slots: Buffer[] }[] = [];
  for (const [block, hash] of [...held].sort(([a], [b]) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.slots.length === block) last.slots.push(slotOf(hash));
    else runs.push({ first: block, slots: [slotOf(hash)] });
  }
  return runs;
}

/** How many blocks an earlier run says it holds, without proving it: for a list, not for trust. What cannot be read is not counted. */
export async function countClaimed(disk: Disk, folder: string, blocks: number): Promise<number> {
  const file = await disk.open(journalIn(folder), 'read').catch(() => undefined);
  if (file === undefined) return 0;
  let claimed = 0;
  try {
    for await (const page of pagesOf(file, blocks)) claimed += page.length;
  } catch {
    // The list is of all that are kept, and says more of each than this number.
  }
  await file.close();
  return claimed;
}

/** A page at a time, however long the transfer is. */
async function* pagesOf(file: DiskFile, blocks: number): AsyncGenerator<[block: number, hash: Uint8Array][]> {
  const page = Buffer.alloc(Math.min(blocks, pageSlots) * slotBytes);
  for (let first = 0; first < blocks; first += pageSlots) {
    const count = await file.read(page, first * slotBytes);
    const held: [number, Uint8Array][] = [];
    for (let at = 0; at + slotBytes <= count && first + at / slotBytes < blocks; at += slotBytes) {
      const hash = hashIn(page.subarray(at, at + slotBytes));
      if (hash !== undefined) held.push([first + at / slotBytes, hash]);
    }
    yield held;
  }
}

function journalIn(folder: string): string {
  return path.join(folder, 'blocks');
}

function slotOf(hash: Uint8Array): Buffer {
  const slot = Buffer.alloc(slotBytes);
  slot.set(hash);
  slot.writeUInt32LE(crc32(hash), 32);
  return slot;
}

function hashIn(slot: Buffer): Uint8Array | undefined {
  const hash = Uint8Array.prototype.slice.call(slot, 0, 32);
  if (hash.every((byte) => byte === 0)) return undefined;
  return slot.readUInt32LE(32) === crc32(hash) ? hash : undefined;
}
