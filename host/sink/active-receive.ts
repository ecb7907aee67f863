// A transfer that is being received: its staging folder is open, blocks come in, and room is looked after.

import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/model/clock.ts';
import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import {
  blockLength,
  blocksPerFile,
  type Layout,
  layOut,
  selectedIndexes,
  spansOf,
} from '../../shared/model/layout.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import { OneAtATime } from '../../shared/model/one-at-a-time.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { blockBytes, roomCheckEveryBlocks } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { onDisk, toDiskFault } from '../disk/disk-fault.ts';
import { diskFull, freeBytes } from './destination.ts';
import { type EarlyCreation, openEarlyCreation } from './early-creation.ts';
import { type FileCreator, openFileCreator } from './file-creator.ts';
import { removePending } from './pending-files.ts';
import { hasBegunPublishing, nothingPlaced, openPublishLog, type Placed } from './publish-log.ts';
import { publishedFiles, returnParts } from './published-files.ts';
import type { QuarantineMarks } from './quarantine-marks.ts';
import type { ReceiveFolders } from './receive-folders.ts';
import { failedOf, type KeptReceive } from './receive-record.ts';
import { settlePublishLog } from './settle-publish-log.ts';
import { nothingPublished, openStaging, type PublishedFiles, type Staging } from './staging.ts';

export type ActiveReceive = {
  readonly folders: ReceiveFolders;
  /** Aborted when nobody waits any more: publishing then makes no pauses to try again. */
  readonly leaving: AbortController;
  readonly record: KeptReceive;
  readonly entries: readonly ManifestEntry[];
  readonly planned: readonly PlannedEntry[];
  readonly layout: Layout;
  readonly staging: Staging;
  readonly creator: FileCreator;
  readonly early: EarlyCreation;
  readonly placed: Placed;
  readonly hashes: Map<number, Uint8Array>;
  /** By block. */
  readonly writes: OneAtATime;
  readonly failed: Map<number, FaultCode>;
  /** Blocks still missing per file with bytes. */
  readonly missing: Map<number, number>;
  filesDone: number;
  sinceRoomCheck: number;
  /** Its disk went away, and what is open of it may lead nowhere any more. */
  isAway: boolean;
  closing: Promise<void> | undefined;
};

export type OpenWith = {
  readonly folders: ReceiveFolders;
  readonly entries: readonly ManifestEntry[];
  readonly planned: readonly PlannedEntry[];
  /** Of the same transfer before its disk went away: what was held then, and what failed. The latter may grow meanwhile. */
  readonly before?: Pick<ActiveReceive, 'hashes' | 'failed'>;
};

/** Test hooks: a disk smaller or slower than it is. */
export type DiskLimits = { readonly freeBytesCap?: number; readonly writeDelayMs?: number };

export type ReceiveTools = {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly keepExecutable: () => boolean;
  readonly marks: QuarantineMarks;
};

export type ReceivedBlock = {
  readonly block: number;
  /** End to end they are the block. */
  readonly parts: readonly Uint8Array[];
  readonly hash: Uint8Array;
};

export async function openActive(record: KeptReceive, what: OpenWith, tools: ReceiveTools): Promise<ActiveReceive> {
  const layout = layOut(what.entries, record.selection);
  const staging = await onDisk(() => openStaging(tools.disk, what.folders.staging, layout, tools.clock));
  try {
    return await openIn({ staging, layout }, record, { ...what, ...tools });
  } catch (error) {
    // It may be tried again and again: nothing of it stays open.
    await staging.close();
    throw error;
  }
}

async function openIn(
  { staging, layout }: Pick<ActiveReceive, 'staging' | 'layout'>,
  record: KeptReceive,
  { folders, entries, planned, before, disk, keepExecutable, marks }: OpenWith & ReceiveTools,
): Promise<ActiveReceive> {
  const hasBegun = await onDisk(() => hasBegunPublishing(disk, folders.staging));
  const published = hasBegun
    ? await onDisk(() => settlePublished(disk, record, { folders, entries, planned, staging }))
    : nothingPublished;
  // Created by an earlier run and not proven by this one.
  await onDisk(() => removePending(disk, folders.staging));
  const hashes = await onDisk(() => staging.proveHeld(published, before?.hashes));
  const creator = openFileCreator(disk);
  const early = openEarlyCreation({
    disk,
    staging,
    creator,
    entries,
    planned,
    destination: folders.destination,
    conflict: record.conflict,
    keepExecutable: keepExecutable(),
    marks,
    empty: emptyIn(record, entries),
    packed: layout.files.filter(({ index }) => staging.whereIs(index).packed).map(({ index }) => index),
  });
  if (hasBegun) await early.stop();
  const transfer: ActiveReceive = {
    folders,
    leaving: new AbortController(),
    record,
    entries,
    planned,
    layout,
    staging,
    hashes: new Map(hashes),
    writes: new OneAtATime(),
    failed: before?.failed ?? failedOf(record),
    missing: blocksPerFile(layout),
    creator,
    early,
    placed: nothingPlaced(),
    filesDone: 0,
    sinceRoomCheck: roomCheckEveryBlocks,
    isAway: false,
    closing: undefined,
  };
  for (const block of hashes.keys()) countBlock(transfer, block);
  return transfer;
}

/** Takes no more blocks, and ends what is under way. */
export function closeActive(transfer: ActiveReceive): Promise<void> {
  transfer.closing ??= closeNow(transfer);
  return transfer.closing;
}

async function closeNow({ folders, staging, early, creator }: ActiveReceive): Promise<void> {
  await Promise.all([staging.close(), early.stop()]);
  await creator.close();
  await folders.close();
}

