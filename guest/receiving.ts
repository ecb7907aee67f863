// The receiving half of the guest page's host: offers, the person's grant, transfers under way, and what waits to be saved. All
// of it lives as long as the page does.

import type { Handlers } from '../shared/ipc/calls.ts';
import type { EngineCalls, UiCalls } from '../shared/ipc/contract.ts';
import type { UnfinishedView } from '../shared/ipc/views.ts';
import { Fault, isFaultCode } from '../shared/model/fault.ts';
import { layOut, toRanges, totalsOf } from '../shared/model/layout.ts';
import type { Selection } from '../shared/model/manifest.ts';
import { effectiveSelection, offerRows, titleOf } from '../shared/model/offer-plan.ts';
import { transfersMaxLive } from '../shared/wire/limits.ts';
import { Incoming } from './incoming.ts';
import { addEntries, destinationId, digestOf, newOffer, type Offer, plannedOf, planOffer } from './offer.ts';
import { fileBlob, type ReceivedEntries, receivedEntries, zipBlob } from './received.ts';
import type { ReceivedCalls } from './received-calls.ts';
import { saveToFolder } from './save/save-to-folder.ts';
import type { BlockStore } from './store/block-store.ts';

type ReceiveCall = Extract<keyof EngineCalls, `receive.${string}`>;
type OfferCall = Extract<keyof UiCalls, `offer.${string}`>;

export interface Receiving {
  readonly engine: Pick<Handlers<EngineCalls>, ReceiveCall>;
  readonly ui: Pick<Handlers<UiCalls>, OfferCall>;
  readonly received: Handlers<ReceivedCalls>;
  claims(): readonly { readonly id: string; readonly secret: string; readonly direction: 'receive' }[];
  unfinished(): readonly UnfinishedView[];
  discard(id: string): Promise<void>;
}

