// Reads blocks of the selected stream. A file that changed, vanished or cannot be read is zeros from then on and named once;
// the others go on. The next blocks are read ahead, so that the disk and the network work at the same time.

import { atOnce, openTurns } from '../../shared/model/at-once.ts';
import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import { blockLength, type Layout, type Span, spansOf } from '../../shared/model/layout.ts';
import {
  readAheadBlocks,
  smallReadMaxBytes,
  smallReadsFrom,
  smallReadThreads,
  sourceHandlesMax,
  sourceReadsAtOnce,
} from '../../shared/wire/limits.ts';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-fault.ts';
import { readSmallFiles } from './small-file-reader.ts';
import { isUnchanged, type Snapshot } from './walk.ts';

const openTries = 4;

export type BlockRead = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Nothing in it stands for a file that failed, now or earlier. */
  readonly isWhole: boolean;
  readonly faults: readonly { readonly index: number; readonly code: FaultCode }[];
};

type ReadBytes = Omit<BlockRead, 'faults'>;

/** Memory of this length, with any content. */
export type TakeMemory = (length: number) => Uint8Array<ArrayBuffer>;

export interface BlockReader {
  /** What was read ahead for another call lies in the memory of that one. */
  read(block: number, take: TakeMemory): Promise<BlockRead>;
  /** Once what was asked for is read. */
  close(): Promise<void>;
}

class SourceTrouble extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode) {
    super(code);
    this.code = code;
  }
}

export function openBlockReader(
  disk: Disk,
  layout: Layout,
  snapshotFor: (index: number) => Snapshot | null | undefined,
): BlockReader {
  const failed = new Map<number, FaultCode>();
  /** Of the failed ones. What was read ahead may never be asked for, so a file is named with a block that is. */
  const named = new Set<number>();
  const ahead = new Map<number, Promise<ReadBytes>>();
  /** Nothing before it is read ahead: it was asked for already, perhaps a little out of turn. */
  let unread = 0;
  const handles = new Map<number, Promise<DiskFile>>();
  /** Of a network share that came back: they answer nothing any more, and others may still be asking them. */
  const stale = new Set<DiskFile>();
  /** Files that are being read through their handle, how often. */
  const busy = new Map<number, number>();
  const threads = disk.threads(readSmallFiles, smallReadThreads);
  const inTurn = openTurns(sourceReadsAtOnce);
  /** Also those that nobody waits for any more. */
  const reading = new Set<Promise<unknown>>();
  let isClosed = false;

  function readBlock(block: number, take: TakeMemory): Promise<ReadBytes> {
    const started = readNow(block, take);
    const over: Promise<unknown> = started.then(
      () => reading.delete(over),
      () => reading.delete(over),
    );
    reading.add(over);
    return started;
  }

  async function readNow(block: number, take: TakeMemory): Promise<ReadBytes> {
    const whole = spansOf(layout, block);
    const all = whole.filter(({ index }) => !failed.has(index));
    const small = all.filter(isSmallAndWhole);
    const fail = (index: number, code: FaultCode) => {
      if (!failed.has(index)) failed.set(index, code);
    };
    // Without the thread they are read like the others.
    const together =
      small.length < smallReadsFrom ? undefined : await readTogether(block, small, fail).catch(() => undefined);
    const spans = together === undefined ? all : all.filter((span) => !isSmallAndWhole(span));
    const bytes = together ?? take(blockLength(layout, block));
    // What every byte of is read into needs no zeros before.
    if (together === undefined && all.length < whole.length) bytes.fill(0);
    await atOnce(sourceReadsAtOnce, spans, async (span) => {
      const { index, blockOffset, length } = span;
      try {
        await inTurn(() => readSpan(span, bytes.subarray(blockOffset, blockOffset + length)));
      } catch (error) {
        if (isTooManyOpen(error)) throw new Fault('source-too-many-open', 'no more files can be opened');
        bytes.fill(0, blockOffset, blockOffset + length);
        fail(index, troubleOf(error));
      }
    });
    return { bytes, isWhole: whole.every(({ index }) => !failed.has(index)) };
  }

  /** Of this block, those that failed and were not named yet. */
  function nameFailed(block: number): BlockRead['faults'] {
    const faults = spansOf(layout, block).flatMap(({ index }) => {
      const code = named.has(index) ? undefined : failed.get(index);
      return code === undefined ? [] : [{ index, code }];
    });
    for (const { index } of faults) named.add(index);
    return faults;
  }

  /** Many small files at once, in a thread that does nothing else. */
  async function readTogether(
    block: number,
    spans: readonly Span[],
    fail: (index: number, code: FaultCode) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const files = spans.map(({ index, blockOffset }) => ({ snapshot: snapshotFor(index)!, blockOffset }));
    const { bytes, troubles } = await threads.do({ blockBytes: blockLength(layout, block), files });
    // Without as many handles they are read like the others.
    if (troubles.some(([, code]) => isTooManyOpen({ code }))) throw new Error('too many open');
    for (const [at, code] of troubles) fail(spans[at]!.index, troubleOf({ code }));
    return bytes;
  }

  function isSmallAndWhole({ index, length }: Span): boolean {
    return length <= smallReadMaxBytes && snapshotFor(index)?.size === length;
  }

  async function readSpan(span: Span, into: Uint8Array): Promise<void> {
    const snapshot = snapshotFor(span.index);
    if (snapshot === null || snapshot === undefined) throw new SourceTrouble('source-missing');
    const isWhole = span.length === snapshot.size;
    if (!isWhole) return readThrough(span, snapshot, into);
    const handle = await openSoon(snapshot);
    try {
      await readAll(handle, span, snapshot, into);
    } finally {
      await handle.close();
    }
  }

  async function readThrough(span: Span, snapshot: Snapshot, into: Uint8Array): Promise<void> {
    const { index } = span;
    busy.set(index, (busy.get(index) ?? 0) + 1);
    try {
      const handle = await handleOf(index, snapshot);
      try {
        await readAll(handle, span, snapshot, into);
      } catch (error) {
        if (errnoOf(error) !== 'ESTALE') throw error;
        await forgetStale(index, handle);
        await readAll(await handleOf(index, snapshot), span, snapshot, into);
      }
    } finally {
      const others = busy.get(index)! - 1;
      if (others > 0) busy.set(index, others);
      else busy.delete(index);
    }
  }

  async function handleOf(index: number, snapshot: Snapshot): Promise<DiskFile> {
    let opening = handles.get(index);
    if (opening !== undefined) handles.delete(index);
    else opening = openSoon(snapshot);
    handles.set(index, opening);
    // What could not be opened now may be opened later. Said first: it may fail while another one is closed.
    opening.catch(() => handles.get(index) === opening && handles.delete(index));
    if (handles.size > sourceHandlesMax) await closeOldest();
    return opening;
  }

  async function forgetStale(index: number, handle: DiskFile): Promise<void> {
    stale.add(handle);
    const opening = handles.get(index);
    const current = await opening?.catch(() => undefined);
    if (current === handle && handles.get(index) === opening) handles.delete(index);
  }

  async function closeOldest(): Promise<void> {
    const oldest = [...handles].find(([index]) => !busy.has(index));
    if (oldest === undefined) return;
    handles.delete(oldest[0]);
    await oldest[1].then((handle) => handle.close()).catch(() => undefined);
  }

  /** Where the system has too many files open, those that are only kept at hand make room. */
  async function openSoon(snapshot: Snapshot): Promise<DiskFile> {
    for (let left = openTries; ; left -= 1) {
      try {
        return await openChecked(disk, snapshot);
      } catch (error) {
        if (!isTooManyOpen(error) || left === 1) throw error;
        await closeOldest();
      }
    }
  }

  function readAhead(from: number, take: TakeMemory): void {
    for (let block = Math.max(from, unread); block < Math.min(from + readAheadBlocks, layout.blocks); block += 1) {
      const reading = readBlock(block, take);
      // It is read once more when it is asked for.
      reading.catch(() => ahead.get(block) === reading && ahead.delete(block));
      ahead.set(block, reading);
      unread = block + 1;
    }
    for (const block of ahead.keys())
      if (block < from - readAheadBlocks || block > from + readAheadBlocks) ahead.delete(block);
  }

  return {
    async read(block, take) {
      if (isClosed) throw new Fault('transfer-unknown', 'this transfer was put away');
      const started = ahead.get(block) ?? readBlock(block, take);
      ahead.delete(block);
      unread = Math.max(unread, block + 1);
      readAhead(block + 1, take);
      const read = await started;
      return { ...read, faults: nameFailed(block) };
    },
    async close() {
      isClosed = true;
      // What they open after that, nobody would close.
      await Promise.all(reading);
      ahead.clear();
      await threads.close();
      const open = [...handles.values(), ...[...stale].map((handle) => Promise.resolve(handle))];
      handles.clear();
      stale.clear();
      await Promise.all(
        open.map((opening) => opening.then((handle) => inTurn(() => handle.close())).catch(() => undefined)),
      );
    },
  };
}

