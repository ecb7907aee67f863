// The staging folder of one incoming transfer, on the destination's own disk. Promises: the journal names a block only once
// its bytes are on the disk; what the disk refused to keep is written again or not counted; a journal that cannot be
// written is tried again with the next block, and that block fails with the disk's word.

import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/model/clock.ts';
import { Fault } from '../../shared/model/fault.ts';
import { blockLength, type Layout, type Span, spansOf } from '../../shared/model/layout.ts';
import { journalEveryBlocks, journalEveryMs } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { onDisk } from '../disk/disk-fault.ts';
import { notHeld, openBlockJournal } from './block-journal.ts';
import { openPartFiles, type PartPlace } from './part-files.ts';

export interface Staging {
  readonly folder: string;
  /** Where the small files lie end to end. */
  readonly packFile: string;
  /** Where a file's bytes are: a part of its own, or a stretch of the pack. */
  whereIs(index: number): PartPlace;
  /** `parts` end to end are the block. */
  write(block: number, parts: readonly Uint8Array[], hash: Uint8Array): Promise<void>;
  /**
   * Reads every block the journal claims and keeps those whose hash is right. `unjournaled` were written through another
   * handle, and nobody knows whether they were synced: those that are there are written again.
   */
  proveHeld(published: PublishedFiles, unjournaled?: ReadonlyMap<number, Uint8Array>): Promise<Map<number, Uint8Array>>;
  /** Syncs data, then the journal. Throws when either failed. */
  flush(): Promise<void>;
  /** Ends writes under way, syncs what is proven, and takes no more. */
  close(): Promise<void>;
}

/** Files that an earlier run has published: their bytes are no longer needed here, and only their neighbours' are proven. */
export interface PublishedFiles {
  has(index: number): boolean;
  /** A stretch of it as it lies under its final name. Nothing when its owner moved it or wrote into it, or it cannot be read. */
  read(index: number, offset: number, length: number): Promise<Uint8Array | undefined>;
}

export const nothingPublished: PublishedFiles = { has: () => false, read: async () => undefined };

