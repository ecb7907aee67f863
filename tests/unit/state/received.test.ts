// On a guest page: what was received takes room in the browser until its row is removed.

import { expect, it, vi } from 'vitest';
import { stageConnection } from '../../../renderer/gallery/scene-transfers.ts';
import { plan } from '../../../renderer/gallery/scenes.ts';
import type { ReceivedFiles } from '../../../renderer/state/ports.ts';
import { settled } from '../link/virtual-clock.ts';
import { type Bench, idOf, openBench, transfer } from './stage.ts';

const row = { index: 0, kind: 'file', path: ['a.txt'], size: 5, flags: [] };
const full = { ...plan, fits: false, destination: { ...plan.destination, freeBytes: 0 } };

/** One was received and saved, and another one does not fit beside it. */
async function open(): Promise<Bench> {
  const received: ReceivedFiles = {
    canPickFolder: false,
    save: async () => undefined,
    saveEach: async () => undefined,
    saveToFolder: async () => false,
    discard: async () => undefined,
  };
  const bench = openBench('guest', { received });
  bench.answers.set('offer.rows', { rows: [row], total: 1 });
  bench.emit(transfer(1, { direction: 'receive', state: 'done' }));
  await bench.tincan.actions.saveReceived(idOf(1));
  bench.emit({ is: 'offer', connection: stageConnection, transfer: idOf(2), plan: full });
  await vi.waitFor(() => expect(offerOf(bench)?.listing.at).toBe('ready'));
  return bench;
}

const offerOf = ({ tincan }: Bench) => tincan.store.getState().offers[0];

it.each([
  ['with its row', ({ tincan }: Bench) => tincan.actions.forget(idOf(1))],
  ['with everything that is over', ({ tincan }: Bench) => tincan.actions.clearFinished()],
])('makes room for an offer when it is removed %s', async (_how, remove) => {
  const bench = await open();
  bench.answers.set('offer.replan', plan);
  remove(bench);
  await vi.waitFor(() => expect(offerOf(bench)?.plan.fits).toBe(true));
  await vi.waitFor(() => expect(offerOf(bench)?.listing.at).toBe('ready'));
});

it('is there until it is saved, also where its row is removed meanwhile', async () => {
  const discarded: string[] = [];
  const saved = Promise.withResolvers<void>();
  const received: ReceivedFiles = {
    canPickFolder: false,
    save: () => saved.promise,
    saveEach: async () => undefined,
    saveToFolder: async () => false,
    discard: async (id) => void discarded.push(id),
  };
  const { emit, tincan } = openBench('guest', { received });
  emit(transfer(1, { direction: 'receive', state: 'done' }));
  const saving = tincan.actions.saveReceived(idOf(1));
  tincan.actions.forget(idOf(1));
  expect([discarded, tincan.store.getState().order]).toEqual([[], [idOf(1)]]);
  saved.resolve();
  await saving;
  tincan.actions.forget(idOf(1));
  expect([discarded, tincan.store.getState().order]).toEqual([[idOf(1)], []]);
});

it('has an offer planned anew only where that did not fit', async () => {
  const bench = await open();
  bench.answers.set('offer.replan', plan);
  bench.tincan.actions.forget(idOf(1));
  await vi.waitFor(() => expect(offerOf(bench)?.plan.fits).toBe(true));
  bench.calls.splice(0);
  bench.tincan.actions.forget(idOf(1));
  await settled();
  expect(bench.calls).toEqual([]);
});
