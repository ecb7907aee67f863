// Transfers that are taken up again, over a spare, by a retry or with a new code, in the moments in which it is easiest to go
// wrong: while a write or the publishing is under way, and when the last words were said where nobody messages them.

import { describe, expect, it } from 'vitest';
import { Fault } from '../../../shared/model/fault.ts';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import { creditMaxBlocks } from '../../../shared/wire/limits.ts';
import { expectArrived, fileOf, linkTwo, type Pair, Side, sendFiles } from './engine-pair.ts';
import type { MemoryFile } from './memory-files.ts';
import {
  changeControl,
  hello,
  id,
  linkPeer,
  manifest,
  offer,
  offeredBy,
  proofsOf,
  received,
  sendTo,
  settle,
} from './scripted-peer.ts';

/** Both lines are dead from the moment on in which one side says this. */
function cutOnceSaid({ controls }: Pair, from: 0 | 1, what: string): Promise<void> {
  const end = controls[from];
  return new Promise((resolve) => {
    end.alter = (item) => {
      if (!String(item).includes(`"${what}"`)) return item;
      for (const one of controls) one.isCut = true;
      resolve();
      return '{"type":"x-lost"}';
    };
  });
}

const bytes = new Uint8Array(3000);
const patience = { interval: 2, timeout: 10_000 };

it('the disk is told again of files that failed by each attempt that begins anew: it may have kept nothing', async () => {
  const peer = linkPeer(true);
  const { side } = peer;
  const faults = { type: 'file-faults', transfer: id, faults: [{ index: 0, code: 'source-unreadable' }] };
  sendTo(peer, hello, offer, manifest);
  await received(peer, 'accept');
  sendTo(peer, faults, faults);
  await settle();
  expect(side.disk.toldFaults).toEqual([0]);
  sendTo(peer, { type: 'cancel', transfer: id, code: 'source-unreadable' });
  await side.reached('failed');
  sendTo(peer, { type: 'continue', transfer: id, tag: 9 });
  await received(peer, 'accept', 2);
  sendTo(peer, faults, faults);
  await settle();
  expect(side.disk.toldFaults).toEqual([0, 0]);
  side.engine.close();
});

it('a button that is pressed many times within a moment asks the sender once, and later once more', async () => {
  const peer = linkPeer(true);
  const { side, messages } = peer;
  sendTo(peer, hello, offer, manifest);
  await received(peer, 'accept');
  sendTo(peer, { type: 'cancel', transfer: id, code: 'source-unreadable' });
  await side.reached('failed');
  for (let press = 0; press < 50; press += 1) side.engine.command({ do: 'retry', transfer: id });
  await received(peer, 'again');
  await settle();
  expect(messages.filter(({ type }) => type === 'again')).toHaveLength(1);
  await expect
    .poll(() => {
      side.engine.command({ do: 'retry', transfer: id });
      return messages.filter(({ type }) => type === 'again').length;
    }, patience)
    .toBe(2);
  side.engine.close();
});

describe('a block whose write is still under way', () => {
  it('counts, and is not told to an attempt that has not sent it', async () => {
    const peer = linkPeer(true);
    const { side } = peer;
    const written = Promise.withResolvers<void>();
    side.disk.beforeWrite = () => written.promise;
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    sendTo(peer, hello, offer, manifest);
    await received(peer, 'accept');
    peer.lane.post(encodeFrame({ tag: 7, block: 0, offset: 0 }, bytes, hash), 0);
    await expect.poll(() => side.disk.inFlight, patience).toBe(1);
    sendTo(peer, { type: 'continue', transfer: id, tag: 9 });
    await received(peer, 'accept', 2);
    written.resolve();
    await expect.poll(() => side.disk.written, patience).toBe(1);
    await settle();
    expect(peer.messages.filter(({ type }) => type === 'stored')).toEqual([]);
    peer.lane.post(encodeFrame({ tag: 9, block: 0, offset: 0 }, bytes, hash), 0);
    expect(await received(peer, 'stored')).toMatchObject({ tag: 9, ranges: [[0, 1]] });
    expect(side.disk.written).toBe(1);
    side.engine.close();
  });

  it('and then finds the disk full does not make a restarted sender wait', async () => {
    const pair = linkTwo(1);
    const files = [fileOf('big', 3_000_000)];
    const waiting: (() => void)[] = [];
    pair.b.disk.beforeWrite = () =>
      new Promise((_, reject) => waiting.push(() => reject(new Fault('disk-full', 'full'))));
    await sendFiles(pair, files);
    await expect.poll(() => waiting.length, patience).toBe(3);
    pair.a.engine.close();
    const isFree = Promise.withResolvers<void>();
    pair.b.disk.beforeWrite = () => isFree.promise;
    const again = linkTwo(1, { a: new Side(pair.a.disk), b: pair.b });
    await again.a.reached('sending');
    for (const fail of waiting) fail();
    await settle();
    isFree.resolve();
    await again.a.reached('done');
    expectArrived(again, files);
    expect(again.a.of('transfer').filter(({ view }) => view.pause === 'disk')).toEqual([]);
  });
});

