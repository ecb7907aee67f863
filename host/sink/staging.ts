// The staging folder of one incoming transfer, on the destination's own disk. Flat numbered parts, small files packed in
// one, and `blocks`: a slot per block with its hash, written only after the block's bytes were synced.
// Slot layout: SHA-256 (32 bytes), CRC-32 of those (4 bytes). A slot of zeros means "not held".

import { createHash } from 'node:crypto';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { Fault } from '../../shared/model/fault.ts';
import { blockLength, type Layout, type Span, spansOf } from '../../shared/model/layout.ts';
import { journalEveryBlocks, journalEveryMs, openPartsMax, packedFileMaxBytes } from '../../shared/wire/limits.ts';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { errnoOf, toDiskFault } from '../disk/disk-fault.ts';

const slotBytes = 36;
const packName = 'small.pack';

export interface Staging {
  readonly folder: string;
  /** Where the small files lie end to end. */
  readonly packFile: string;
  /** Where a file's bytes are: a part of its own, or a stretch of the pack. */
  whereIs(index: number): { readonly part: string; readonly offset: number; readonly packed: boolean };
  /** `parts` end to end are the block. */
  write(block: number, parts: readonly Uint8Array[], hash: Uint8Array): Promise<void>;
  /** What the journal says is held, taken at its word. */
  claimed(): Promise<ReadonlyMap<number, Uint8Array>>;
  /** Reads every block the journal claims and keeps those whose hash is right. */
  proveHeld(): Promise<ReadonlyMap<number, Uint8Array>>;
  /** Syncs data, then the journal. */
  flush(): Promise<void>;
  /** Ends writes under way, syncs what is proven, and takes no more. */
  close(): Promise<void>;
}

/** In a folder that exists and is the transfer's own. */
export async function openStaging(disk: Disk, folder: string, layout: Layout): Promise<Staging> {
  const slots = await openOrCreate(disk, path.join(folder, 'blocks'));
  const parts = openParts(disk, folder, layout);
  const unsynced = new Map<number, Uint8Array>();
  const writing = new Set<Promise<void>>();
  let lastFlushAt = performance.now();
  let flushing: Promise<void> = Promise.resolve();
  let closed = false;

  function flush(): Promise<void> {
    flushing = flushing.then(async () => {
      if (unsynced.size === 0) return;
      const batch = [...unsynced];
      await parts.sync();
      for (const [block, hash] of batch) {
        await slots.write(slotOf(hash), block * slotBytes);
        if (unsynced.get(block) === hash) unsynced.delete(block);
      }
      await slots.syncData();
      lastFlushAt = performance.now();
    });
    return flushing;
  }

  async function claimed(): Promise<Map<number, Uint8Array>> {
    const held = new Map<number, Uint8Array>();
    const slot = new Uint8Array(slotBytes);
    for (let block = 0; block < layout.blocks; block += 1) {
      const count = await slots.read(slot, block * slotBytes);
      const hash = count === slotBytes ? hashIn(slot) : undefined;
      if (hash !== undefined) held.set(block, hash);
    }
    return held;
  }

  return {
    folder,
    packFile: path.join(folder, packName),
    whereIs: parts.whereIs,
    flush,
    async write(block, received, hash) {
      if (closed) throw new Fault('transfer-unknown', 'this transfer was put away');
      const write = parts.write(spansOf(layout, block), received);
      writing.add(write);
      try {
        await write;
      } finally {
        writing.delete(write);
      }
      unsynced.set(block, hash);
      if (unsynced.size >= journalEveryBlocks || performance.now() - lastFlushAt > journalEveryMs) {
        lastFlushAt = performance.now();
        void flush().catch(() => undefined);
      }
    },
    claimed,
    async proveHeld() {
      const held = new Map<number, Uint8Array>();
      for (const [block, hash] of await claimed()) {
        const bytes = await parts.read(spansOf(layout, block), blockLength(layout, block));
        if (bytes !== undefined && createHash('sha256').update(bytes).digest().equals(hash)) held.set(block, hash);
      }
      return held;
    },
    async close() {
      // A write that comes after would open its part anew, in a folder that is perhaps being removed.
      closed = true;
      await Promise.allSettled(writing);
      await flush().catch(() => undefined);
      await parts.close();
      await slots.close().catch(() => undefined);
    },
  };
}

/** How many blocks an earlier run says it holds, without proving it: for a list, not for trust. */
export async function countClaimed(disk: Disk, folder: string, blocks: number): Promise<number> {
  const handle = await disk.open(path.join(folder, 'blocks'), 'read').catch(() => undefined);
  if (handle === undefined) return 0;
  try {
    const slots = Buffer.alloc(blocks * slotBytes);
    const count = await handle.read(slots, 0);
    let claimed = 0;
    for (let at = 0; at + slotBytes <= count; at += slotBytes) {
      if (hashIn(slots.subarray(at, at + slotBytes)) !== undefined) claimed += 1;
    }
    return claimed;
  } finally {
    await handle.close();
  }
}

