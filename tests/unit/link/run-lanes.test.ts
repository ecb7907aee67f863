// Both ends of the lanes over fake connections: how many there are, who closes them, and that one that is given up is
// closed only when neither side has anything on its way over it.

import { describe, expect, it, vi } from 'vitest';
import type { LaneSignal, LinkSignal } from '../../../link/link-signal.ts';
import { type Lanes, startLanes } from '../../../link/run-lanes.ts';
import { laneDrainDeadlineMs, laneOpenDeadlineMs, lanesMax } from '../../../shared/wire/limits.ts';
import { type FakeConnection, FakeNetwork } from './fake-network.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

type Side = {
  lanes: Lanes;
  readonly open: readonly FakeConnection[];
  /** What the engine was told to use, and to use no more. */
  readonly used: Set<number>;
  readonly retired: number[];
  readonly said: string[];
};

type Two = { readonly leader: Side; readonly other: Side; readonly clock: VirtualClock };

function twoSides(network = new FakeNetwork()): Two {
  const clock = new VirtualClock();
  const side = (leads: boolean, peer: () => Side): Side => {
    const used = new Set<number>();
    const retired: number[] = [];
    const said: string[] = [];
    const connections = network.connections();
    const lanes = startLanes({
      leads,
      clock,
      connections: {
        nextId: () => 0,
        open: connections.open,
        drop(connection) {
          connections.drop(connection);
          used.delete(connection.id);
        },
      },
      send: (signal: LinkSignal) => {
        said.push(signal.say);
        queueMicrotask(() => peer().lanes.handle(signal as LaneSignal));
      },
      use: ({ id }) => used.add(id),
      retire: ({ id }) => {
        used.delete(id);
        retired.push(id);
      },
      changed: () => undefined,
    });
    return { lanes, open: connections.all, used, retired, said };
  };
  const leader: Side = side(true, () => other);
  const other: Side = side(false, () => leader);
  leader.lanes.linkUp(false);
  other.lanes.linkUp(false);
  return { leader, other, clock };
}

async function until(sides: readonly Side[], count: number): Promise<void> {
  await vi.waitFor(() => expect(sides.map(({ lanes }) => lanes.count())).toEqual(sides.map(() => count)));
}

const isEmpty = ({ lanes, retired }: Side) => {
  for (const id of retired.splice(0)) lanes.emptied(id);
};

describe('lanes', () => {
  it('follow the larger of both wishes, and the leader alone opens them', async () => {
    const { leader, other } = twoSides();
    other.lanes.want(3);
    await until([leader, other], 3);
    leader.lanes.want(lanesMax);
    await until([leader, other], lanesMax);
    expect(other.said).not.toContain('lane-offer');
    expect([leader.used.size, other.used.size]).toEqual([lanesMax - 1, lanesMax - 1]);
  });

  it('are as many as the last wish said, also where it came while the first were being made', async () => {
    const made = Promise.withResolvers<void>();
    const network = new FakeNetwork();
    network.opening = made.promise;
    const { leader, other } = twoSides(network);
    leader.lanes.want(3);
    leader.lanes.want(5);
    leader.lanes.want(2);
    made.resolve();
    await until([leader, other], 2);
    await settled();
    expect([leader.open.length, other.open.length]).toEqual([1, 1]);
  });

  it('are as many as the last wish said, also where it came while the first looked for their addresses', async () => {
    const network = new FakeNetwork();
    const gathered = Promise.withResolvers<void>();
    network.gathering = gathered.promise;
    const { leader, other } = twoSides(network);
    leader.lanes.want(3);
    await settled();
    leader.lanes.want(5);
    gathered.resolve();
    await until([leader, other], 5);
  });
});

describe('a peer that takes no lanes', () => {
  it('is offered as many as are wanted, and more only when a wish changes or the link comes back', async () => {
    const connections = new FakeNetwork().connections();
    const offered: number[] = [];
    const lanes = startLanes({
      leads: true,
      clock: new VirtualClock(),
      connections,
      send(signal) {
        if (signal.say !== 'lane-offer') return;
        offered.push(signal.lane);
        if (offered.length < 50) queueMicrotask(() => lanes.handle({ say: 'lane-close', lane: signal.lane }));
      },
      use: () => undefined,
      retire: () => undefined,
      changed: () => undefined,
    });
    const offers = async (count: number) => {
      await vi.waitFor(() => expect(offered.length).toBe(count));
      await settled();
      expect([offered.length, connections.count()]).toEqual([count, 0]);
    };
    lanes.linkUp(false);
    lanes.want(3);
    await offers(2);
    lanes.want(4);
    await offers(5);
    lanes.linkUp(false);
    await offers(8);
  });
});

