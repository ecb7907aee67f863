// A transfer that is being received: its staging folder is open, blocks come in, and room is looked after.

import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import { blockLength, type Layout, layOut, spansOf } from '../../shared/model/layout.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { blockBytes, diskReserveBytes, roomCheckEveryBlocks } from '../../shared/wire/limits.ts';
import { onDisk } from '../disk-fault.ts';
import { freeBytes } from './destination.ts';
import { makeRealFolder } from './place.ts';
import { hasBegunPublishing } from './publish.ts';
import { failedOf, type KeptReceive } from './receive-record.ts';
import { openStaging, type Staging } from './staging.ts';

export type LiveReceive = {
  readonly record: KeptReceive;
  readonly entries: readonly ManifestEntry[];
  readonly planned: readonly PlannedEntry[];
  readonly layout: Layout;
  readonly staging: Staging;
  readonly hashes: Map<number, Uint8Array>;
  readonly failed: Map<number, FaultCode>;
  /** Blocks still missing per file with bytes. */
  readonly missing: Map<number, number>;
  filesDone: number;
  sinceRoomCheck: number;
};

/** Test hooks: a disk smaller or slower than it is. */
export type DiskLimits = { readonly freeBytesCap?: number; readonly writeDelayMs?: number };

export type ReceivedBlock = { readonly block: number; readonly bytes: Uint8Array; readonly hash: Uint8Array };

export async function openLive(
  record: KeptReceive,
  entries: readonly ManifestEntry[],
  planned: readonly PlannedEntry[],
): Promise<LiveReceive> {
  const layout = layOut(entries, record.selection);
  await onDisk(() => makeRealFolder(record.staging, 0o700));
  const staging = await onDisk(() => openStaging(record.staging, layout));
  const hashes = await heldHashes(record, staging, layout);
  const transfer: LiveReceive = {
    record,
    entries,
    planned,
    layout,
    staging,
    hashes: new Map(hashes),
    failed: failedOf(record),
    missing: missingPerFile(layout),
    filesDone: 0,
    sinceRoomCheck: roomCheckEveryBlocks,
  };
  for (const block of hashes.keys()) countBlock(transfer, block);
  return transfer;
}

/** Resolves once the block is written, with the files that are whole by then. */
export async function writeBlock(
  transfer: LiveReceive,
  { block, bytes, hash }: ReceivedBlock,
  limits: DiskLimits,
): Promise<number> {
  if (block >= transfer.layout.blocks || bytes.byteLength !== blockLength(transfer.layout, block)) {
    throw new Fault('transfer-refused', 'not a block of this transfer');
  }
  if (hash.byteLength !== 32) throw new Fault('transfer-refused', 'not a hash');
  if (transfer.hashes.has(block)) return transfer.filesDone;
  await lookForRoom(transfer, limits);
  if (limits.writeDelayMs !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, limits.writeDelayMs));
  }
  const kept = Uint8Array.prototype.slice.call(hash);
  await onDisk(() => transfer.staging.write(block, bytes, kept));
  if (!transfer.hashes.has(block)) {
    transfer.hashes.set(block, kept);
    countBlock(transfer, block);
  }
  return transfer.filesDone;
}

export async function roomFor(
  { layout, hashes, record }: LiveReceive,
  { freeBytesCap }: DiskLimits,
): Promise<{ neededBytes: number; freeBytes: number }> {
  const left = layout.totalBytes - hashes.size * blockBytes;
  return {
    neededBytes: Math.max(0, left) + diskReserveBytes,
    freeBytes: await freeBytes(record.destination, freeBytesCap),
  };
}

export async function refuseWithoutRoom(folder: string, bytes: number, { freeBytesCap }: DiskLimits): Promise<void> {
  const free = await freeBytes(folder, freeBytesCap);
  const needed = bytes + diskReserveBytes;
  if (needed > free) throw diskFull(needed, free);
}

async function lookForRoom(transfer: LiveReceive, limits: DiskLimits): Promise<void> {
  transfer.sinceRoomCheck += 1;
  if (transfer.sinceRoomCheck < roomCheckEveryBlocks) return;
  transfer.sinceRoomCheck = 0;
  const { neededBytes, freeBytes: free } = await roomFor(transfer, limits);
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

function countBlock(transfer: LiveReceive, block: number): void {
  for (const { index } of spansOf(transfer.layout, block)) {
    const left = (transfer.missing.get(index) ?? 1) - 1;
    transfer.missing.set(index, left);
    if (left === 0) transfer.filesDone += 1;
  }
}

function diskFull(needBytes: number, free: number): Fault {
  return new Fault('disk-full', 'not enough room', { detail: { needBytes, freeBytes: free } });
}
