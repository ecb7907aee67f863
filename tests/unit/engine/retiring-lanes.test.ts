// Two engines whose lane count follows a request, as in the page: what a lane carries when fewer are wanted is not sent again.

import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { LaneSignal } from '../../../link/link-signal.ts';
import { type Lanes, startLanes } from '../../../link/run-lanes.ts';
import { toHex } from '../../../shared/model/bytes.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { decodeFrame } from '../../../shared/wire/frame.ts';
import { creditMaxBlocks, laneDrainDeadlineMs } from '../../../shared/wire/limits.ts';
import { FakeNetwork } from '../link/fake-network.ts';
import { laneOver, linkTwo, type Pair, type Side, Wire } from './engine-pair.ts';
import type { MemoryFile } from './memory-files.ts';

type BulkWire = Wire<Uint8Array<ArrayBuffer> | string>;
type End = {
  readonly lanes: Lanes;
  /** How often each block began on its way, over lanes other than the first. */
  readonly begun: Map<number, number>;
  readonly dropped: number[];
};

const patience = { interval: 2, timeout: 10_000 };

/** Real time, or what a test made of it. */
const clock: Clock = {
  now: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

function lanesOf(pair: Pair): readonly [End, End] {
  // Far from the numbers of the first connections.
  const network = new FakeNetwork(200);
  const wires = new Map<string, BulkWire>();
  const end = (side: Side, leads: boolean, peer: () => End): End => {
    const begun = new Map<number, number>();
    const dropped: number[] = [];
    const lanes = startLanes({
      leads,
      clock,
      connections: {
        nextId: () => 0,
        open: async () => {
          const connection = network.open();
          const wire: BulkWire = new Wire();
          wires.set(toHex(connection.fingerprint), wire);
          connection.onState(() => {
            if (connection.remote !== undefined) wire.peer = wires.get(toHex(connection.remote.fingerprint));
          });
          side.engine.addLane(connection.id, counted(wire, begun));
          return connection;
        },
        drop: ({ id }) => {
          dropped.push(id);
          side.engine.command({ do: 'drop', connection: id });
        },
      },
      send: (signal) => setImmediate(() => peer().lanes.handle(signal as LaneSignal)),
      use: ({ id }) => side.engine.command({ do: 'lane', connection: id, maxMessageBytes: 262_144 }),
      retire: ({ id }) => side.engine.command({ do: 'retire', connection: id }),
      changed: () => undefined,
    });
    side.listen((event) => {
      if (event.is === 'lane-empty') lanes.emptied(event.connection);
      if (event.is === 'channel-closed' && event.role === 'bulk') lanes.channelClosed(event.connection);
    });
    lanes.linkUp(false);
    return { lanes, begun, dropped };
  };
  const a: End = end(pair.a, true, () => b);
  const b: End = end(pair.b, false, () => a);
  return [a, b];
}

function counted(wire: BulkWire, begun: Map<number, number>): ReturnType<typeof laneOver> {
  const lane = laneOver(wire);
  return {
    ...lane,
    send(message) {
      const frame = decodeFrame(message);
      if (!('refused' in frame) && frame.offset === 0) begun.set(frame.block, (begun.get(frame.block) ?? 0) + 1);
      lane.send(message);
    },
  };
}

const files: readonly MemoryFile[] = [{ path: ['big'], bytes: new Uint8Array(randomBytes(40_000_000)) }];

/** Blocks are on their way over every lane, and stay unstored until `store`. */
async function underWay(from: 'a' | 'b'): Promise<{ pair: Pair; ends: readonly [End, End]; store: () => void }> {
  const pair = linkTwo(1);
  const ends = lanesOf(pair);
  const [sender, receiver] = from === 'a' ? [pair.a, pair.b] : [pair.b, pair.a];
  ends[0].lanes.want(3);
  await expect.poll(() => ends.map(({ lanes }) => lanes.count()), patience).toEqual([3, 3]);
  const stored = Promise.withResolvers<void>();
  receiver.disk.beforeWrite = () => stored.promise;
  sender.disk.files = files;
  await sender.until(() => sender.of('peer-name').length > 0);
  sender.engine.command({ do: 'send-items', items: ['x'] });
  await expect.poll(() => receiver.disk.inFlight, patience).toBe(creditMaxBlocks);
  return { pair, ends, store: stored.resolve };
}

function expectWhole({ a, b }: Pair, from: 'a' | 'b'): void {
  const there = (from === 'a' ? b : a).disk.published.get('big')!;
  expect(Buffer.compare(there, files[0]!.bytes as Uint8Array)).toBe(0);
  expect([...a.of('violation'), ...b.of('violation')]).toEqual([]);
}

describe('when fewer lanes are wanted', () => {
  it.each(['a', 'b'] as const)('no block of %s is sent twice, and the lanes are closed', async (from) => {
    const { pair, ends, store } = await underWay(from);
    const sender = pair[from];
    ends[0].lanes.want(1);
    expect(ends[0].lanes.count()).toBe(1);
    store();
    await sender.reached('done');
    expectWhole(pair, from);
    await expect.poll(() => ends.map(({ dropped }) => dropped.length), patience).toEqual([2, 2]);
    const { begun } = ends[from === 'a' ? 0 : 1];
    expect(begun.size).toBeGreaterThan(0);
    expect([...begun.values()].filter((times) => times > 1)).toEqual([]);
    // Each was read once, so none went again over the first lane either.
    expect(sender.disk.reads).toBe(Math.ceil(40_000_000 / 1024 / 1024));
  });

  it('a lane that drains is given no other block', async () => {
    const { pair, ends, store } = await underWay('a');
    ends[0].lanes.want(1);
    const before = ends[0].begun.size;
    store();
    await expect.poll(() => pair.b.disk.written, patience).toBeGreaterThan(creditMaxBlocks);
    expect(ends[0].begun.size).toBe(before);
    await pair.a.reached('done');
    expectWhole(pair, 'a');
  });

  it('a lane is fed again where it is wanted again while it drains', async () => {
    const { pair, ends, store } = await underWay('a');
    ends[0].lanes.want(1);
    const before = ends[0].begun.size;
    ends[0].lanes.want(3);
    store();
    await pair.a.reached('done');
    expectWhole(pair, 'a');
    expect(ends[0].begun.size).toBeGreaterThan(before);
    expect(ends[0].dropped).toEqual([]);
    expect(pair.a.disk.reads).toBe(Math.ceil(40_000_000 / 1024 / 1024));
  });

  it('what a disk does not store in time goes again over the lanes that stay', async () => {
    const { pair, ends, store } = await underWay('a');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      ends[0].lanes.want(1);
      vi.advanceTimersByTime(laneDrainDeadlineMs);
      expect(ends[0].dropped).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
    store();
    await pair.a.reached('done');
    expectWhole(pair, 'a');
  });

  it('and the link goes down meanwhile, the lanes go at once and the transfer goes on with the link', async () => {
    const { pair, ends, store } = await underWay('a');
    ends[0].lanes.want(1);
    await expect.poll(() => ends.map(({ lanes }) => lanes.count()), patience).toEqual([1, 1]);
    for (const [at, side] of [pair.a, pair.b].entries()) {
      ends[at]!.lanes.linkDown();
      side.engine.command({ do: 'link-state', up: false });
    }
    expect(ends.map(({ dropped }) => dropped.length)).toEqual([2, 2]);
    for (const [at, side] of [pair.a, pair.b].entries()) {
      side.engine.command({ do: 'link-state', up: true });
      ends[at]!.lanes.linkUp(false);
    }
    store();
    await pair.a.reached('done');
    expectWhole(pair, 'a');
  });

  it('a lane that is none any more is empty', () => {
    const { a } = linkTwo(1);
    a.engine.command({ do: 'retire', connection: 9_999 });
    expect(a.of('lane-empty')).toEqual([{ is: 'lane-empty', connection: 9_999 }]);
  });

  it('a transfer that is called off holds no lane back', async () => {
    const { pair, ends } = await underWay('a');
    ends[0].lanes.want(1);
    pair.a.engine.command({ do: 'cancel', transfer: pair.a.view()!.id });
    await expect.poll(() => ends.map(({ dropped }) => dropped.length), patience).toEqual([2, 2]);
    expect([...pair.a.of('violation'), ...pair.b.of('violation')]).toEqual([]);
  });
});
