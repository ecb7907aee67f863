// The receiving half of the host: offers, the person's grant, staging, publishing, and what is kept for another day.
// Promises: nothing on disk before the grant, nothing under its final name before the root hash is right.

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type {
  CallOutput,
  EngineCalls,
  Handlers,
  OfferPlan,
  UiCalls,
  UnfinishedView,
} from '../../shared/ipc/contract.ts';
import { Fault, type FaultCode, isFaultCode } from '../../shared/model/fault.ts';
import {
  blockLength,
  type Layout,
  layOut,
  selectedIndexes,
  spansOf,
  toRanges,
  totalsOf,
} from '../../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../../shared/model/manifest.ts';
import { type PlannedEntry, planNames } from '../../shared/model/wire-path.ts';
import { blockBytes, diskReserveBytes, roomCheckEveryBlocks, transfersMaxLive } from '../../shared/wire/limits.ts';
import { onDisk, toDiskFault } from '../disk-fault.ts';
import { type Destination, type Destinations, freeBytes } from './destination.ts';
import { nameTargetOf } from './name-target.ts';
import {
  addEntries,
  digestOf,
  effectiveSelection,
  type Offer,
  offerRows,
  plannedOf,
  planOffer,
  titleOf,
} from './offer.ts';
import { makeRealFolder, placeIn, sizeInPlace } from './place.ts';
import { hasBegunPublishing, publish } from './publish.ts';
import { type KeptReceive, openReceiveRecords } from './receive-record.ts';
import { countClaimed, openStaging, type Staging } from './staging.ts';

export type ReceivingOptions = {
  readonly dataDir: string;
  readonly destinations: Destinations;
  readonly defaultDestination: () => Promise<Destination>;
  readonly keepExecutable: () => boolean;
  readonly trash: (file: string) => Promise<void>;
  readonly onUnfinishedChanged: () => void;
  readonly onLanded: (id: string, where: string) => void;
  readonly freeBytesCap?: number;
  readonly writeDelayMs?: number;
};

type ReceiveCall = Extract<keyof EngineCalls, `receive.${string}`>;
type OfferCall = Extract<keyof UiCalls, `offer.${string}`>;

export interface Receiving {
  readonly engine: Pick<Handlers<EngineCalls>, ReceiveCall>;
  readonly ui: Pick<Handlers<UiCalls>, OfferCall>;
  /** Everything that is kept: what is under way, and what is in place but whose sender has not heard of it. */
  kept(): Promise<readonly KeptView[]>;
  discard(id: string): Promise<boolean>;
  live(): boolean;
  park(): Promise<void>;
}

type KeptView = UnfinishedView & {
  readonly secret: string;
  readonly isLive: boolean;
  readonly isPublished: boolean;
};

/** A transfer that is being received: everything it needs is open. */
type Live = {
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
  committing?: Promise<unknown>;
};
type Committed = CallOutput<EngineCalls, 'receive.commit'>;