/** Anything that is done on the disk of a transfer. Finds out when that disk has gone away, whatever it is called then. */
export async function onItsDisk<T>(transfer: ActiveReceive, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = toDiskFault(error);
    // A drive that was pulled out answers with errors until the system has taken its folder away.
    const isGone = code === 'disk-gone' || (code === 'disk-error' && (await isDestinationGone(transfer)));
    if (isGone) transfer.isAway = true;
    // It was closed under this call, to be opened anew.
    if (isGone || (transfer.isAway && code === 'transfer-unknown')) {
      throw new Fault('disk-gone', 'the disk is away', { cause: error });
    }
    throw error;
  }
}

function isDestinationGone({ folders }: ActiveReceive): Promise<boolean> {
  return folders.requireDestination().then(
    () => false,
    () => true,
  );
}

export type WrittenBlock = {
  /** The files that are whole by then. */
  readonly filesDone: number;
  /** The same block had been written before: this one was not looked at. */
  readonly wasHeld: boolean;
};

/**
 * Resolves once the block is proven and written. One block is written once at a time: a sender
 * may send it twice with other bytes, and what is on the disk has to be what its hash is remembered of.
 */
export function writeBlock(
  transfer: ActiveReceive,
  received: ReceivedBlock,
  limits: DiskLimits & { readonly disk: Disk },
): Promise<WrittenBlock> {
  return transfer.writes.run(received.block, () => writeAlone(transfer, received, limits));
}

async function writeAlone(
  transfer: ActiveReceive,
  { block, parts, hash }: ReceivedBlock,
  limits: DiskLimits & { readonly disk: Disk },
): Promise<WrittenBlock> {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (block >= transfer.layout.blocks || length !== blockLength(transfer.layout, block)) {
    throw new Fault('transfer-refused', 'not a block of this transfer');
  }
  if (hash.byteLength !== 32) throw new Fault('transfer-refused', 'not a hash');
  if (transfer.hashes.has(block)) return { filesDone: transfer.filesDone, wasHeld: true };
  if (!isProven(parts, hash)) throw new Fault('block-damaged', 'not what its hash says');
  await checkRoom(transfer, limits);
  if (limits.writeDelayMs !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, limits.writeDelayMs));
  }
  const kept = Uint8Array.prototype.slice.call(hash);
  await onDisk(() => transfer.staging.write(block, parts, kept));
  if (!transfer.hashes.has(block)) {
    transfer.hashes.set(block, kept);
    countBlock(transfer, block);
    prepareForPublishing(transfer);
    await transfer.early.caughtUp();
  }
  return { filesDone: transfer.filesDone, wasHeld: false };
}

/**
 * What publishing waits for begins before: the thread that makes files takes a while to start, and the last blocks are synced while
 * the two sides tell each other that they were the last. Publishing syncs again what could not be synced here.
 */
function prepareForPublishing({ hashes, layout, creator, staging, closing }: ActiveReceive): void {
  // Then its parts are closed, and a sync would open them anew.
  if (closing !== undefined) return;
  creator.start();
  if (hashes.size === layout.blocks) void staging.flush().catch(() => undefined);
}

function isProven(parts: readonly Uint8Array[], hash: Uint8Array): boolean {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest().equals(hash);
}

export async function roomFor(
  { layout, hashes, folders }: ActiveReceive,
  { disk, freeBytesCap }: DiskLimits & { readonly disk: Disk },
): Promise<{ neededBytes: number; freeBytes: number }> {
  const left = layout.totalBytes - hashes.size * blockBytes;
  return {
    neededBytes: Math.max(0, left),
    freeBytes: await freeBytes(disk, folders.destination, freeBytesCap),
  };
}

async function checkRoom(transfer: ActiveReceive, limits: DiskLimits & { readonly disk: Disk }): Promise<void> {
  transfer.sinceRoomCheck += 1;
  if (transfer.sinceRoomCheck < roomCheckEveryBlocks) return;
  transfer.sinceRoomCheck = 0;
  await transfer.folders.requireDestination();
  const { neededBytes, freeBytes: free } = await roomFor(transfer, limits);
  transfer.early.allow(free - neededBytes);
  if (neededBytes > free) {
    transfer.sinceRoomCheck = roomCheckEveryBlocks;
    throw diskFull(neededBytes, free);
  }
}

/** Which names an interrupted publishing had taken; the rest goes back to where it arrived. */
async function settlePublished(
  disk: Disk,
  { destination }: KeptReceive,
  { folders, entries, planned, staging }: OpenWith & { readonly staging: Staging },
): Promise<PublishedFiles> {
  const interrupted = { disk, planned, destination, folders };
  const log = await openPublishLog(disk, folders.staging);
  try {
    await settlePublishLog(interrupted, log);
    const published = publishedFiles(interrupted, log.notes, entries);
    await returnParts(disk, staging, { planned, published });
    return published;
  } finally {
    await log.close();
  }
}

function emptyIn({ selection }: KeptReceive, entries: readonly ManifestEntry[]): number[] {
  const empty: number[] = [];
  for (const index of selectedIndexes(selection, entries.length)) {
    const entry = entries[index];
    if (entry?.kind === 'file' && entry.size === 0) empty.push(index);
  }
  return empty;
}

function countBlock(transfer: ActiveReceive, block: number): void {
  const whole: number[] = [];
  for (const { index } of spansOf(transfer.layout, block)) {
    const left = (transfer.missing.get(index) ?? 1) - 1;
    transfer.missing.set(index, left);
    if (left === 0) whole.push(index);
  }
  transfer.filesDone += whole.length;
  transfer.early.whole(whole);
}