async function readAll(handle: DiskFile, span: Span, snapshot: Snapshot, into: Uint8Array): Promise<void> {
  for (let done = 0; done < span.length; ) {
    const count = await handle.read(into.subarray(done), span.fileOffset + done);
    if (count === 0) throw new SourceTrouble('source-changed');
    done += count;
  }
  // Whatever was read before a change was found unchanged then, and whatever is read after it is not.
  await refuseChanged(handle, snapshot);
}

export async function openChecked(disk: Disk, snapshot: Snapshot): Promise<DiskFile> {
  const handle = await disk.open(snapshot.full, 'read');
  try {
    await refuseChanged(handle, snapshot);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export async function refuseChanged(handle: DiskFile, snapshot: Snapshot): Promise<void> {
  const facts = await handle.facts();
  if (facts.kind !== 'file') throw new SourceTrouble('source-not-a-file');
  if (!isUnchanged(snapshot, facts)) throw new SourceTrouble('source-changed');
}

function isTooManyOpen(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EMFILE' || errno === 'ENFILE';
}

function troubleOf(error: unknown): FaultCode {
  if (error instanceof SourceTrouble) return error.code;
  const errno = errnoOf(error);
  if (errno === 'source-changed' || errno === 'source-not-a-file') return errno;
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ESTALE') return 'source-missing';
  if (errno === 'ELOOP' || errno === 'EISDIR' || errno === 'ENXIO') return 'source-not-a-file';
  return 'source-unreadable';
}