describe('a delivery whose message was lost', () => {
  async function lost(files: readonly MemoryFile[]): Promise<Pair> {
    const pair = linkTwo(1);
    const isCut = cutOnceSaid(pair, 1, 'delivered');
    await sendFiles(pair, files);
    await isCut;
    await pair.b.reached('done');
    expect(pair.a.view()!.state).toBe('verifying');
    return pair;
  }
  const files = [fileOf('big', 3_000_000), fileOf('small', 10)];

  it.each([
    ['over a spare', (pair: Pair) => linkTwo(1, { ...pair, fresh: false })],
    ['with a new code', (pair: Pair) => linkTwo(1, { a: pair.a, b: pair.b })],
    ['by a sender that was restarted', ({ a, b }: Pair) => linkTwo(1, { a: new Side(a.disk), b })],
    ['by a receiver that was restarted', ({ a, b }: Pair) => linkTwo(1, { a, b: new Side(b.disk) })],
    ['when both were', ({ a, b }: Pair) => linkTwo(1, { a: new Side(a.disk), b: new Side(b.disk) })],
  ])('is messages of %s, and nothing is kept any more', async (_how, anew) => {
    const pair = await lost(files);
    const { written } = pair.b.disk;
    const again = anew(pair);
    await again.a.reached('done');
    expectArrived(again, files);
    expect(pair.b.disk.written).toBe(written);
    await expect.poll(() => [pair.a.disk.sends.size, pair.b.disk.receives.size], patience).toEqual([0, 0]);
  });

  it('is proven by the hashes that were remembered, though the files are gone by now', async () => {
    const { a, b } = await lost(files);
    a.disk.files = files.map(({ path, bytes: gone }) => ({ path, bytes: new Uint8Array(gone.length) }));
    const again = linkTwo(1, { a: new Side(a.disk), b });
    await again.a.reached('done');
    expect(again.a.view()!.rootHash).toBe(b.view()!.rootHash);
  });

  it('is proven by the hash over everything that was announced, though the hashes and the files are gone by now', async () => {
    const { a, b } = await lost(files);
    a.disk.hashes.clear();
    a.disk.files = files.map(({ path, bytes: gone }) => ({ path, bytes: new Uint8Array(gone.length) }));
    const again = linkTwo(1, { a: new Side(a.disk), b });
    await again.a.reached('done');
    expect(again.a.view()!.rootHash).toBe(b.view()!.rootHash);
  });

  it('is proven by the files where the hashes that were remembered are damaged', async () => {
    const { a, b } = await lost(files);
    for (const hash of a.disk.hashes.values()) hash.fill(7);
    const again = linkTwo(1, { a: new Side(a.disk), b });
    await again.a.reached('done');
    expect(again.a.of('transfer').filter(({ view }) => view.state === 'failed')).toEqual([]);
  });

  it('because the hashes that were remembered are damaged is not refused a second time', async () => {
    const big = [fileOf('big', 6_000_000)];
    const isFree = Promise.withResolvers<void>();
    const first = linkTwo(1);
    let writes = 0;
    first.b.disk.beforeWrite = () => (++writes > 3 ? isFree.promise : Promise.resolve());
    first.b.disk.checksRoot = true;
    await sendFiles(first, big);
    await expect.poll(() => first.b.disk.written, patience).toBe(3);
    first.a.engine.close();
    isFree.resolve();
    const pair = linkTwo(1, { a: new Side(first.a.disk), b: first.b });
    for (const hash of pair.a.disk.hashes.values()) hash.fill(7);
    await cutOnceSaid(pair, 1, 'hash-mismatch');
    const again = linkTwo(1, { ...pair, fresh: false });
    await again.a.reached('done');
    expectArrived(again, big);
    expect(again.b.disk.publishings).toBe(2);
  });

  it('is not believed of something else', async () => {
    const { a, b } = await lost(files);
    for (const kept of b.disk.receives.values()) kept.published!.root = 'f'.repeat(64);
    const again = linkTwo(1, { a: new Side(a.disk), b: new Side(b.disk) });
    await again.a.reached('failed');
    expect(again.a.view()!.fault?.code).toBe('hash-mismatch');
  });
});

