// An empty folder that could not be made is told on both sides, as a folder and by name, and counts as no file.

import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { EntryFault } from '../../../shared/model/transfer.ts';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import { Side } from './engine-pair.ts';
import {
  entries,
  hello,
  id,
  linkPeer,
  manifest,
  offer,
  offeredBy,
  proofsOf,
  received,
  refused,
  type ScriptedPeer,
  sendTo,
} from './scripted-peer.ts';

const bytes = new Uint8Array(3000).fill(1);
const hash = createHash('sha256').update(bytes).digest();
const root = createHash('sha256').update(hash).digest('hex');
const folder = { kind: 'folder', path: ['empty'], mtimeMs: 0 };
const withFolder = [
  { ...offer, totals: { ...offer.totals, folders: 1 } },
  { ...manifest, entries: [...entries, folder] },
];
const fault: EntryFault = { index: 1, code: 'destination-refused', isFolder: true };
const told = { index: 1, code: 'destination-refused' };

async function receive(): Promise<ScriptedPeer> {
  const peer = linkPeer(true);
  sendTo(peer, hello, ...withFolder);
  await peer.side.reached('receiving');
  return peer;
}

it('A11 is told by the receiver, in its row, its history and to the sender, also after a restart', async () => {
  const peer = await receive();
  peer.side.disk.publishFaults = [fault];
  peer.lane.post(encodeFrame({ tag: 7, block: 0, offset: 0 }, bytes, hash), 0);
  await received(peer, 'stored');
  sendTo(peer, { type: 'complete', transfer: id, tag: 7, root });
  expect(await received(peer, 'delivered')).toMatchObject({ faults: [told], faultCount: 1 });
  const named = [{ path: ['empty'], code: 'destination-refused' }];
  expect(peer.side.view()).toMatchObject({ state: 'done', fileFaultCount: 0, folderFaults: { count: 1, named } });
  await expect.poll(() => peer.side.disk.history).toEqual(['done without 1 folders']);
  peer.side.engine.close();

  const again = linkPeer(true, new Side(peer.side.disk));
  const claims = await proofsOf(again, 'send');
  sendTo(again, hello, { type: 'claims', claims }, { type: 'continue', transfer: id, tag: 9 });
  expect(await received(again, 'delivered')).toMatchObject({ faults: [told], faultCount: 1 });
  expect(again.side.view()).toMatchObject({ fileFaults: [], fileFaultCount: 0, folderFaults: { count: 1 } });
  again.side.engine.close();
});

it('is no file of which the sender may say that it cannot be read', async () => {
  const peer = await receive();
  sendTo(peer, { type: 'file-faults', transfer: id, faults: [{ index: 1, code: 'source-missing' }] });
  await refused(peer);
});

async function delivers(folders: number, faults: readonly unknown[], faultCount: number): Promise<ScriptedPeer> {
  const peer = linkPeer(true);
  peer.side.disk.folders = Array.from({ length: folders }, (_, nth) => [`empty ${nth}`]);
  const { transfer, tag } = await offeredBy(peer, [
    { path: ['a'], bytes: new Uint8Array(randomBytes(3000)) },
    { path: ['b'], bytes: new Uint8Array(randomBytes(3000)) },
  ]);
  sendTo(peer, { type: 'accept', transfer, tag, all: true, credit: 1 });
  await expect.poll(() => peer.blocks.length, { interval: 2 }).toBe(1);
  sendTo(peer, { type: 'stored', transfer, tag, ranges: [[0, 1]], credit: 1 });
  const { root: sent } = await received(peer, 'complete');
  sendTo(peer, { type: 'delivered', transfer, root: sent, faults, faultCount });
  return peer;
}

it('is told by the sender, by name', async () => {
  const peer = await delivers(1, [{ index: 2, code: 'disk-denied' }], 1);
  await peer.side.reached('done');
  const folderFaults = { count: 1, named: [{ path: ['empty 0'], code: 'disk-denied' }] };
  expect(peer.side.view()).toMatchObject({ fileFaults: [], fileFaultCount: 0, folderFaults });
  peer.side.engine.close();
});

it('counts with those that are not listed, and so do files', async () => {
  const listed = Array.from({ length: 512 }, (_, nth) => ({ index: 2 + nth, code: 'disk-denied' }));
  const peer = await delivers(600, listed, 602);
  await peer.side.reached('done');
  expect(peer.side.view()).toMatchObject({ fileFaultCount: 2, folderFaults: { count: 600 } });
  expect(peer.side.view()!.folderFaults!.named.length).toBeLessThan(512);
  peer.side.engine.close();
});

it.each([
  ['more than there are', 1, 4],
  ['fewer than are listed', 1, 0],
])('is not counted where a receiver counts %s', async (_what, folders, count) => {
  await refused(await delivers(folders, [{ index: 2, code: 'disk-denied' }], count));
});
