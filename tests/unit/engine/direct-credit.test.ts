// How many blocks a direct lane may have on its way, and what data channels may once it is gone.

import { expect, it, vi } from 'vitest';
import { Transfers } from '../../../engine/transfers.ts';
import { directLaneFeature } from '../../../shared/wire/control.ts';
import { creditMaxBlocks, directCreditMaxBlocks } from '../../../shared/wire/limits.ts';
import { directLaneUp, joinHosts, linkOverDirectLane, MemoryHost } from './direct-hosts.ts';
import { expectArrived, fileOf, MemoryDisk, Side, sendFiles } from './engine-pair.ts';
import {
  addLane,
  frame,
  hello,
  linkPeer,
  manifest,
  offer,
  received,
  refused,
  sendTo,
  settle,
} from './scripted-peer.ts';

vi.mock('../../../shared/wire/limits.ts', async (original) => ({
  ...(await original()),
  blockBytes: 4_096,
  creditMaxBlocks: 3,
  directCreditMaxBlocks: 40,
  directSendsMin: 2,
  directSendsMax: 4,
  directBlocksPerCall: 2,
}));

const blockBytes = 4_096;
const fileBytes = 40 * blockBytes;

it('as many blocks as the direct lane has credit for are on their way, and once it is gone data channels bring them a few at a time', async () => {
  const pair = linkOverDirectLane();
  await directLaneUp(pair);
  const [, there] = pair.hosts;
  const lost = vi.spyOn(there, 'store').mockResolvedValue();
  const files = [fileOf('big', fileBytes)];
  await sendFiles(pair, files);
  await expect.poll(() => lost.mock.calls.length).toBe(directCreditMaxBlocks);
  await settle();
  expect([lost.mock.calls.length, pair.b.disk.written]).toEqual([directCreditMaxBlocks, 0]);
  lost.mockRestore();
  for (const host of pair.hosts) host.peer = undefined;
  for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'link-state', up: false });
  for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'link-state', up: true });
  await pair.a.reached('done');
  expectArrived(pair, files);
  expect(pair.b.disk.mostInFlight).toBeLessThanOrEqual(creditMaxBlocks);
});

it('once a direct lane is gone, no more of its blocks are read than wait for data channels', async () => {
  const pair = linkOverDirectLane();
  await directLaneUp(pair);
  const lost = vi.spyOn(pair.hosts[1], 'store').mockResolvedValue();
  await sendFiles(pair, [fileOf('big', 200 * blockBytes)]);
  await expect.poll(() => lost.mock.calls.length).toBe(directCreditMaxBlocks);
  for (const [wire] of pair.lanes) wire.unread = [];
  const before = pair.a.disk.reads;
  for (const host of pair.hosts) host.peer = undefined;
  for (const host of pair.hosts) host.kill();
  await settle();
  expect(pair.a.disk.reads - before).toBeLessThanOrEqual(16 + creditMaxBlocks);
  for (const { engine } of [pair.a, pair.b]) engine.close();
});

it('what an older version grants is enough for a direct lane', async () => {
  const older = vi.spyOn(Transfers.prototype, 'creditShare').mockReturnValue(creditMaxBlocks);
  const pair = linkOverDirectLane();
  await directLaneUp(pair);
  const files = [fileOf('big', fileBytes)];
  await sendFiles(pair, files);
  await pair.a.reached('done');
  expectArrived(pair, files);
  expect(pair.hosts[1].carried).toBe(40);
  older.mockRestore();
});

it('F8 a peer that uses the credit of the direct lane on data channels is refused', async () => {
  const [ours, theirs] = [new MemoryHost(), new MemoryHost()];
  joinHosts(ours, theirs);
  theirs.met = 1;
  const peer = linkPeer(true, new Side(undefined, { direct: ours }));
  sendTo(peer, { ...hello, features: [directLaneFeature] });
  await received(peer, 'direct');
  sendTo(peer, { type: 'direct', fingerprint: 'ab'.repeat(32), port: 40_000 });
  await peer.side.until(() => peer.side.of('direct-lane').length > 0);
  sendTo(
    peer,
    { type: 'claims', claims: [] },
    { ...offer, totals: { files: 1, folders: 0, bytes: fileBytes } },
    { ...manifest, entries: [{ kind: 'file', path: ['a'], size: fileBytes, mtimeMs: 0, executable: false }] },
  );
  expect(await received(peer, 'accept')).toMatchObject({ credit: directCreditMaxBlocks });
  for (let block = 0; block < creditMaxBlocks; block += 1) addLane(peer, 10 + block).post(frame(0, 2000, block), 0);
  await settle();
  expect(peer.side.of('violation')).toEqual([]);
  peer.lane.post(frame(0, 2000, creditMaxBlocks), 0);
  await refused(peer);
});

it('a transfer goes on although the last that a dead direct lane brought is stored while it is read again', async () => {
  let reading = Promise.resolve();
  let writing = Promise.resolve();
  const disks = [new MemoryDisk(), new MemoryDisk()] as const;
  const source = disks[0].source.bind(disks[0]);
  disks[0].source = (t, f) => {
    const s = source(t, f);
    const read = s.read.bind(s);
    return {
      ...s,
      read: async (b) => {
        const now = reading;
        await now;
        return read(b);
      },
    };
  };
  const sink = disks[1].sink.bind(disks[1]);
  disks[1].sink = (t) => {
    const s = sink(t);
    const write = s.write.bind(s);
    return {
      ...s,
      write: async (...args) => {
        const now = writing;
        await now;
        return write(...args);
      },
    };
  };
  const pair = linkOverDirectLane({ disks });
  await directLaneUp(pair);
  const [, there] = pair.hosts;
  const slow = Promise.withResolvers<void>();
  writing = slow.promise;
  const store = there.store.bind(there);
  const seen: number[] = [];
  vi.spyOn(there, 'store').mockImplementation(async (at, bytes) => {
    seen.push(at.block);
    // The others are lost with the lane.
    if (at.block < 20) await store(at, bytes);
  });
  await sendFiles(pair, [fileOf('big', 100 * 4_096)]);
  await expect.poll(() => seen.length).toBe(40);
  await settle();
  const sourceDisk = Promise.withResolvers<void>();
  reading = sourceDisk.promise;
  for (const host of pair.hosts) host.peer = undefined;
  for (const host of pair.hosts) host.kill();
  await settle();
  // What had arrived is stored and told of while it is being read to go again.
  slow.resolve();
  await settle();
  await settle();
  sourceDisk.resolve();
  await expect.poll(() => pair.a.view()?.state, { timeout: 4_000 }).toBe('done');
}, 10_000);
