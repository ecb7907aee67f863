// A transfer that is being received: its staging folder is open, blocks come in, and room is looked after.

import { createHash } from 'node:crypto';
import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import { blockLength, type Layout, layOut, selectedIndexes, spansOf } from '../../shared/model/layout.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { blockBytes, roomCheckEveryBlocks } from '../../shared/wire/limits.ts';
import { onDisk } from '../disk-fault.ts';
import type { ArrivalMarks } from './arrival-marks.ts';
import { removeAside } from './aside.ts';
import { freeBytes } from './destination.ts';
import { type EarlyFiles, openEarlyFiles } from './early-files.ts';
import { type FileMaker, openFileMaker } from './make-files.ts';
import { makeRealFolder } from './place.ts';
import { hasBegunPublishing } from './placing-log.ts';
import { failedOf, type KeptReceive } from './receive-record.ts';
import { openStaging, type Staging } from './staging.ts';

export type LiveReceive = {
  readonly record: KeptReceive;
  readonly entries: readonly ManifestEntry[];
  readonly planned: readonly PlannedEntry[];
  readonly layout: Layout;
  readonly staging: Staging;
  readonly maker: FileMaker;
  readonly early: EarlyFiles;
  readonly hashes: Map<number, Uint8Array>;
  readonly failed: Map<number, FaultCode>;
  /** Blocks still missing per file with bytes. */
  readonly missing: Map<number, number>;
  filesDone: number;
  sinceRoomCheck: number;
};

/** Test hooks: a disk smaller or slower than it is. */
export type DiskLimits = { readonly freeBytesCap?: number; readonly writeDelayMs?: number };

export type ReceivedBlock = {
  readonly block: number;
  /** End to end they are the block. */
  readonly parts: readonly Uint8Array[];
  readonly hash: Uint8Array;
};

export async function openLive(
  record: KeptReceive,
  entries: readonly ManifestEntry[],
  planned: readonly PlannedEntry[],
  { keepExecutable, marks }: { readonly keepExecutable: () => boolean; readonly marks: ArrivalMarks },
): Promise<LiveReceive> {
  const layout = layOut(entries, record.selection);
  await onDisk(() => makeRealFolder(record.staging, 0o700));
  const isOver = record.published !== undefined || (await hasBegunPublishing(record.staging));
  // Made by an earlier run and not proven by this one. Once publishing had begun, large files are among them.
  if (!isOver) await onDisk(() => removeAside(record.staging));
  const staging = await onDisk(() => openStaging(record.staging, layout));
  const hashes = await heldHashes(record, staging, layout);
  const maker = openFileMaker();
  const early = openEarlyFiles({
    staging,
    maker,
    entries,
    planned,
    destination: record.destination,
    conflict: record.conflict,
    keepExecutable: keepExecutable(),
    marks,
    empty: emptyIn(record, entries),
    packed: layout.files.filter(({ index }) => staging.whereIs(index).packed).map(({ index }) => index),
  });
  if (isOver) await early.stop();
  const transfer: LiveReceive = {
    record,
    entries,
    planned,
    layout,
    staging,
    hashes: new Map(hashes),
    failed: failedOf(record),
    missing: missingPerFile(layout),
    maker,
    early,
    filesDone: 0,
    sinceRoomCheck: roomCheckEveryBlocks,
  };
  for (const block of hashes.keys()) countBlock(transfer, block);
  return transfer;
}

/** Takes no more blocks, and ends what is under way. */
export async function closeLive({ staging, early, maker }: LiveReceive): Promise<void> {
  await Promise.all([staging.close(), early.stop()]);
  await maker.close();
}