describe('messages that were lost with their link', () => {
  const big = [fileOf('big', 30_000_000)];

  /** Some of it is on disk, as much as may be is on its way there, and the rest is not sent yet until `goOn`. */
  async function moving(): Promise<Pair & { readonly goOn: () => void }> {
    const pair = linkTwo(1);
    const isFree = Promise.withResolvers<void>();
    let writes = 0;
    pair.b.disk.beforeWrite = () => (++writes > 3 ? isFree.promise : Promise.resolve());
    await sendFiles(pair, big);
    await expect.poll(() => [pair.b.disk.written, pair.b.disk.inFlight], patience).toEqual([3, creditMaxBlocks]);
    return { ...pair, goOn: isFree.resolve };
  }
  const cut = (pair: Pair) => {
    for (const end of pair.controls) end.isCut = true;
  };
  const spare = ({ a, b }: Pair) => linkTwo(1, { a, b, fresh: false });

  it('that the receiver goes on are not needed: the transfer goes on', async () => {
    const pair = await moving();
    pair.b.engine.command({ do: 'pause', transfer: pair.b.view()!.id });
    await pair.a.until(() => pair.a.view()?.pause === 'peer');
    cut(pair);
    pair.b.engine.command({ do: 'resume', transfer: pair.b.view()!.id });
    const again = spare(pair);
    pair.goOn();
    await again.a.reached('done');
    expectArrived(again, big);
  });

  it('that the sender goes on are not needed either, and that it waits is said again', async () => {
    const pair = await moving();
    const transfer = pair.a.view()!.id;
    cut(pair);
    pair.a.engine.command({ do: 'pause', transfer });
    const again = spare(pair);
    await again.b.until(() => again.b.view()?.pause === 'peer');
    cut(again);
    pair.a.engine.command({ do: 'resume', transfer });
    const third = spare(again);
    pair.goOn();
    await third.a.reached('done');
    await third.b.reached('done');
    expectArrived(third, big);
  });

  it('that the sender called it off are said again', async () => {
    const pair = await moving();
    cut(pair);
    pair.a.engine.command({ do: 'cancel', transfer: pair.a.view()!.id });
    spare(pair);
    pair.goOn();
    await pair.b.reached('cancelled');
    await expect.poll(() => pair.b.disk.receives.size, patience).toBe(0);
  });

  it('that a file is missing are said again, and nothing of it is published', async () => {
    const pair = linkTwo(1);
    const files: MemoryFile[] = [fileOf('a', 500), { path: ['top', 'gone'], bytes: 'missing' }, fileOf('b', 2_000_000)];
    const [control] = pair.controls;
    control.alter = (item) => (String(item).includes('"file-fault') ? '{"type":"x-lost"}' : item);
    const isCut = cutOnceSaid(pair, 1, 'stored');
    await sendFiles(pair, files);
    await isCut;
    const again = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
    await again.a.reached('done');
    expectArrived(again, files);
    expect(again.b.disk.published.has('top/gone')).toBe(false);
    expect(again.b.view()!.fileFaults).toEqual([{ path: ['top', 'gone'], code: 'source-missing' }]);
  });

  it('about an offer that never came do not end the link', async () => {
    const pair = linkTwo(1);
    await pair.a.until(() => pair.a.of('peer-name').length > 0);
    cut(pair);
    const files = [fileOf('late', 500)];
    await sendFiles(pair, files);
    await pair.a.reached('offered');
    const again = spare(pair);
    const press = (button: 'pause' | 'resume') => pair.a.engine.command({ do: button, transfer: pair.a.view()!.id });
    // Greeted, and nothing was answered yet.
    await again.a.until(() => again.a.of('peer-name').length > 1);
    press('pause');
    press('resume');
    await again.a.reached('done');
    expectArrived(again, files);
  });
});

