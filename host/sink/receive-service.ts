// The receiving half of the host: from the person's grant through staging and publishing to what is kept for another day.
// Promises: nothing on disk before the grant, nothing under its final name before the root hash is right.

import type { Handlers } from '../../shared/ipc/calls.ts';
import type { EngineCalls, UiCalls } from '../../shared/ipc/contract.ts';
import { Fault, isFaultCode } from '../../shared/model/fault.ts';
import { layOut, toRanges, totalsOf } from '../../shared/model/layout.ts';
import { effectiveSelection, titleOf } from '../../shared/model/offer-plan.ts';
import { blockBytes, transfersMaxLive } from '../../shared/wire/limits.ts';
import { toDiskFault } from '../disk/disk-fault.ts';
import { releaseBytes } from '../release-bytes.ts';
import {
  type ActiveReceive,
  closeActive,
  type DiskLimits,
  type OpenWith,
  onItsDisk,
  openActive,
  type ReceivedBlock,
  type ReceiveTools,
  roomFor,
  type WrittenBlock,
  writeBlock,
} from './active-receive.ts';
import {
  answerAgain,
  type Committed,
  commitReceive,
  publishedFaults,
  publishedFileCount,
  rootOf,
} from './commit-receive.ts';
import { type Destination, type Destinations, refuseWithoutRoom } from './destination.ts';
import { nameTargetOf } from './disk-name-rules.ts';
import { openFailedFiles } from './failed-files.ts';
import { type KeptClaim, KeptReceives, type KeptView } from './kept-receives.ts';
import { digestOf, plannedOf } from './offer.ts';
import { openOffers } from './open-offers.ts';
import { planInSlices } from './plan-in-slices.ts';
import { createStaging, openReceiveFolders } from './receive-folders.ts';
import { type KeptReceive, openReceiveRecords } from './receive-record.ts';

export type ReceivingOptions = DiskLimits &
  ReceiveTools & {
    readonly dataDir: string;
    readonly destinations: Destinations;
    readonly defaultDestination: () => Promise<Destination>;
    readonly trash: (file: string) => Promise<void>;
    readonly onUnfinishedChanged: () => void;
    /** In place, and over for both sides: its record may be gone. */
    readonly isReceived: (id: string) => boolean;
    readonly onLanded: (id: string, where: string) => void;
  };

type ReceiveCall = Extract<keyof EngineCalls, `receive.${string}`>;
type OfferCall = Extract<keyof UiCalls, `offer.${string}`>;

export type PublishedKept = Committed['answer'] & { readonly record: KeptReceive };

export interface Receiving {
  readonly engine: Pick<Handlers<EngineCalls>, ReceiveCall>;
  readonly ui: Pick<Handlers<UiCalls>, OfferCall>;
  /** The same as `receive.write`, of memory that stays the caller's. */
  write(transfer: string, block: ReceivedBlock): Promise<WrittenBlock>;
  /** Everything that is kept: what is under way, and what is in place but whose sender has not heard of it. */
  kept(): Promise<readonly KeptView[]>;
  /** The same by the records alone: a disk that hangs keeps nobody from these. */
  claims(): Promise<readonly KeptClaim[]>;
  discard(id: string): Promise<boolean>;
  publishKept(id: string): Promise<PublishedKept>;
  /** To another folder, for a transfer that failed. */
  moveKept(id: string, to: Destination): Promise<void>;
  live(): boolean;
  park(): Promise<void>;
  /**
   * At the start, before anything is received: finds what earlier runs left behind. The answer is removing it, which may
   * take as long as a slow disk does.
   */
  findLeftovers(): Promise<() => Promise<void>>;
}

