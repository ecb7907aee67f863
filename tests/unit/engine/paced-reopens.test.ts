// A peer that ends a transfer and goes on with it in turns: each time the host opens what it kept. It is opened so often in a row, and
// then one after the other at a pace. So is an offer that the peer has sent again and again: each time the whole list goes.

import { expect, it } from 'vitest';
import type { Disk } from '../../../engine/ports.ts';
import { askedReopensBurst, askedReopensPerSecond, blockBytes } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { MemoryDisk, Side } from './engine-pair.ts';
import {
  entries,
  hello,
  id,
  linkPeer,
  manifest,
  offer,
  offeredBy,
  received,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

const turnMs = 1_000 / askedReopensPerSecond;
const beyond = 20;

/** Counts what the host opens again. */
function counting() {
  const clock = new VirtualClock();
  const disk = new MemoryDisk();
  let reopened = 0;
  const counted = <T extends { reopen(): Promise<unknown> }>(files: T): T => ({
    ...files,
    reopen: () => {
      reopened += 1;
      return files.reopen();
    },
  });
  const port: Disk = {
    source: (transfer, from) => counted(disk.source(transfer, from)),
    sink: (transfer) => counted(disk.sink(transfer)),
    claims: disk.claims,
    addHistory: disk.addHistory,
  };
  return { clock, peer: linkPeer(true, new Side(disk, { clock }, port)), reopened: () => reopened };
}

async function loop(peer: ScriptedPeer, times: number, words: (time: number) => readonly unknown[]): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    sendTo(peer, ...words(time));
    await settle(12);
  }
}

it('C20 `again` and a cancel in turns', async () => {
  const { clock, peer, reopened } = counting();
  const { transfer } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(3000) }]);
  const words = [
    { type: 'cancel', transfer, code: 'disk-error' },
    { type: 'again', transfer },
  ];
  await loop(peer, askedReopensBurst + beyond, () => words);
  expect(reopened()).toBe(askedReopensBurst);
  clock.advance(turnMs);
  await settle();
  expect(reopened()).toBe(askedReopensBurst + 1);
  // The newest of the words that waited was heard, and only that.
  clock.advance(10 * turnMs);
  await settle();
  expect([reopened(), peer.side.view()?.state]).toEqual([askedReopensBurst + 1, 'offered']);
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
  expect(clock.pending).toBe(0);
});

it('C20 `again` while the answer to a `continue` is awaited', async () => {
  const { clock, peer } = counting();
  const { transfer } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(3000) }]);
  await loop(peer, askedReopensBurst + beyond, () => [{ type: 'again', transfer }]);
  const continued = () => peer.messages.filter(({ type }) => type === 'continue').length;
  expect(continued()).toBe(askedReopensBurst);
  clock.advance(turnMs);
  await settle();
  expect(continued()).toBe(askedReopensBurst + 1);
  peer.side.engine.close();
});

it('C20 `continue` of what is being received', async () => {
  const { clock, peer } = counting();
  const size = 2 * blockBytes;
  sendTo(peer, hello, { ...offer, totals: { files: 1, folders: 0, bytes: size } });
  sendTo(peer, { ...manifest, entries: [{ ...entries[0], size }] });
  await received(peer, 'accept');
  const accepted = () => peer.messages.filter(({ type }) => type === 'accept').length - 1;
  await loop(peer, askedReopensBurst + beyond, (time) => [{ type: 'continue', transfer: id, tag: 100 + time }]);
  expect(accepted()).toBe(askedReopensBurst);
  clock.advance(turnMs);
  await settle();
  expect(accepted()).toBe(askedReopensBurst + 1);
  expect(peer.messages.at(-1)).toMatchObject({ type: 'accept', tag: 99 + askedReopensBurst + beyond });
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
});

it('C20 `continue` and a cancel in turns', async () => {
  const { clock, peer, reopened } = counting();
  const size = 2 * blockBytes;
  sendTo(peer, hello, { ...offer, totals: { files: 1, folders: 0, bytes: size } });
  sendTo(peer, { ...manifest, entries: [{ ...entries[0], size }] });
  await received(peer, 'accept');
  const failing = { type: 'cancel', transfer: id, code: 'source-unreadable' };
  const words = (time: number) => [failing, { type: 'continue', transfer: id, tag: 100 + time }];
  await loop(peer, askedReopensBurst + beyond, words);
  expect(reopened()).toBe(askedReopensBurst);
  clock.advance(turnMs);
  await settle();
  expect(reopened()).toBe(askedReopensBurst + 1);
  // The newest one is gone on with.
  expect(peer.messages.findLast(({ type }) => type === 'accept')?.tag).toBe(100 + askedReopensBurst + beyond - 1);
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
  expect(clock.pending).toBe(0);
});

it('C20 `again` and a decline of what it does not know in turns', async () => {
  const { clock, peer } = counting();
  const { transfer } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(3000) }]);
  const heard = (type: string) => peer.messages.filter((message) => message.type === type).length;
  const declineContinued = async () => {
    if (heard('continue') < heard('offer')) return;
    sendTo(peer, { type: 'decline', transfer, code: 'transfer-unknown' });
    await settle(12);
  };
  for (let time = 0; time < askedReopensBurst + beyond; time += 1) {
    await loop(peer, 1, () => [{ type: 'again', transfer }]);
    await declineContinued();
  }
  expect(heard('offer')).toBe(1 + askedReopensBurst);
  clock.advance(turnMs);
  await settle();
  await declineContinued();
  expect([heard('offer'), peer.side.view()?.state]).toEqual([1 + askedReopensBurst + 1, 'offered']);
  expect(peer.side.of('violation')).toEqual([]);
  peer.side.engine.close();
  expect(clock.pending).toBe(0);
});

it('C20 whoever asks waits in vain once the link is over', async () => {
  const { clock, peer, reopened } = counting();
  const { transfer } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(3000) }]);
  const words = [
    { type: 'cancel', transfer, code: 'disk-error' },
    { type: 'again', transfer },
  ];
  await loop(peer, askedReopensBurst + 1, () => words);
  peer.side.engine.command({ do: 'end', say: 'nothing' });
  clock.advance(10 * turnMs);
  await settle();
  expect(reopened()).toBe(askedReopensBurst);
  peer.side.engine.close();
  expect(clock.pending).toBe(0);
});

it('C20 a `continue` that waits does not outlive the word of the sender that it failed', async () => {
  const { clock, peer, reopened } = counting();
  const size = 2 * blockBytes;
  sendTo(peer, hello, { ...offer, totals: { files: 1, folders: 0, bytes: size } });
  sendTo(peer, { ...manifest, entries: [{ ...entries[0], size }] });
  await received(peer, 'accept');
  await loop(peer, askedReopensBurst, (time) => [{ type: 'continue', transfer: id, tag: 100 + time }]);
  sendTo(peer, { type: 'continue', transfer: id, tag: 9_000 });
  sendTo(peer, { type: 'cancel', transfer: id, code: 'source-unreadable' });
  await settle();
  expect(peer.side.view()?.state).toBe('failed');
  clock.advance(10 * turnMs);
  await settle();
  expect([reopened(), peer.side.view()?.state]).toEqual([0, 'failed']);
  peer.side.engine.close();
});