describe('while everything is being brought into place', () => {
  async function publishing(): Promise<Pair & { readonly publish: () => void; readonly files: readonly MemoryFile[] }> {
    const pair = linkTwo(1);
    const published = Promise.withResolvers<void>();
    pair.b.disk.publishing = published.promise;
    const files = [fileOf('a', 2_000_000)];
    await sendFiles(pair, files);
    await expect.poll(() => pair.b.disk.publishings, patience).toBe(1);
    return { ...pair, publish: published.resolve, files };
  }

  it.each(['a', 'b'] as const)('a cancel of %s comes too late, and what arrived is called arrived', async (side) => {
    const pair = await publishing();
    pair[side].engine.command({ do: 'cancel', transfer: pair.b.view()!.id });
    await settle();
    pair.publish();
    await pair.b.reached('done');
    expectArrived(pair, pair.files);
  });

  it('the end of the link changes nothing: it is done, and the sender is told at the next link', async () => {
    const pair = await publishing();
    pair.b.engine.command({ do: 'end', say: 'bye' });
    pair.a.engine.command({ do: 'end', say: 'nothing' });
    await settle();
    expect(pair.b.view()!.state).toBe('verifying');
    pair.publish();
    await pair.b.reached('done');
    const again = linkTwo(1, { a: new Side(pair.a.disk), b: pair.b });
    await again.a.reached('done');
  });

  it('a sender that pairs again waits for the same publishing and not for a second one', async () => {
    const pair = await publishing();
    const again = linkTwo(1, { a: new Side(pair.a.disk), b: pair.b });
    await again.a.reached('waiting');
    await settle();
    pair.publish();
    await again.a.reached('done');
    expect(pair.b.disk.publishings).toBe(1);
  });
});

it.each(['transfer-unknown', 'journal-damaged'] as const)(
  'a transfer that the sender has lost (%s) cannot be tried again for ever: it says so, and nothing is kept',
  async (code) => {
    const pair = linkTwo(1);
    pair.b.disk.beforeWrite = async () => {
      pair.b.disk.isGone = pair.b.disk.written >= 3;
    };
    await sendFiles(pair, [fileOf('big', 20_000_000)]);
    await pair.a.reached('failed');
    const transfer = pair.a.view()!.id;
    expect(pair.a.view()).toMatchObject({ resumable: true });
    pair.a.disk.reopening = Promise.reject(new Fault(code, 'nothing is kept of this transfer'));
    pair.a.disk.reopening.catch(() => undefined);
    pair.a.engine.command({ do: 'retry', transfer });
    await pair.a.until(() => pair.a.view()?.resumable === false);
    expect(pair.a.view()).toMatchObject({ state: 'failed', fault: { code } });
    await expect.poll(() => pair.a.disk.sends.size, patience).toBe(0);
  },
);

it('both sides count what the receiver really holds once it was restarted and lost some of it', async () => {
  const pair = linkTwo(1);
  pair.b.disk.roomBlocks = 6;
  await sendFiles(pair, [fileOf('big', 20_000_000)]);
  await pair.a.until(() => pair.a.view()?.pause === 'disk');
  const [kept] = pair.b.disk.receives.values();
  for (const block of [...kept!.blocks.keys()].slice(0, 4)) kept!.blocks.delete(block);
  pair.b.disk.roomBlocks = 2;
  for (const end of pair.controls) end.isCut = true;
  const again = linkTwo(1, { a: pair.a, b: new Side(pair.b.disk), fresh: false });
  const counted = (side: Side) => side.of('progress').at(-1)?.transfers[0]?.bytesDone;
  await again.b.until(() => again.b.view()?.pause === 'disk');
  const twoBlocks = 2 * 1024 * 1024;
  await expect.poll(() => [counted(again.a), counted(again.b)], patience).toEqual([twoBlocks, twoBlocks]);
});