/** Resolves once the block is proven and written, with the files that are whole by then. */
export async function writeBlock(
  transfer: LiveReceive,
  { block, parts, hash }: ReceivedBlock,
  limits: DiskLimits,
): Promise<number> {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (block >= transfer.layout.blocks || length !== blockLength(transfer.layout, block)) {
    throw new Fault('transfer-refused', 'not a block of this transfer');
  }
  if (hash.byteLength !== 32) throw new Fault('transfer-refused', 'not a hash');
  if (transfer.hashes.has(block)) return transfer.filesDone;
  if (!isProven(parts, hash)) throw new Fault('block-damaged', 'not what its hash says');
  await lookForRoom(transfer, limits);
  if (limits.writeDelayMs !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, limits.writeDelayMs));
  }
  const kept = Uint8Array.prototype.slice.call(hash);
  await onDisk(() => transfer.staging.write(block, parts, kept));
  if (!transfer.hashes.has(block)) {
    transfer.hashes.set(block, kept);
    countBlock(transfer, block);
    await transfer.early.caughtUp();
  }
  return transfer.filesDone;
}

function isProven(parts: readonly Uint8Array[], hash: Uint8Array): boolean {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest().equals(hash);
}

export async function roomFor(
  { layout, hashes, record }: LiveReceive,
  { freeBytesCap }: DiskLimits,
): Promise<{ neededBytes: number; freeBytes: number }> {
  const left = layout.totalBytes - hashes.size * blockBytes;
  return {
    neededBytes: Math.max(0, left),
    freeBytes: await freeBytes(record.destination, freeBytesCap),
  };
}

export async function refuseWithoutRoom(folder: string, bytes: number, { freeBytesCap }: DiskLimits): Promise<void> {
  const free = await freeBytes(folder, freeBytesCap);
  if (bytes > free) throw diskFull(bytes, free);
}

async function lookForRoom(transfer: LiveReceive, limits: DiskLimits): Promise<void> {
  transfer.sinceRoomCheck += 1;
  if (transfer.sinceRoomCheck < roomCheckEveryBlocks) return;
  transfer.sinceRoomCheck = 0;
  const { neededBytes, freeBytes: free } = await roomFor(transfer, limits);
  transfer.early.allow(free - neededBytes);
  if (neededBytes > free) {
    transfer.sinceRoomCheck = roomCheckEveryBlocks;
    throw diskFull(neededBytes, free);
  }
}

/**
 * What is held of a transfer that is opened. Everything was proven before publishing began; the parts may have moved
 * since, so the journal is taken at its word. Of what is published nothing is left here, and nothing is asked for again.
 */
async function heldHashes(
  { staging: folder, published }: KeptReceive,
  staging: Staging,
  layout: Layout,
): Promise<ReadonlyMap<number, Uint8Array>> {
  if (published !== undefined) {
    return new Map(Array.from({ length: layout.blocks }, (_, block) => [block, new Uint8Array()]));
  }
  if (!(await hasBegunPublishing(folder))) return staging.proveHeld();
  const held = await staging.claimed();
  return held.size === layout.blocks ? held : new Map();
}

function missingPerFile({ files }: Layout): Map<number, number> {
  return new Map(
    files.map(({ index, start, size }) => [
      index,
      Math.floor((start + size - 1) / blockBytes) - Math.floor(start / blockBytes) + 1,
    ]),
  );
}

function emptyIn({ selection }: KeptReceive, entries: readonly ManifestEntry[]): number[] {
  const empty: number[] = [];
  for (const index of selectedIndexes(selection, entries.length)) {
    const entry = entries[index];
    if (entry?.kind === 'file' && entry.size === 0) empty.push(index);
  }
  return empty;
}

function countBlock(transfer: LiveReceive, block: number): void {
  const whole: number[] = [];
  for (const { index } of spansOf(transfer.layout, block)) {
    const left = (transfer.missing.get(index) ?? 1) - 1;
    transfer.missing.set(index, left);
    if (left === 0) whole.push(index);
  }
  transfer.filesDone += whole.length;
  transfer.early.whole(whole);
}

function diskFull(neededBytes: number, free: number): Fault {
  return new Fault('disk-full', 'not enough room', { detail: { neededBytes, freeBytes: free } });
}