export function openReceiving(store: BlockStore, onUnfinishedChanged: () => void): Receiving {
  const offers = new Map<string, Offer>();
  /** The oldest first. Those that are published have gone to `received`, and only their sender may not have heard of it. */
  const incoming = new Map<string, Incoming>();
  const live = new Set<string>();
  const received = new Map<string, { readonly transfer: Incoming; readonly entries: ReceivedEntries }>();
  /** Asked twice, it is started once. */
  const starting = new Map<string, Promise<Incoming>>();

  function offerOf(id: string): Offer {
    const offer = offers.get(id);
    if (offer === undefined) throw new Fault('transfer-unknown', 'no such offer');
    return offer;
  }

  function incomingOf(id: string): Incoming {
    const transfer = incoming.get(id);
    if (transfer === undefined) throw new Fault('transfer-unknown', 'no such transfer');
    return transfer;
  }

  function receivedOf(id: string): ReceivedEntries {
    const known = received.get(id);
    if (known === undefined) throw new Fault('transfer-unknown', 'nothing of it waits to be saved');
    return known.entries;
  }

  async function startGranted(id: string): Promise<Incoming> {
    const offer = offerOf(id);
    if (offer.granted === undefined) throw new Fault('transfer-refused', 'nobody accepted this offer');
    const planned = plannedOf(offer);
    const selection = effectiveSelection(planned, offer.granted, new Set());
    refuseWithoutRoom(layOut(offer.entries, selection).totalBytes, spareBytes(id, await store.freeBytes()));
    const { secret, peerName, entries } = offer;
    const facts = { secret, peerName, entries, planned, selection, title: titleOf(planned) };
    const manifestDigest = await digestOf(offer);
    const transfer = new Incoming({ ...facts, manifestDigest }, await store.open(id));
    if (offers.get(id) !== offer) {
      await transfer.remove();
      throw new Fault('transfer-unknown', 'this transfer was put away');
    }
    offers.delete(id);
    incoming.set(id, transfer);
    live.add(id);
    return transfer;
  }

  /** Less what other transfers that the person accepted still need: together they would find the browser full. */
  function spareBytes(id: string, freeBytes: number): number {
    let promisedBytes = 0;
    for (const other of live) if (other !== id) promisedBytes += incoming.get(other)?.leftBytes ?? 0;
    for (const [other, { entries, granted }] of offers) {
      if (other !== id && granted !== undefined) promisedBytes += layOut(entries, granted).totalBytes;
    }
    return Math.max(0, freeBytes - promisedBytes);
  }

  function start(id: string): Promise<Incoming> {
    const known = incoming.get(id);
    if (known !== undefined) return Promise.resolve(known);
    const under = starting.get(id) ?? startGranted(id).finally(() => starting.delete(id));
    starting.set(id, under);
    return under;
  }

  async function discard(id: string): Promise<void> {
    live.delete(id);
    const transfer = incoming.get(id);
    incoming.delete(id);
    // What is received belongs to the person, whatever becomes of the transfer.
    if (transfer !== undefined && !received.has(id)) await transfer.remove();
    onUnfinishedChanged();
  }

  const engine: Receiving['engine'] = {
    'receive.begin': ({ transfer, secret, peerName }) => {
      if (!offers.has(transfer) && offers.size + live.size >= transfersMaxLive * 2) {
        throw new Fault('bridge-busy', 'too many offers at once');
      }
      if (incoming.has(transfer) || received.has(transfer)) {
        throw new Fault('transfer-refused', 'this transfer is known already');
      }
      offers.set(transfer, newOffer({ secret, peerName }));
    },
    'receive.entries': ({ transfer, entries }) => addEntries(offerOf(transfer), entries),
    'receive.plan': async ({ transfer }) => {
      const offer = offerOf(transfer);
      const spare = spareBytes(transfer, await store.freeBytes());
      return planOffer(offer, spare);
    },
    'receive.candidates': () => ({ indexes: [], next: null }),
    'receive.compare': () => ({ same: [] }),
    'receive.start': async ({ transfer }) => {
      const opened = await start(transfer);
      live.add(transfer);
      const { facts, held, layout } = opened;
      return {
        selection: facts.selection,
        totalBytes: layout.totalBytes,
        files: totalsOf(facts.entries, facts.selection).files,
        have: toRanges(held),
      };
    },
    'receive.write': async ({ transfer, block, parts, hash }) => ({
      filesDone: await incomingOf(transfer).write(block, parts, hash),
    }),
    'receive.fault': ({ transfer, index, code }) => {
      const opened = incomingOf(transfer);
      if (opened.facts.entries[index] === undefined) throw new Fault('transfer-refused', 'no such entry');
      opened.failed.set(index, isFaultCode(code) ? code : 'source-unreadable');
    },
    'receive.commit': async ({ transfer, root }) => {
      const opened = incomingOf(transfer);
      const { count, faults } = await opened.commit(root);
      received.set(transfer, { transfer: opened, entries: receivedEntries(opened) });
      return { published: count, faults };
    },
    'receive.room': async ({ transfer }) => ({
      neededBytes: incomingOf(transfer).leftBytes,
      freeBytes: await store.freeBytes(),
    }),
    'receive.reopen': ({ transfer }) => {
      const { facts, published } = incomingOf(transfer);
      const { secret, title, peerName, entries, selection, manifestDigest } = facts;
      const totals = totalsOf(entries, 'all');
      const view = { id: transfer, secret, title, peerName, totals, selection, manifestDigest };
      if (published === undefined) return view;
      const { root, count, faults } = published;
      return { ...view, published: { root, files: count + faults.length, faults } };
    },
    'receive.close': async ({ transfer, keep }) => {
      offers.delete(transfer);
      live.delete(transfer);
      if (keep) onUnfinishedChanged();
      else await discard(transfer);
      // Nothing has its name before the whole is right.
      return { inPlace: 0 };
    },
  };

  const ui: Receiving['ui'] = {
    'offer.rows': ({ transfer, ...page }) => {
      const planned = plannedOf(offerOf(transfer));
      return { rows: offerRows(planned, page), total: planned.length };
    },
    'offer.replan': async ({ transfer }) => {
      const offer = offerOf(transfer);
      return planOffer(offer, spareBytes(transfer, await store.freeBytes()));
    },
    'offer.grant': async ({ transfer, manifestDigest, selection: wanted, destination }) => {
      if (destination !== destinationId) throw new Fault('destination-refused', 'no such destination');
      const offer = offerOf(transfer);
      if ((await digestOf(offer)) !== manifestDigest) throw new Fault('transfer-refused', 'another list was shown');
      const selection = effectiveSelection(plannedOf(offer), wanted as Selection, new Set());
      const freeBytes = await store.freeBytes();
      // From here on at once: another yes may come at the same moment.
      refuseWithoutRoom(layOut(offer.entries, selection).totalBytes, spareBytes(transfer, freeBytes));
      offer.granted = selection;
    },
  };

  return {
    engine,
    ui,
    received: {
      'received.files': ({ transfer }) =>
        [...receivedOf(transfer).values()].flatMap((entry) =>
          entry.kind === 'file' ? [{ index: entry.index, path: entry.path, size: entry.size }] : [],
        ),
      'received.file': ({ transfer, index }) => fileBlob(receivedOf(transfer), index),
      'received.zip': ({ transfer }) => zipBlob(receivedOf(transfer)),
      'received.toFolder': ({ transfer, folder }) => saveToFolder([...receivedOf(transfer).values()], folder),
      'received.discard': async ({ transfer }) => {
        const known = received.get(transfer);
        received.delete(transfer);
        await known?.transfer.remove();
      },
    },
    claims: () =>
      [...incoming].reverse().map(([id, { facts }]) => ({ id, secret: facts.secret, direction: 'receive' as const })),
    unfinished: () =>
      [...incoming].flatMap(([id, { facts, layout, leftBytes, published, updatedAtMs }]) =>
        live.has(id) || published !== undefined
          ? []
          : [
              {
                id,
                direction: 'receive' as const,
                title: facts.title,
                peerName: facts.peerName,
                bytesDone: layout.totalBytes - leftBytes,
                bytesTotal: layout.totalBytes,
                files: totalsOf(facts.entries, facts.selection).files,
                updatedAtMs,
              },
            ],
      ),
    discard,
  };
}

function refuseWithoutRoom(neededBytes: number, freeBytes: number): void {
  if (neededBytes > freeBytes) throw new Fault('disk-full', 'not enough room', { detail: { neededBytes, freeBytes } });
}