/** In a folder that exists and is the transfer's own. */
export async function openStaging(
  disk: Disk,
  folder: string,
  layout: Layout,
  clock: Pick<Clock, 'after'>,
): Promise<Staging> {
  const journal = await openBlockJournal(disk, folder);
  const parts = openPartFiles(disk, folder, layout);
  const unsynced = new Map<number, Uint8Array>();
  const writing = new Set<Promise<void>>();
  /** Blocks that were written since a flush was last asked for: while one is under way, not every block asks for another. */
  let sinceFlush = 0;
  /** Also where no further block comes: a pause may be long. */
  let cancelFlush: (() => void) | undefined;
  let flushing: Promise<void> = Promise.resolve();
  let hasFailed = false;
  let closed = false;

  /** A write that comes after the end would open its part anew, in a folder that is perhaps being removed. */
  function refuseClosed(): void {
    if (closed) throw new Fault('transfer-unknown', 'this transfer was put away');
  }

  function flush(): Promise<void> {
    flushing = flushing
      .catch(() => undefined)
      .then(() => onDisk(flushNow))
      .then(
        () => {
          hasFailed = false;
        },
        (error: unknown) => {
          hasFailed = true;
          throw error;
        },
      );
    return flushing;
  }

  function flushBehind(): void {
    cancelFlush?.();
    cancelFlush = undefined;
    sinceFlush = 0;
    // Should it fail, the next block tries it again and says so.
    void flush().catch(() => undefined);
  }

  async function flushNow(): Promise<void> {
    if (unsynced.size === 0) return;
    await writeDoubtfulAgain();
    const batch = [...unsynced];
    await parts.sync();
    await journal.write(batch);
    for (const [block, hash] of batch) if (unsynced.get(block) === hash) unsynced.delete(block);
  }

  /** What a failed sync may have lost is still in the system's memory, or it is lost: its hash tells. */
  async function writeDoubtfulAgain(): Promise<void> {
    // As of now: of a sync that fails later, who knows whether the writes are waited for here.
    const doubtful = parts.doubtful();
    if (doubtful.size === 0) return;
    // What was written of a block whose other bytes are still on their way may be lost as well.
    await Promise.allSettled(writing);
    // Before anything is written: a sync may fail once more meanwhile.
    parts.trust(doubtful);
    try {
      for (const [block, hash] of unsynced) {
        const spans = spansOf(layout, block);
        if (!spans.some(({ index }) => doubtful.has(parts.whereIs(index).part))) continue;
        if (!(await writeAgain(block, hash))) throw new Fault('disk-error', 'the disk lost what was written');
      }
    } catch (error) {
      parts.distrust(doubtful);
      throw error;
    }
  }

  /** False where it is not there any more. */
  async function writeAgain(block: number, hash: Uint8Array): Promise<boolean> {
    const spans = spansOf(layout, block);
    const bytes = await parts.read(spans, blockLength(layout, block));
    if (bytes === undefined || !isHash(bytes, hash)) return false;
    await parts.write(spans, [bytes]);
    return true;
  }

  /** What of this block is in a file that has its name, and nowhere else: its owner may change it. */
  function spansOfOwner(block: number, published: PublishedFiles): Span[] {
    return spansOf(layout, block).filter(({ index }) => published.has(index) && !parts.whereIs(index).packed);
  }

  async function isProven(block: number, hash: Uint8Array, published: PublishedFiles): Promise<boolean> {
    const spans = spansOf(layout, block);
    if (spans.every(({ index }) => published.has(index))) return true;
    const ofOwner = spansOfOwner(block, published);
    const here = spans.filter(({ index }) => ofOwner.every((other) => other.index !== index));
    const bytes = await parts.read(here, blockLength(layout, block));
    if (bytes === undefined) return false;
    for (const { blockOffset, fileOffset, index, length } of ofOwner) {
      const piece = await published.read(index, fileOffset, length);
      // Nobody can hash the block any more: it was compared, and synced, before that one was published.
      if (piece === undefined) return true;
      bytes.set(piece, blockOffset);
    }
    return isHash(bytes, hash);
  }

  return {
    folder,
    packFile: parts.pack,
    whereIs: parts.whereIs,
    flush,
    async write(block, received, hash) {
      refuseClosed();
      if (hasFailed) await flush();
      refuseClosed();
      const write = parts.write(spansOf(layout, block), received).then(() => {
        unsynced.set(block, hash);
      });
      writing.add(write);
      try {
        await write;
      } finally {
        writing.delete(write);
      }
      if (closed) return;
      sinceFlush += 1;
      if (sinceFlush >= journalEveryBlocks) flushBehind();
      else cancelFlush ??= clock.after(journalEveryMs, flushBehind);
    },
    async proveHeld(published, unjournaled = new Map()) {
      const held = new Map<number, Uint8Array>();
      const disproved: [number, Uint8Array][] = [];
      for (const [block, hash] of await journal.claimed(layout.blocks)) {
        if (await isProven(block, hash, published)) held.set(block, hash);
        else if (spansOfOwner(block, published).length > 0) disproved.push([block, notHeld]);
      }
      // A part that is made anew has zeros where a block is still on its way, and such a block may be counted without its hash at the next start.
      if (disproved.length > 0) await journal.write(disproved);
      for (const [block, hash] of unjournaled) {
        if (held.has(block) || !(await writeAgain(block, hash))) continue;
        held.set(block, hash);
        unsynced.set(block, hash);
      }
      return held;
    },
    async close() {
      closed = true;
      cancelFlush?.();
      await Promise.allSettled(writing);
      await flush().catch(() => undefined);
      await parts.close();
      await journal.close().catch(() => undefined);
    },
  };
}

function isHash(bytes: Uint8Array, hash: Uint8Array): boolean {
  return createHash('sha256').update(bytes).digest().equals(hash);
}
