// Once the link with a peer is over, its connection may stay for seconds so that it hears the bye. Nothing more is sent over it, and
// nothing that comes over it counts, whoever the next link leads to.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { decodeFrame, encodeFrame, type Frame } from '../../../shared/wire/frame.ts';
import { directLaneUp, linkOverDirectLane } from './direct-hosts.ts';
import {
  bytesDoneAt,
  expectArrived,
  fileOf,
  laneOver,
  linkTwo,
  type Pair,
  Side,
  sendFiles,
  type Wire,
  wirePair,
} from './engine-pair.ts';
import { settle } from './scripted-peer.ts';

type BulkWire = Wire<Uint8Array<ArrayBuffer> | string>;

const mib = 1024 * 1024;

/** Linked with somebody who never closes anything. */
async function linked(lanes = 1, a = new Side()): Promise<Pair> {
  const pair = linkTwo(lanes, { a });
  await a.until(() => a.of('peer-name').length > 0);
  return pair;
}

/** How many bytes come out at that end from now on. */
function counted(wire: BulkWire): () => number {
  let bytes = 0;
  const { onItem } = wire;
  wire.onItem = (item) => {
    bytes += item.length;
    onItem(item);
  };
  return () => bytes;
}

/** And both have said hello. */
async function linkNext(a: Side, c = new Side()): Promise<Pair> {
  const before = a.of('peer-name').length;
  const next = linkTwo(1, { a, b: c });
  await a.until(() => a.of('peer-name').length > before);
  return next;
}

it.each(['read', 'unread'] as const)(
  'a file for the next peer goes only there, and does not wait for the last one: its connection is %s (C24)',
  async (how) => {
    const { a, b, lanes } = await linked(3);
    const bytes = lanes.map(([, theirs]) => counted(theirs));
    if (how === 'unread') for (const [ours] of lanes) ours.unread = [];
    a.engine.command({ do: 'end', say: 'bye' });
    await b.until(() => b.of('peer-left').length > 0);
    const next = await linkNext(a);
    const files = [fileOf('for c', 12 * mib)];
    await sendFiles(next, files);
    await a.reached('done');
    expectArrived(next, files);
    expect(lanes.map(([ours], at) => ours.buffered + bytes[at]!())).toEqual([0, 0, 0]);
    await a.until(() => a.of('progress').at(-1)?.transfers.at(-1)?.bytesDone === 12 * mib);
    expect(a.of('progress').at(-1)!.lanes).toHaveLength(1);
  },
);

it('somebody who was never confirmed and was told goodbye gets nothing of it either (C24)', async () => {
  const a = new Side();
  const [ours, theirs] = wirePair<Uint8Array<ArrayBuffer> | string>();
  const bytes = counted(theirs);
  const connection = 500;
  a.engine.addLane(connection, laneOver(ours));
  a.engine.command({
    do: 'adopt',
    connection,
    maxMessageBytes: 262_144,
    binding: new Uint8Array(32),
    fresh: true,
  });
  a.engine.command({ do: 'signal', body: { say: 'goodbye', why: 'tampered' } });
  a.engine.command({ do: 'end', say: 'nothing' });
  const next = await linkNext(a);
  const files = [fileOf('for c', 12 * mib)];
  await sendFiles(next, files);
  await a.reached('done');
  expectArrived(next, files);
  expect(bytes()).toBe(0);
});

it('a lane that is made in the moment of the end is none of the next link (C24)', async () => {
  const { a } = await linked();
  a.engine.command({ do: 'end', say: 'bye' });
  const [ours, theirs] = wirePair<Uint8Array<ArrayBuffer> | string>();
  const bytes = counted(theirs);
  a.engine.addLane(600, laneOver(ours));
  const next = await linkNext(a);
  a.engine.command({ do: 'lane', connection: 600, maxMessageBytes: 262_144 });
  const files = [fileOf('for c', 12 * mib)];
  await sendFiles(next, files);
  await a.reached('done');
  expectArrived(next, files);
  expect(bytes()).toBe(0);
});

it.each(['bye', 'nothing', 'violation'] as const)(
  'a file that is on its way stops in the middle of a block: %s (C24)',
  async (how) => {
    const pair = await linked(2);
    const { a, lanes, controls } = pair;
    await sendFiles(pair, [fileOf('for b', 40 * mib)]);
    await a.until(() => bytesDoneAt(a) > 0);
    // All that waits in the lanes was given to them before.
    for (const [ours] of lanes) ours.unread = [];
    await settle();
    if (how === 'violation') controls[1].post('nonsense', 0);
    else a.engine.command({ do: 'end', say: how });
    await settle();
    const given = lanes.map(([ours, theirs]) => ({ waiting: ours.buffered, came: counted(theirs) }));
    for (const [ours] of lanes) ours.read();
    await settle(100);
    expect(given.some(({ waiting }) => waiting > 0)).toBe(true);
    for (const { waiting, came } of given) expect(came()).toBe(waiting);
    for (const [ours] of lanes) expect(ours.buffered).toBe(0);
    expect(lanes.every(([ours]) => ours.isOpen)).toBe(true);
  },
);

it('blocks that a direct lane carried do not go over the connection after the bye', async () => {
  const pair = linkOverDirectLane();
  const { a, b, lanes } = pair;
  await directLaneUp(pair);
  await sendFiles(pair, [fileOf('for b', 60 * mib)]);
  await a.until(() => bytesDoneAt(a) > 0);
  const bytes = counted(lanes[0]![1]);
  a.engine.command({ do: 'end', say: 'bye' });
  await b.until(() => b.of('peer-left').length > 0);
  await settle(100);
  expect(bytes()).toBe(0);
});

it('a block that the last peer makes up for a file of the next one is not taken (C24)', async () => {
  const { a, lanes } = await linked();
  a.engine.command({ do: 'end', say: 'bye' });
  const c = new Side();
  const next = await linkNext(a, c);
  const [ours] = next.lanes[0]!;
  const [ofLast] = lanes[0]!;
  const madeUp = new Uint8Array(3_000);
  const { onItem } = ours;
  ours.onItem = (item) => {
    const { tag, block } = decodeFrame(Uint8Array.from(item as Uint8Array)) as Frame;
    ofLast.onItem(encodeFrame({ tag, block, offset: 0 }, madeUp, createHash('sha256').update(madeUp).digest()));
    ofLast.onItem('nonsense');
    onItem(item);
  };
  const files = [fileOf('from c', madeUp.byteLength)];
  const back = { ...next, a: c, b: a };
  await sendFiles(back, files);
  await c.reached('done');
  expectArrived(back, files);
});
