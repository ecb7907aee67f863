// What a remembered computer sends unasked goes to the folder that was chosen for it, or is asked about.

import { expect, it, vi } from 'vitest';
import { stageConnection } from '../../../renderer/gallery/scene-transfers.ts';
import { plan } from '../../../renderer/gallery/scenes.ts';
import { Fault } from '../../../shared/model/fault.ts';
import { type Bench, idOf, openBench } from './stage.ts';

const folder = { id: 'own', label: '/home/anna/from Ben', freeBytes: 1e12 };
const peer = { id: '0a', name: 'Ben', seenAtMs: 0, blocked: false, acceptMaxBytes: 1e9, acceptDir: folder.label };

async function open(remembered: object = peer): Promise<Bench> {
  const bench = openBench();
  bench.show({
    at: 'linked',
    peer: { name: 'Ben', knownId: '0a', trust: { at: 'settled', digits: '402917', checked: 'known' } },
  });
  bench.answers.set('remembered.list', [remembered]);
  await bench.tincan.actions.loadRemembered();
  bench.answers.set('offer.rows', {
    rows: [{ index: 0, kind: 'file', path: ['a.txt'], size: 5, flags: [] }],
    total: 1,
  });
  bench.answers.set('remembered.acceptDestination', folder);
  bench.answers.set('offer.replan', { ...plan, destination: folder });
  return bench;
}

const granted = ({ calls }: Bench) => calls.filter(({ name }) => name === 'offer.grant').map(({ input }) => input);
const offer = (bench: Bench) => bench.emit({ is: 'offer', connection: stageConnection, transfer: idOf(9), plan });

it('is granted for that folder', async () => {
  const bench = await open();
  offer(bench);
  await vi.waitFor(() => expect(bench.commands.at(-1)).toMatchObject({ do: 'accept', transfer: idOf(9) }));
  expect(granted(bench)).toMatchObject([{ transfer: idOf(9), destination: 'own' }]);
  await vi.waitFor(() => expect([...bench.tincan.store.getState().automatic]).toEqual([idOf(9)]));
});

it.each([
  ['blocks them', { ...peer, blocked: true }],
  ['does not accept without asking any more', { ...peer, acceptMaxBytes: undefined }],
])('is asked about where the person %s while the folder is looked at', async (_what, changed) => {
  const bench = await open();
  const looked = Promise.withResolvers<typeof folder>();
  bench.answers.set('remembered.acceptDestination', looked.promise);
  offer(bench);
  await vi.waitFor(() => expect(bench.calls.at(-1)?.name).toBe('remembered.acceptDestination'));
  bench.answers.set('remembered.list', [changed]);
  await bench.tincan.actions.loadRemembered();
  looked.resolve(folder);
  await vi.waitFor(() => expect(bench.tincan.store.getState().offers[0]?.plan.destination.id).toBe('own'));
  await vi.waitFor(() => expect(bench.tincan.store.getState().offers[0]?.listing.at).toBe('ready'));
  expect(granted(bench)).toEqual([]);
});

it('goes where everything goes for whom no folder was chosen', async () => {
  const { acceptDir: _, ...plainPeer } = peer;
  const bench = await open(plainPeer);
  offer(bench);
  await vi.waitFor(() => expect(granted(bench)).toMatchObject([{ destination: plan.destination.id }]));
});

it('is asked about, with the reason, where that folder is gone or other accounts can change it', async () => {
  const gone = await open();
  const refusal = Promise.reject(new Fault('destination-missing', 'gone'));
  refusal.catch(() => undefined);
  gone.answers.set('remembered.acceptDestination', refusal);
  offer(gone);
  await vi.waitFor(() =>
    expect(gone.tincan.store.getState().offers[0]?.answer).toMatchObject({
      at: 'failed',
      fault: { code: 'destination-missing' },
    }),
  );
  expect(granted(gone)).toEqual([]);

  const shared = await open();
  shared.answers.set('offer.replan', { ...plan, destination: { ...folder, isShared: true } });
  offer(shared);
  await vi.waitFor(() => expect(shared.tincan.store.getState().offers[0]?.plan.destination.id).toBe('own'));
  await vi.waitFor(() => expect(shared.tincan.store.getState().offers[0]?.listing.at).toBe('ready'));
  expect(granted(shared)).toEqual([]);
});

it('P3 is asked about where the sender made another offer of the same name while the folder is looked at', async () => {
  const bench = await open();
  const replanned = Promise.withResolvers<typeof plan>();
  bench.answers.set('offer.replan', replanned.promise);
  offer(bench);
  await vi.waitFor(() => expect(bench.calls.at(-1)?.name).toBe('offer.replan'));
  bench.emit({ is: 'offer-gone', transfer: idOf(9) });
  const large = { ...plan, manifestDigest: 'cd'.repeat(32), totals: { files: 1, folders: 0, bytes: 1e13 } };
  bench.answers.set('remembered.acceptDestination', null);
  bench.emit({ is: 'offer', connection: stageConnection, transfer: idOf(9), plan: large });
  const shown = () => bench.tincan.store.getState().offers[0];
  await vi.waitFor(() => expect(shown()?.listing.at).toBe('ready'));
  replanned.resolve({ ...plan, destination: folder });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(granted(bench)).toEqual([]);
  expect(shown()?.plan).toEqual(large);
});

it('is not called accepted by itself where that failed and a person accepted it', async () => {
  const bench = await open();
  const { actions, store } = bench.tincan;
  const refusal = Promise.reject(new Fault('disk-full', 'no room'));
  refusal.catch(() => undefined);
  bench.answers.set('offer.grant', refusal);
  offer(bench);
  await vi.waitFor(() => expect(store.getState().offers[0]?.answer.at).toBe('failed'));
  bench.answers.set('offer.grant', null);
  await actions.accept(idOf(9));
  expect(bench.commands.at(-1)).toMatchObject({ do: 'accept', transfer: idOf(9) });
  expect([...store.getState().automatic]).toEqual([]);
});