function slotOf(hash: Uint8Array): Buffer {
  const slot = Buffer.alloc(slotBytes);
  slot.set(hash);
  slot.writeUInt32LE(crc32(hash), 32);
  return slot;
}

function hashIn(slot: Uint8Array): Uint8Array | undefined {
  const hash = Uint8Array.prototype.slice.call(slot, 0, 32);
  if (hash.every((byte) => byte === 0)) return undefined;
  return Buffer.from(slot).readUInt32LE(32) === crc32(hash) ? hash : undefined;
}

type Parts = {
  whereIs: Staging['whereIs'];
  write(spans: readonly Span[], received: readonly Uint8Array[]): Promise<void>;
  read(spans: readonly Span[], length: number): Promise<Uint8Array | undefined>;
  sync(): Promise<void>;
  close(): Promise<void>;
};

function openParts(disk: Disk, folder: string, layout: Layout): Parts {
  const pack = path.join(folder, packName);
  const places = new Map<number, { part: string; offset: number; packed: boolean }>();
  let packedBytes = 0;
  for (const { index, size } of layout.files) {
    if (size < packedFileMaxBytes) {
      places.set(index, { part: pack, offset: packedBytes, packed: true });
      packedBytes += size;
    } else places.set(index, { part: path.join(folder, `${index}.part`), offset: 0, packed: false });
  }
  const handles = new Map<string, Promise<DiskFile>>();
  const dirty = new Set<string>();

  const whereIs = (index: number) => places.get(index) ?? { part: pack, offset: 0, packed: true };

  async function handleOf(part: string): Promise<DiskFile> {
    let opening = handles.get(part);
    if (opening !== undefined) handles.delete(part);
    else opening = openOrCreate(disk, part);
    handles.set(part, opening);
    if (handles.size > openPartsMax) await letOldestGo();
    return opening;
  }

  async function letOldestGo(): Promise<void> {
    const oldest = handles.entries().next().value;
    if (oldest === undefined) return;
    handles.delete(oldest[0]);
    const handle = await oldest[1];
    if (dirty.delete(oldest[0])) await handle.syncData();
    await handle.close();
  }

  return {
    whereIs,
    async write(spans, received) {
      try {
        await Promise.all(
          joined(spans, whereIs).map(async ({ part, offset, blockOffset, length }) => {
            const handle = await handleOf(part);
            dirty.add(part);
            for (let done = 0; done < length; ) {
              const left = stretchOf(received, blockOffset + done, length - done);
              done += await handle.writeParts(left, offset + done);
            }
          }),
        );
      } catch (error) {
        throw toDiskFault(error);
      }
    },
    async read(spans, length) {
      const bytes = new Uint8Array(length);
      for (const { part, offset, blockOffset, length: wanted } of joined(spans, whereIs)) {
        const handle = await handleOf(part);
        const count = await handle.read(bytes.subarray(blockOffset, blockOffset + wanted), offset);
        if (count < wanted) return undefined;
      }
      return bytes;
    },
    async sync() {
      const batch = [...dirty];
      dirty.clear();
      await Promise.all(batch.map(async (part) => (await handleOf(part)).syncData()));
    },
    async close() {
      const open = [...handles.values()];
      handles.clear();
      await Promise.all(open.map((opening) => opening.then((handle) => handle.close()).catch(() => undefined)));
    },
  };
}

/** `length` bytes from `from` on of what the parts are end to end, uncopied. */
function stretchOf(parts: readonly Uint8Array[], from: number, length: number): Uint8Array[] {
  const stretch: Uint8Array[] = [];
  let at = 0;
  for (const part of parts) {
    const begin = Math.max(from - at, 0);
    const end = Math.min(from + length - at, part.byteLength);
    if (begin < end) stretch.push(part.subarray(begin, end));
    at += part.byteLength;
  }
  return stretch;
}

async function openOrCreate(disk: Disk, file: string): Promise<DiskFile> {
  try {
    return await disk.open(file, 'update');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return disk.open(file, 'create');
  }
}

/** Neighbours in the pack become one write. */
function joined(
  spans: readonly Span[],
  whereIs: Staging['whereIs'],
): { part: string; offset: number; blockOffset: number; length: number }[] {
  const runs: { part: string; offset: number; blockOffset: number; length: number }[] = [];
  for (const span of spans) {
    const { part, offset: base } = whereIs(span.index);
    const offset = base + span.fileOffset;
    const last = runs.at(-1);
    if (
      last?.part === part &&
      last.offset + last.length === offset &&
      last.blockOffset + last.length === span.blockOffset
    ) {
      last.length += span.length;
    } else runs.push({ part, offset, blockOffset: span.blockOffset, length: span.length });
  }
  return runs;
}