describe('a peer that offers lanes without end (C16)', () => {
  const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'ab'.repeat(32), candidates: [] };

  function listener() {
    const network = new FakeNetwork();
    const connections = network.connections();
    const clock = new VirtualClock();
    const said: LinkSignal[] = [];
    network.opening = settled();
    const lanes = startLanes({
      leads: false,
      clock,
      connections,
      send: (signal) => said.push(signal),
      use: () => undefined,
      retire: () => undefined,
      changed: () => undefined,
    });
    lanes.linkUp(false);
    return { lanes, connections, said, clock };
  }

  it('gets one connection for 45 offers of the same lane, and none is left after the end', async () => {
    const { lanes, connections } = listener();
    for (let round = 0; round < 45; round += 1) lanes.handle({ say: 'lane-offer', lane: 1, fields });
    await vi.waitFor(() => expect(connections.count()).toBe(1));
    expect(connections.made).toBe(1);
    lanes.close();
    expect(connections.count()).toBe(0);
  });

  it('gets no more connections than lanes for 45 numbers at once, and every other is refused', async () => {
    const { lanes, connections, said } = listener();
    for (let lane = 1; lane <= 45; lane += 1) lanes.handle({ say: 'lane-offer', lane, fields });
    await vi.waitFor(() => expect(connections.count()).toBe(lanesMax - 1));
    expect(connections.made).toBe(lanesMax - 1);
    expect(said.filter(({ say }) => say === 'lane-close')).toHaveLength(45 - (lanesMax - 1));
  });

  it('has no more than that many made at once where it calls each off at once', async () => {
    const { lanes, connections } = listener();
    for (let lane = 1; lane <= 45; lane += 1) {
      lanes.handle({ say: 'lane-offer', lane, fields });
      lanes.handle({ say: 'lane-close', lane });
    }
    expect(connections.made).toBeLessThanOrEqual(lanesMax - 1);
    await settled();
    await settled();
    expect(connections.count()).toBe(0);
  });

  it('has each lane that does not come up closed at its deadline', async () => {
    const { lanes, connections, said, clock } = listener();
    for (let lane = 1; lane <= 45; lane += 1) lanes.handle({ say: 'lane-offer', lane, fields });
    await vi.waitFor(() => expect(connections.count()).toBe(lanesMax - 1));
    said.splice(0);
    clock.advance(laneOpenDeadlineMs);
    expect(connections.count()).toBe(0);
    expect(said.map(({ say }) => say)).toEqual(Array.from({ length: lanesMax - 1 }, () => 'lane-close'));
    expect(clock.pending).toBe(0);
  });

  it('is refused where the browser makes no more connections', async () => {
    const network = new FakeNetwork();
    network.isFull = true;
    const { leader, other } = twoSides(network);
    other.lanes.handle({ say: 'lane-offer', lane: 1, fields });
    leader.lanes.want(2);
    await settled();
    expect(other.said).toEqual(['lane-close']);
    expect([leader.open.length, other.open.length]).toEqual([0, 0]);
  });

  it('leaves nothing behind where the link ends while a connection is being made', async () => {
    const { lanes, connections } = listener();
    lanes.handle({ say: 'lane-offer', lane: 1, fields });
    lanes.close();
    await settled();
    await settled();
    expect([connections.made, connections.count()]).toEqual([1, 0]);
  });
});

describe('a lane that is not wanted any more', () => {
  async function two(): Promise<Two> {
    const sides = twoSides();
    sides.leader.lanes.want(2);
    await until([sides.leader, sides.other], 2);
    return sides;
  }

  async function retiring(): Promise<Two> {
    const sides = await two();
    sides.leader.lanes.want(1);
    await settled();
    expect([sides.leader.lanes.count(), sides.other.lanes.count()]).toEqual([1, 1]);
    return sides;
  }

  it.each(['leader', 'other'] as const)(
    'stays open while only the %s has nothing on its way over it',
    async (first) => {
      const sides = await retiring();
      expect([sides.leader.retired.length, sides.other.retired.length]).toEqual([1, 1]);
      isEmpty(sides[first]);
      await settled();
      expect([sides.leader.open.length, sides.other.open.length]).toEqual([1, 1]);
      isEmpty(sides[first === 'leader' ? 'other' : 'leader']);
      await vi.waitFor(() => expect([sides.leader.open.length, sides.other.open.length]).toEqual([0, 0]));
    },
  );

  it('is closed after a while, whoever still waits', async () => {
    const { leader, other, clock } = await two();
    leader.lanes.want(1);
    await settled();
    isEmpty(leader);
    await settled();
    clock.advance(laneDrainDeadlineMs - 1);
    expect([leader.open.length, other.open.length]).toEqual([1, 1]);
    clock.advance(1);
    await settled();
    expect([leader.open.length, other.open.length]).toEqual([0, 0]);
    expect([leader.lanes.count(), other.lanes.count()]).toEqual([1, 1]);
  });

  it('is used again where it is wanted again, and then nothing is closed or made', async () => {
    const { leader, other, clock } = await two();
    leader.lanes.want(1);
    await settled();
    isEmpty(other);
    await settled();
    leader.lanes.want(2);
    await settled();
    // The engine's word about the first time comes late.
    isEmpty(leader);
    clock.advance(laneDrainDeadlineMs * 10);
    await settled();
    expect([leader.lanes.count(), other.lanes.count()]).toEqual([2, 2]);
    expect([leader.used.size, other.used.size]).toEqual([1, 1]);
    expect(leader.said.filter((say) => say === 'lane-offer')).toHaveLength(1);
  });

  it('goes at once when the link goes down, and is made anew where it is wanted after that', async () => {
    const { leader, other } = await retiring();
    other.lanes.linkDown();
    await vi.waitFor(() => expect([leader.open.length, other.open.length]).toEqual([0, 0]));
    other.lanes.linkUp(false);
    other.lanes.want(3);
    await until([leader, other], 3);
  });

  it('goes when its connection does', async () => {
    const { leader, other } = await retiring();
    leader.lanes.channelClosed(leader.open[0]!.id);
    await vi.waitFor(() => expect([leader.open.length, other.open.length]).toEqual([0, 0]));
  });

  it('is not closed by words that are not for this side to say', async () => {
    const { leader, other } = await retiring();
    leader.lanes.want(2);
    await until([leader, other], 2);
    leader.lanes.handle({ say: 'lane-retire', lane: 1 });
    leader.lanes.handle({ say: 'lane-empty', lane: 1 });
    other.lanes.handle({ say: 'lane-empty', lane: 1 });
    leader.lanes.handle({ say: 'lane-again', lane: 7 });
    await settled();
    expect([leader.used.size, other.used.size]).toEqual([1, 1]);
  });
});