export function openReceiving(options: ReceivingOptions): Receiving {
  const records = openReceiveRecords(options.dataDir);
  const offers = new Map<string, Offer>();
  const reopened = new Map<string, KeptReceive>();
  const live = new Map<string, Live>();

  function offerOf(id: string): Offer {
    const offer = offers.get(id);
    if (offer === undefined) throw new Fault('transfer-unknown', 'no such offer');
    return offer;
  }

  function liveOf(id: string): Live {
    const transfer = live.get(id);
    if (transfer === undefined) throw new Fault('transfer-unknown', 'no such transfer');
    return transfer;
  }

  async function startGranted(id: string, leaveOut: ReadonlySet<number>): Promise<Live> {
    const offer = offerOf(id);
    const { grant } = offer;
    if (grant === undefined) throw new Fault('transfer-refused', 'nobody accepted this offer');
    for (const index of leaveOut) {
      if (!offer.same.has(index)) throw new Fault('transfer-refused', 'left out without being there');
    }
    const selection = effectiveSelection(offer, grant.selection, leaveOut);
    const layout = layOut(offer.entries, selection);
    await refuseWithoutRoom(grant.destination.folder, layout.totalBytes);
    const record: KeptReceive = {
      id,
      secret: offer.secret,
      title: titleOf(plannedOf(offer)),
      peerName: offer.peerName,
      checked: offer.checked,
      totals: totalsOf(offer.entries, 'all'),
      wantedBytes: layout.totalBytes,
      selection: selection === 'all' ? 'all' : selection.map(([from, to]) => [from, to]),
      manifestDigest: digestOf(offer.entries),
      destination: grant.destination.folder,
      // Not after the transfer: its id is the peer's choice, and two of them may begin alike.
      staging: path.join(grant.destination.folder, `.tincan-${randomBytes(8).toString('hex')}`),
      conflict: grant.conflict,
      updatedAtMs: Date.now(),
    };
    await records.saveEntries(id, offer.entries);
    await records.save(record);
    offers.delete(id);
    return openLive(record, offer.entries, plannedOf(offer));
  }

  async function startKept(record: KeptReceive): Promise<Live> {
    const entries = await records.entries(record.id).catch((cause: unknown) => {
      throw new Fault('journal-damaged', 'what was kept of this transfer cannot be read', { cause });
    });
    return openLive(record, entries, planNames(entries, await nameTargetOf(record.destination)));
  }

  async function openLive(
    record: KeptReceive,
    entries: readonly ManifestEntry[],
    planned: readonly PlannedEntry[],
  ): Promise<Live> {
    const layout = layOut(entries, record.selection);
    await onDisk(() => makeRealFolder(record.staging, 0o700));
    const staging = await onDisk(() => openStaging(record.staging, layout));
    const hashes = await heldHashes(record, staging, layout);
    const transfer: Live = {
      record,
      entries,
      planned,
      layout,
      staging,
      hashes: new Map(hashes),
      failed: new Map(),
      missing: missingPerFile(layout),
      filesDone: 0,
      sinceRoomCheck: roomCheckEveryBlocks,
    };
    for (const block of hashes.keys()) countBlock(transfer, block);
    live.set(record.id, transfer);
    options.onUnfinishedChanged();
    return transfer;
  }

  async function refuseWithoutRoom(folder: string, bytes: number): Promise<void> {
    const free = await freeBytes(folder, options.freeBytesCap);
    const needed = bytes + diskReserveBytes;
    if (needed > free) throw diskFull(needed, free);
  }

  async function roomFor(transfer: Live): Promise<{ neededBytes: number; freeBytes: number }> {
    const left = transfer.layout.totalBytes - transfer.hashes.size * blockBytes;
    return {
      neededBytes: Math.max(0, left) + diskReserveBytes,
      freeBytes: await freeBytes(transfer.record.destination, options.freeBytesCap),
    };
  }

  async function write(id: string, block: number, bytes: Uint8Array, hash: Uint8Array): Promise<number> {
    const transfer = liveOf(id);
    if (block >= transfer.layout.blocks || bytes.byteLength !== blockLength(transfer.layout, block)) {
      throw new Fault('transfer-refused', 'not a block of this transfer');
    }
    if (hash.byteLength !== 32) throw new Fault('transfer-refused', 'not a hash');
    if (transfer.hashes.has(block)) return transfer.filesDone;
    transfer.sinceRoomCheck += 1;
    if (transfer.sinceRoomCheck >= roomCheckEveryBlocks) {
      transfer.sinceRoomCheck = 0;
      const { neededBytes, freeBytes: free } = await roomFor(transfer);
      if (neededBytes > free) {
        transfer.sinceRoomCheck = roomCheckEveryBlocks;
        throw diskFull(neededBytes, free);
      }
    }
    if (options.writeDelayMs !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, options.writeDelayMs));
    }
    const kept = Uint8Array.prototype.slice.call(hash);
    try {
      await transfer.staging.write(block, bytes, kept);
    } catch (error) {
      throw toDiskFault(error);
    }
    if (!transfer.hashes.has(block)) {
      transfer.hashes.set(block, kept);
      countBlock(transfer, block);
    }
    return transfer.filesDone;
  }

  /** Asked twice, it publishes once: a second run would bring everything into place again beside the first. */
  function commit(id: string, root: string): Promise<Committed> {
    const transfer = liveOf(id);
    const before = transfer.committing ?? Promise.resolve();
    const committing = before.catch(() => undefined).then(() => commitNow(liveOf(id), root));
    transfer.committing = committing;
    return committing;
  }

  async function commitNow(transfer: Live, root: string): Promise<Committed> {
    const { record, layout, staging, failed } = transfer;
    const { id } = record;
    const known = [...failed].map(([index, code]) => ({ index, code }));
    if (record.published !== undefined) {
      if (record.published.root !== root) throw new Fault('hash-mismatch', 'something else was published');
      return { published: record.published.count, faults: [...known, ...readFaults(record)] };
    }
    if (transfer.hashes.size !== layout.blocks) throw new Fault('hash-mismatch', 'blocks are missing');
    if (rootOf(transfer) !== root) throw new Fault('hash-mismatch', 'the whole does not match what was announced');
    const result = await onDisk(async () => {
      await staging.flush();
      await staging.close();
      return publish({
        staging,
        destination: record.destination,
        conflict: record.conflict,
        keepExecutable: options.keepExecutable(),
        entries: transfer.entries,
        chosen: chosenOf(transfer),
        trash: options.trash,
      });
    });
    const published = { root, count: result.count, faults: result.faults.map(({ index, code }) => ({ index, code })) };
    await records.save({ ...record, published, updatedAtMs: Date.now() });
    await onDisk(() => rm(record.staging, { recursive: true, force: true }));
    if (result.landedAt !== undefined) options.onLanded(id, result.landedAt);
    live.set(id, { ...transfer, record: { ...record, published } });
    return { published: result.count, faults: [...known, ...result.faults] };
  }

  async function close(id: string, keep: boolean): Promise<void> {
    offers.delete(id);
    reopened.delete(id);
    const transfer = live.get(id);
    live.delete(id);
    if (transfer !== undefined) await transfer.staging.close();
    if (!keep) await discard(id);
    options.onUnfinishedChanged();
  }

  async function discard(id: string): Promise<boolean> {
    const open = live.get(id);
    live.delete(id);
    await open?.staging.close();
    const record = await records.read(id);
    if (record === undefined) return false;
    await rm(record.staging, { recursive: true, force: true }).catch(() => undefined);
    await records.forget(id);
    return true;
  }

  const engine: Receiving['engine'] = {
    'receive.begin': async ({ transfer, ...offer }) => {
      if (offers.size + live.size >= transfersMaxLive * 2) throw new Fault('bridge-busy', 'too many offers at once');
      if (live.has(transfer) || (await records.read(transfer)) !== undefined) {
        throw new Fault('transfer-refused', 'this transfer is known already');
      }
      offers.set(transfer, { ...offer, entries: [], manifestBytes: 0, same: new Set() });
    },
    'receive.entries': ({ transfer, entries }) => addEntries(offerOf(transfer), entries),
    'receive.plan': async ({ transfer }) => {
      const offer = offerOf(transfer);
      const plan = await planOffer(offer, await options.defaultDestination(), options.destinations);
      return { ...plan, manifestDigest: digestOf(offer.entries) };
    },
    'receive.candidates': ({ transfer, from }) => {
      const { grant, existing } = offerOf(transfer);
      if (grant?.conflict !== 'skip' || existing === undefined) return { indexes: [], next: null };
      const wanted = [...existing].filter((index) => index >= from).sort((a, b) => a - b);
      return { indexes: wanted.slice(0, 256), next: wanted.length > 256 ? wanted[256]! : null };
    },
    'receive.compare': async ({ transfer, digests }) => {
      const offer = offerOf(transfer);
      const { grant, existing } = offer;
      if (grant === undefined) throw new Fault('transfer-refused', 'nobody accepted this offer');
      const same: number[] = [];
      for (const { index, sha256 } of digests) {
        const planned = plannedOf(offer)[index];
        if (grant.conflict !== 'skip' || planned === undefined || !existing?.has(index)) continue;
        if ((await sizeInPlace(grant.destination.folder, planned.path)) !== planned.size) continue;
        if ((await sha256Of(placeIn(grant.destination.folder, planned.path))) === sha256) same.push(index);
      }
      for (const index of same) offer.same.add(index);
      return { same };
    },
    'receive.start': async ({ transfer, leaveOut }) => {
      const known = live.get(transfer);
      const kept = reopened.get(transfer);
      reopened.delete(transfer);
      const opened = known ?? (kept ? await startKept(kept) : await startGranted(transfer, new Set(leaveOut)));
      return {
        selection: opened.record.selection,
        totalBytes: opened.layout.totalBytes,
        have: toRanges([...opened.hashes.keys()].sort((a, b) => a - b)),
      };
    },
    'receive.write': async ({ transfer, block, bytes, hash }) => ({
      filesDone: await write(transfer, block, bytes, hash),
    }),
    'receive.fault': ({ transfer, index, code }) => {
      const { entries, failed } = liveOf(transfer);
      if (entries[index] === undefined) throw new Fault('transfer-refused', 'no such entry');
      failed.set(index, isFaultCode(code) ? code : 'source-unreadable');
    },
    'receive.commit': ({ transfer, root }) => commit(transfer, root),
    'receive.room': ({ transfer }) => roomFor(liveOf(transfer)),
    'receive.reopen': async ({ transfer }) => {
      const record = await records.read(transfer);
      if (record === undefined) throw new Fault('transfer-unknown', 'nothing is kept of this transfer');
      reopened.set(transfer, record);
      const { secret, title, peerName, totals, selection, manifestDigest } = record;
      return { id: transfer, secret, title, peerName, totals, selection, manifestDigest };
    },
    'receive.close': ({ transfer, keep }) => close(transfer, keep),
  };

  const ui: Receiving['ui'] = {
    'offer.rows': ({ transfer, from, count }) => {
      const offer = offerOf(transfer);
      return { rows: offerRows(offer, from, count), total: offer.entries.length };
    },
    'offer.replan': ({ transfer, destination }): Promise<OfferPlan> =>
      planOffer(offerOf(transfer), options.destinations.find(destination), options.destinations),
    'offer.grant': async ({ transfer, selection, destination, conflict }) => {
      const offer = offerOf(transfer);
      if (offer.grant !== undefined) throw new Fault('transfer-refused', 'accepted already');
      const place = options.destinations.find(destination);
      await planOffer(offer, place, options.destinations);
      effectiveSelection(offer, selection as Selection, new Set());
      await refuseWithoutRoom(place.folder, layOut(offer.entries, selection as Selection).totalBytes);
      offer.grant = { destination: place, conflict, selection: selection as Selection };
    },
  };

  return {
    engine,
    ui,
    discard,
    live: () => live.size > 0,
    async kept() {
      return Promise.all(
        (await records.list()).map(async ({ id, secret, title, peerName, published, ...record }) => {
          const { wantedBytes, totals, staging, updatedAtMs } = record;
          return {
            id,
            secret,
            direction: 'receive' as const,
            title,
            peerName,
            bytesDone: Math.min(
              wantedBytes,
              (await countClaimed(staging, Math.ceil(wantedBytes / blockBytes))) * blockBytes,
            ),
            bytesTotal: wantedBytes,
            files: totals.files,
            updatedAtMs,
            isLive: live.has(id),
            isPublished: published !== undefined,
          };
        }),
      );
    },
    async park() {
      const open = [...live.values()];
      live.clear();
      offers.clear();
      reopened.clear();
      await Promise.all(open.map(({ staging }) => staging.close()));
    },
  };
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