export function openReceiving(options: ReceivingOptions): Receiving {
  const { disk } = options;
  const records = openReceiveRecords(disk, options.dataDir);
  const kept = new KeptReceives(disk, records, options.trash);
  /** Those that are taken up again only to be told of. */
  const publishedBefore = new Map<string, KeptReceive>();
  const reopened = new Map<string, KeptReceive>();
  const live = new Map<string, ActiveReceive>();
  const failedFiles = openFailedFiles(records, options.clock);
  const offers = openOffers({
    ...options,
    liveCount: () => live.size,
    isKnown: async (id) => live.has(id) || options.isReceived(id) || (await records.read(id)) !== undefined,
  });
  /** Goes on when its page is gone, publishing, moving, removing or putting away: whoever takes the transfer up again waits for it. */
  const busyWith = new Map<string, Promise<unknown>>();
  /** What cannot be read is known before, and nobody is heard about it any more. */
  const committing = new Set<string>();
  /** Asked twice, it is started once: a second staging folder would belong to nobody. */
  const starting = new Map<string, Promise<ActiveReceive>>();
  /** The same of those whose disk was away. */
  const returning = new Map<string, Promise<ActiveReceive>>();
  /** Put into another folder while their disk was away: until they are closed and taken up anew, it still is. */
  const movedAway = new Set<string>();

  function liveOf(id: string): ActiveReceive {
    const transfer = live.get(id);
    if (transfer !== undefined) return transfer;
    if (movedAway.has(id)) throw new Fault('disk-gone', 'it goes on in another folder');
    throw new Fault('transfer-unknown', 'no such transfer');
  }

  async function startGranted(id: string, leaveOut: ReadonlySet<number>): Promise<ActiveReceive> {
    const offer = offers.get(id);
    const { grant } = offer;
    if (grant === undefined) throw new Fault('transfer-refused', 'nobody accepted this offer');
    for (const index of leaveOut) {
      if (!offer.same.has(index)) throw new Fault('transfer-refused', 'left out without being there');
    }
    const selection = effectiveSelection(plannedOf(offer), grant.selection, leaveOut);
    const layout = layOut(offer.entries, selection);
    await refuseWithoutRoom(grant.destination.folder, layout.totalBytes, options);
    const record: KeptReceive = {
      id,
      secret: offer.secret,
      title: titleOf(plannedOf(offer)),
      peerName: offer.peerName,
      checked: offer.checked,
      totals: totalsOf(offer.entries, 'all'),
      wantedBytes: layout.totalBytes,
      selection: selection === 'all' ? 'all' : selection.map(([from, to]) => [from, to]),
      manifestDigest: digestOf(offer),
      destination: grant.destination.folder,
      ...(await createStaging(disk, grant.destination.folder, (note) => records.noteStaging(id, note))),
      conflict: grant.conflict,
      updatedAtMs: Date.now(),
    };
    await records.saveEntries(id, offer.entries);
    await records.save(record);
    offers.remove(id);
    return activate(record, { entries: offer.entries, planned: plannedOf(offer) });
  }

  async function startKept(record: KeptReceive): Promise<ActiveReceive> {
    const entries = await records.entries(record.id).catch((cause: unknown) => {
      throw new Fault('journal-damaged', 'what was kept of this transfer cannot be read', { cause });
    });
    const planned = await planInSlices(entries, await nameTargetOf(disk, record.destination));
    return activate(record, { entries, planned });
  }

  async function activate(earlier: KeptReceive, what: Omit<OpenWith, 'folders'>): Promise<ActiveReceive> {
    const { record, folders } = await kept.openFolders(earlier);
    const transfer = await openActive(record, { ...what, folders }, options).catch(async (error: unknown) => {
      await folders.close();
      throw error;
    });
    live.set(transfer.record.id, transfer);
    options.onUnfinishedChanged();
    return transfer;
  }

  /** Opened anew where its disk had gone away. Throws `disk-gone` for as long as it stays away. */
  function presentOf(id: string): Promise<ActiveReceive> {
    const transfer = liveOf(id);
    if (!transfer.isAway) return Promise.resolve(transfer);
    const under = returning.get(id) ?? comeBack(transfer).finally(() => returning.delete(id));
    returning.set(id, under);
    return under;
  }

  async function comeBack(away: ActiveReceive): Promise<ActiveReceive> {
    const { entries, planned } = away;
    const { id } = away.record;
    const folders = await openReceiveFolders(disk, away.record);
    if (folders === undefined) throw new Fault('disk-error', 'what had arrived is not there any more');
    let back: ActiveReceive;
    try {
      await closeActive(away);
      back = await openActive(away.record, { folders, entries, planned, before: away }, options);
    } catch (error) {
      await folders.close();
      throw toDiskFault(error);
    }
    if (live.get(id) !== away) {
      await closeActive(back);
      throw new Fault('transfer-unknown', 'this transfer was put away');
    }
    live.set(id, back);
    // The engine counts on them: it fails, and takes up what is really there.
    for (const block of away.hashes.keys()) {
      if (!back.hashes.has(block)) throw new Fault('disk-error', 'the disk lost what was written');
    }
    return back;
  }

  /** Asked twice, it publishes once: a second run would bring everything into place again beside the first. */
  function commit(id: string, root: string): Promise<Committed['answer']> {
    liveOf(id);
    const before = busyWith.get(id) ?? Promise.resolve();
    return whileNobodyElse(id, async () => {
      await before.catch(() => undefined);
      const transfer = await presentOf(id);
      return onItsDisk(transfer, () => commitNow(transfer, root));
    });
  }

  async function commitNow(transfer: ActiveReceive, root: string): Promise<Committed['answer']> {
    const { id } = transfer.record;
    committing.add(id);
    try {
      await failedFiles.require(transfer);
      const { answer, record, landedAt } = await commitReceive(transfer, root, { ...options, records });
      if (landedAt !== undefined) options.onLanded(id, landedAt);
      if (live.has(id)) live.set(id, { ...transfer, record });
      return answer;
    } finally {
      committing.delete(id);
    }
  }

  /** Its folders stay open until nothing is published into them any more. */
  async function putAway(transfer: ActiveReceive, before: Promise<unknown> | undefined): Promise<void> {
    const { id } = transfer.record;
    transfer.leaving.abort();
    await failedFiles.written(id);
    await before?.catch(() => undefined);
    // What is being opened anew in its place closes itself, and works in its folders until then.
    await returning.get(id)?.catch(() => undefined);
    await closeActive(transfer);
  }

  /** Whoever takes it up again waits: a block that is still being written would come after the same block of the next attempt. */
  function putAwayAlone(transfer: ActiveReceive): Promise<void> {
    const { id } = transfer.record;
    return whileNobodyElse(id, () => putAway(transfer, busyWith.get(id)));
  }

  /** Needs no sender: everything had arrived, and the sender's word for the whole was compared before publishing began. */
  function publishKept(id: string): Promise<PublishedKept> {
    if (live.has(id) || isBusy(id)) return Promise.reject(underWay());
    return whileNobodyElse(id, async () => {
      const record = await records.read(id);
      if (record === undefined || !(await kept.isReady(record))) {
        throw new Fault('transfer-refused', 'this transfer cannot be published by itself');
      }
      const transfer = await startKept(record);
      try {
        const answer = await onItsDisk(transfer, () => commitNow(transfer, rootOf(transfer)));
        // Whoever has looked it up already, and is about to start it, shall not receive it once more.
        const published = await records.read(id);
        if (published !== undefined && reopened.has(id)) reopened.set(id, published);
        return { record, ...answer };
      } finally {
        live.delete(id);
        await closeActive(transfer);
        options.onUnfinishedChanged();
      }
    });
  }

  function isBusy(id: string): boolean {
    return starting.has(id) || returning.has(id) || busyWith.has(id);
  }

  function moveKept(id: string, to: Destination): Promise<void> {
    if (live.get(id)?.isAway === false || isBusy(id)) return Promise.reject(underWay());
    return whileNobodyElse(id, async () => {
      const record = await readMovable(id);
      // In that very folder it only goes on: nothing that had arrived is received again.
      if (record.destination === to.folder && (await kept.isThere(record))) return;
      await refuseWithoutRoom(to.folder, record.wantedBytes, options);
      const away = live.get(id);
      if (away !== undefined) {
        live.delete(id);
        movedAway.add(id);
        await putAway(away, undefined);
      }
      const moving = async () => {
        // What was still to be written of it would be written over what says where it is, also where somebody else put it away.
        await failedFiles.written(id);
        return kept.move(await readMovable(id), to.folder);
      };
      const moved = await moving().catch((error: unknown) => {
        if (away !== undefined && movedAway.delete(id)) waitOn(away);
        throw error;
      });
      if (reopened.has(id)) reopened.set(id, moved);
    });
  }

  /** It goes nowhere else after all: once its disk is back it goes on there. */
  function waitOn(away: ActiveReceive): void {
    away.isAway = true;
    live.set(away.record.id, away);
  }

  async function readMovable(id: string): Promise<KeptReceive> {
    const record = await records.read(id);
    if (record === undefined || record.discarded || record.published !== undefined) {
      throw new Fault('transfer-refused', 'this transfer cannot be moved');
    }
    return record;
  }

  /** Once nobody else is at it. Looked at again after each wait: somebody may have come meanwhile. */
  async function whenNobodyElse<T>(id: string, work: () => Promise<T>): Promise<T> {
    for (let under = busyWith.get(id); under !== undefined; under = busyWith.get(id))
      await under.catch(() => undefined);
    return whileNobodyElse(id, work);
  }

  function whileNobodyElse<T>(id: string, work: () => Promise<T>): Promise<T> {
    const working = work();
    busyWith.set(id, working);
    const over = () => {
      if (busyWith.get(id) === working) busyWith.delete(id);
    };
    working.then(over, over);
    return working;
  }

  /** While nobody else is at it: what is read here counts until it is started. */
  async function reopen(id: string): Promise<KeptReceive> {
    await failedFiles.written(id);
    const record = await records.read(id);
    if (record === undefined || record.discarded)
      throw new Fault('transfer-unknown', 'nothing is kept of this transfer');
    reopened.set(id, record);
    return record;
  }

  /** Joined by whoever asks meanwhile. */
  function startOnce(id: string, start: () => Promise<ActiveReceive>): Promise<ActiveReceive> {
    const known = live.get(id);
    if (known !== undefined) return Promise.resolve(known);
    // Those that come of an offer were counted with it; kept ones can be many.
    if (!offers.has(id) && live.size + starting.size >= 2 * transfersMaxLive) {
      return Promise.reject(new Fault('bridge-busy', 'too many transfers at once'));
    }
    const under = starting.get(id) ?? start().finally(() => starting.delete(id));
    starting.set(id, under);
    return under;
  }

  async function close(id: string, keep: boolean): Promise<{ readonly inPlace: number }> {
    // It would come after, and belong to nobody.
    await starting.get(id)?.catch(() => undefined);
    offers.remove(id);
    reopened.delete(id);
    movedAway.delete(id);
    const transfer = live.get(id);
    live.delete(id);
    publishedBefore.delete(id);
    if (transfer !== undefined) await putAwayAlone(transfer);
    const inPlace = keep ? undefined : await throwAway(id);
    // A record that cannot be written now is written at a later start.
    if (keep && transfer?.record.published !== undefined)
      await whileNobodyElse(id, () => kept.clear(id)).catch(() => undefined);
    options.onUnfinishedChanged();
    return { inPlace: inPlace ?? 0 };
  }

  /** How many files have their names already, and keep them; nothing where there is no such transfer. */
  function throwAway(id: string): Promise<number | undefined> {
    const before = busyWith.get(id);
    return whileNobodyElse(id, async () => {
      await starting.get(id)?.catch(() => undefined);
      movedAway.delete(id);
      const open = live.get(id);
      live.delete(id);
      await failedFiles.written(id);
      await (open === undefined ? before?.catch(() => undefined) : putAway(open, before));
      // Whoever has looked it up already, and is about to start it, finds nothing to take up.
      reopened.delete(id);
      const record = await records.read(id);
      return record === undefined ? undefined : kept.throwAway(record);
    });
  }

  async function write(id: string, block: ReceivedBlock): Promise<WrittenBlock> {
    const transfer = await presentOf(id);
    return onItsDisk(transfer, () => writeBlock(transfer, block, options));
  }

  const engine: Receiving['engine'] = {
    ...offers.engine,
    'receive.start': async ({ transfer, leaveOut }) => {
      // Looked at again after each wait. Where nobody is at it nothing is waited for: whoever asks at the same moment finds it begun.
      for (let under = busyWith.get(transfer); under !== undefined; under = busyWith.get(transfer))
        await under.catch(() => undefined);
      const earlier = reopened.get(transfer);
      reopened.delete(transfer);
      if (earlier?.published !== undefined) {
        publishedBefore.set(transfer, earlier);
        const { selection, wantedBytes: totalBytes } = earlier;
        return {
          selection,
          totalBytes,
          files: publishedFileCount(earlier),
          have: totalBytes === 0 ? [] : [[0, Math.ceil(totalBytes / blockBytes)]],
        };
      }
      const opened = await startOnce(transfer, () =>
        earlier ? startKept(earlier) : startGranted(transfer, new Set(leaveOut)),
      );
      return {
        selection: opened.record.selection,
        totalBytes: opened.layout.totalBytes,
        files: totalsOf(opened.entries, opened.record.selection).files,
        have: toRanges([...opened.hashes.keys()].sort((a, b) => a - b)),
      };
    },
    'receive.write': async ({ transfer, ...block }) => {
      try {
        const { filesDone } = await write(transfer, block);
        return { filesDone };
      } finally {
        for (const part of block.parts) releaseBytes(part);
      }
    },
    'receive.fault': ({ transfer, index, code }) => {
      const opened = liveOf(transfer);
      // The record that says what is published would be written over by the one before it, and everything published once more.
      if (committing.has(transfer) || opened.record.published !== undefined) throw underWay();
      if (opened.entries[index]?.kind !== 'file') throw new Fault('transfer-refused', 'no such file');
      failedFiles.note(opened, index, isFaultCode(code) ? code : 'source-unreadable');
    },
    'receive.commit': async ({ transfer, root }) => {
      const published = publishedBefore.get(transfer);
      return published === undefined ? commit(transfer, root) : answerAgain(published, root);
    },
    'receive.room': async ({ transfer: id }) => {
      const transfer = await presentOf(id);
      return onItsDisk(transfer, async () => {
        await transfer.folders.requireDestination();
        return roomFor(transfer, options);
      });
    },
    'receive.reopen': async ({ transfer }) => {
      const record = await whenNobodyElse(transfer, () => reopen(transfer));
      const { secret, title, peerName, totals, selection, manifestDigest } = record;
      const published = record.published && {
        root: record.published.root,
        files: publishedFileCount(record),
        faults: publishedFaults(record),
      };
      const view = { id: transfer, secret, title, peerName, totals, selection, manifestDigest };
      return published === undefined ? view : { ...view, published };
    },
    'receive.close': ({ transfer, keep }) => close(transfer, keep),
  };

  return {
    engine,
    ui: offers.ui,
    write,
    discard: async (id) => (await throwAway(id)) !== undefined,
    publishKept,
    moveKept,
    async findLeftovers() {
      // Nobody waits for it: on a disk that answers with errors a later start finds the same.
      const leftovers = await records.findLeftovers().catch(() => ({ records: [], orphans: [] }));
      const unlessBusy = async (id: string, work: () => Promise<void>) => {
        if (!live.has(id) && !isBusy(id)) await whileNobodyElse(id, work);
      };
      return () => kept.removeLeftovers(leftovers, unlessBusy);
    },
    live: () => live.size > 0,
    kept: () => kept.list((id) => live.has(id)),
    claims: () => kept.claims((id) => live.has(id)),
    async park() {
      // Whoever still waits to start something finds nothing to start.
      offers.clear();
      reopened.clear();
      movedAway.clear();
      publishedBefore.clear();
      // What a page that is gone had begun comes to its end: nobody else would ever put it away.
      await Promise.allSettled(starting.values());
      const open = [...live.values()];
      live.clear();
      await Promise.all(open.map(putAwayAlone));
    },
  };
}

function underWay(): Fault {
  return new Fault('transfer-refused', 'this transfer is under way');
}