it('hashes that the sender remembers wrongly are made anew, and the transfer goes on by itself', async () => {
  const pair = linkTwo(1);
  const files = [fileOf('big', 20_000_000)];
  pair.b.disk.roomBlocks = 6;
  await sendFiles(pair, files);
  await pair.a.until(() => pair.a.view()?.pause === 'disk');
  pair.a.engine.close();
  pair.b.engine.close();
  pair.b.disk.roomBlocks = Number.POSITIVE_INFINITY;
  for (const hash of pair.a.disk.hashes.values()) hash.fill(7);
  pair.b.disk.checksRoot = true;
  const next = linkTwo(1, { a: new Side(pair.a.disk), b: new Side(pair.b.disk) });
  await next.a.reached('done');
  expectArrived(next, files);
  expect(next.a.of('transfer').filter(({ view }) => view.state === 'failed')).toEqual([]);
});

it('thousands of files that vanished are named without a flood of messages', async () => {
  const pair = linkTwo(1);
  const files = Array.from({ length: 4_000 }, (_, at): MemoryFile => ({ path: ['many', `${at}`], bytes: 'missing' }));
  await sendFiles(pair, [...files, fileOf('here', 100)]);
  await pair.a.reached('done');
  expect([...pair.a.of('violation'), ...pair.b.of('violation')]).toEqual([]);
  expect([...pair.b.disk.published.keys()]).toEqual(['top/here']);
  expect(pair.b.view()!.fileFaultCount).toBe(4_000);
});

it.each(['a', 'b'] as const)('a link that ends while side %s takes a transfer up leaves it as it was', async (side) => {
  const pair = linkTwo(1);
  await sendFiles(pair, [fileOf('big', 20_000_000)]);
  await pair.b.until(() => pair.b.disk.written >= 3);
  pair.a.engine.close();
  pair.b.engine.close();
  const [a, b] = [new Side(pair.a.disk), new Side(pair.b.disk)];
  const reopened = Promise.withResolvers<void>();
  pair[side].disk.reopening = reopened.promise;
  linkTwo(1, { a, b });
  await (side === 'a' ? settle(50) : b.reached('waiting'));
  const third = linkTwo(1, { a, b });
  await settle();
  reopened.resolve();
  await third.a.reached('done');
  expect(third.b.disk.published.size).toBe(1);
});

it('a lane that closes while the disk is slow does not let more come than the receiver granted', async () => {
  const pair = linkTwo(2);
  const files = [fileOf('big', 40_000_000)];
  const isFree = Promise.withResolvers<void>();
  pair.b.disk.beforeWrite = () => isFree.promise;
  await sendFiles(pair, files);
  await expect.poll(() => pair.b.disk.inFlight, patience).toBe(creditMaxBlocks);
  pair.lanes[1]![0].close();
  await pair.a.until(() => pair.a.of('channel-closed').length > 0);
  await settle(100);
  isFree.resolve();
  await pair.a.reached('done');
  expectArrived(pair, files);
});

it('a link that ended while the proofs of both sides were compared takes up nothing', async () => {
  const first = linkPeer(true);
  await offeredBy(first, [fileOf('big', 3000)]);
  first.side.engine.command({ do: 'end', say: 'nothing' });
  await settle();
  const { disk } = first.side;
  const again = linkPeer(true, new Side(disk));
  const { side } = again;
  sendTo(again, hello);
  await received(again, 'claims');
  const claims = await proofsOf(again, 'receive');
  expect(claims).toHaveLength(1);
  const isRead = Promise.withResolvers<void>();
  const { claims: read } = disk;
  disk.claims = () => isRead.promise.then(read);
  sendTo(again, { type: 'claims', claims });
  await settle();
  side.engine.command({ do: 'end', say: 'nothing' });
  isRead.resolve();
  await settle();
  expect(side.of('transfer')).toEqual([]);
});

it('half a note that a cut left behind ends no link: the next one begins anew over another control channel', async () => {
  const peer = linkPeer(true);
  sendTo(peer, hello, { type: 'text', part: 0, last: false, text: 'half' });
  await settle();
  const next = changeControl(peer);
  sendTo(next, { type: 'text', part: 0, last: true, text: 'whole' });
  await settle();
  const { side } = peer;
  expect(side.of('violation')).toEqual([]);
  expect(side.of('text').map(({ text }) => text)).toEqual(['whole']);
  side.engine.close();
});