function rootOf({ layout, hashes }: Live): string {
  const root = createHash('sha256');
  for (let block = 0; block < layout.blocks; block += 1) root.update(hashes.get(block)!);
  return root.digest('hex');
}

function chosenOf({ planned, record, entries, failed }: Live): PlannedEntry[] {
  const chosen: PlannedEntry[] = [];
  for (const index of selectedIndexes(record.selection, entries.length)) {
    const entry = planned[index];
    if (entry !== undefined && entry.refused === undefined && !failed.has(index)) chosen.push(entry);
  }
  return chosen;
}

function missingPerFile({ files }: Layout): Map<number, number> {
  return new Map(
    files.map(({ index, start, size }) => [
      index,
      Math.floor((start + size - 1) / blockBytes) - Math.floor(start / blockBytes) + 1,
    ]),
  );
}

function countBlock(transfer: Live, block: number): void {
  for (const { index } of spansOf(transfer.layout, block)) {
    const left = (transfer.missing.get(index) ?? 1) - 1;
    transfer.missing.set(index, left);
    if (left === 0) transfer.filesDone += 1;
  }
}

function readFaults({ published }: KeptReceive): { index: number; code: FaultCode }[] {
  return (published?.faults ?? []).map(({ index, code }) => ({ index, code: isFaultCode(code) ? code : 'disk-error' }));
}

function diskFull(needBytes: number, freeBytes: number): Fault {
  return new Fault('disk-full', 'not enough room', { detail: { needBytes, freeBytes } });
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
