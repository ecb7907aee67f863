// Both ends of the lanes over fake connections: how many there are, who closes them, and that one that is given up is
// closed only when neither side has anything on its way over it.

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LinkSignal } from '../../../link/link-signal.ts';
import { type Lanes, startLanes } from '../../../link/run-lanes.ts';
import { laneDrainDeadlineMs, lanesMax } from '../../../shared/wire/limits.ts';
import { Ether, type FakeConnection } from './ether.ts';

type Side = {
  lanes: Lanes;
  readonly open: FakeConnection[];
  /** What the engine was told to feed, and to feed no more. */
  readonly fed: Set<number>;
  readonly retired: number[];
  readonly said: string[];
};

function twoSides({ opening, ether = new Ether() }: { opening?: Promise<void>; ether?: Ether } = {}): {
  readonly leader: Side;
  readonly other: Side;
} {
  const side = (leads: boolean, peer: () => Side): Side => {
    const open: FakeConnection[] = [];
    const fed = new Set<number>();
    const retired: number[] = [];
    const said: string[] = [];
    const lanes = startLanes({
      leads,
      open: async () => {
        await opening;
        const connection = ether.open();
        open.push(connection);
        return connection;
      },
      drop: (connection) => {
        open.splice(open.indexOf(connection as FakeConnection), 1);
        fed.delete(connection.id);
      },
      send: (signal: LinkSignal) => {
        said.push(signal.say);
        if (signal.say === 'lanes-wanted' || signal.say.startsWith('lane-'))
          queueMicrotask(() => peer().lanes.hear(signal as Parameters<Lanes['hear']>[0]));
      },
      usable: ({ id }) => fed.add(id),
      retire: ({ id }) => {
        fed.delete(id);
        retired.push(id);
      },
      changed: () => undefined,
    });
    return { lanes, open, fed, retired, said };
  };
  const leader: Side = side(true, () => other);
  const other: Side = side(false, () => leader);
  leader.lanes.linkUp(false);
  other.lanes.linkUp(false);
  return { leader, other };
}

async function until(sides: readonly Side[], count: number): Promise<void> {
  await vi.waitFor(() => expect(sides.map(({ lanes }) => lanes.count())).toEqual(sides.map(() => count)));
}

const isEmpty = ({ lanes, retired }: Side) => {
  for (const id of retired.splice(0)) lanes.emptied(id);
};

/** Words that are under way are heard. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

afterEach(() => {
  vi.useRealTimers();
});

describe('lanes', () => {
  it('follow the larger of both wishes, and the leader alone opens them', async () => {
    const { leader, other } = twoSides();
    other.lanes.want(3);
    await until([leader, other], 3);
    leader.lanes.want(lanesMax);
    await until([leader, other], lanesMax);
    expect(other.said).not.toContain('lane-offer');
    expect([leader.fed.size, other.fed.size]).toEqual([lanesMax - 1, lanesMax - 1]);
  });

  it('are as many as the last wish said, also where it came while the first were being made', async () => {
    const made = Promise.withResolvers<void>();
    const { leader, other } = twoSides({ opening: made.promise });
    leader.lanes.want(3);
    leader.lanes.want(5);
    leader.lanes.want(2);
    made.resolve();
    await until([leader, other], 2);
    await settled();
    expect([leader.open.length, other.open.length]).toEqual([1, 1]);
  });

  it('are as many as the last wish said, also where it came while the first looked for their addresses', async () => {
    const ether = new Ether();
    const gathered = Promise.withResolvers<void>();
    ether.gathering = gathered.promise;
    const { leader, other } = twoSides({ ether });
    leader.lanes.want(3);
    await settled();
    leader.lanes.want(5);
    gathered.resolve();
    await until([leader, other], 5);
  });
});

describe('a peer that offers lanes without end (C16)', () => {
  const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'ab'.repeat(32), candidates: [] };

  function listener() {
    const ether = new Ether();
    const made: FakeConnection[] = [];
    const open = new Set<FakeConnection>();
    const said: LinkSignal[] = [];
    const lanes = startLanes({
      leads: false,
      open: async () => {
        const connection = ether.open();
        made.push(connection);
        await settled();
        open.add(connection);
        return connection;
      },
      drop: (connection) => open.delete(connection as FakeConnection),
      send: (signal) => said.push(signal),
      usable: () => undefined,
      retire: () => undefined,
      changed: () => undefined,
    });
    lanes.linkUp(false);
    return { lanes, made, open, said };
  }

  it('gets one connection for 45 offers of the same lane, and none is left after the end', async () => {
    const { lanes, made, open } = listener();
    for (let round = 0; round < 45; round += 1) lanes.hear({ say: 'lane-offer', lane: 1, fields });
    await vi.waitFor(() => expect(open.size).toBe(1));
    expect(made).toHaveLength(1);
    lanes.close();
    expect(open.size).toBe(0);
  });

  it('gets no more connections than lanes for 45 numbers at once, and every other is refused', async () => {
    const { lanes, made, open, said } = listener();
    for (let lane = 1; lane <= 45; lane += 1) lanes.hear({ say: 'lane-offer', lane, fields });
    await vi.waitFor(() => expect(open.size).toBe(lanesMax - 1));
    expect(made).toHaveLength(lanesMax - 1);
    expect(said.filter(({ say }) => say === 'lane-close')).toHaveLength(45 - (lanesMax - 1));
  });

  it('has no more than that many made at once where it calls each off at once', async () => {
    const { lanes, made, open } = listener();
    for (let lane = 1; lane <= 45; lane += 1) {
      lanes.hear({ say: 'lane-offer', lane, fields });
      lanes.hear({ say: 'lane-close', lane });
    }
    expect(made.length).toBeLessThanOrEqual(lanesMax - 1);
    await settled();
    await settled();
    expect(open.size).toBe(0);
  });

  it('leaves nothing behind where the link ends while a connection is being made', async () => {
    const { lanes, made, open } = listener();
    lanes.hear({ say: 'lane-offer', lane: 1, fields });
    lanes.close();
    await settled();
    await settled();
    expect([made.length, open.size]).toEqual([1, 0]);
  });
});

describe('a lane that is not wanted any more', () => {
  async function two(): Promise<ReturnType<typeof twoSides>> {
    const sides = twoSides();
    sides.leader.lanes.want(2);
    await until([sides.leader, sides.other], 2);
    return sides;
  }

  async function retiring(): Promise<ReturnType<typeof twoSides>> {
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
    const { leader, other } = await two();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    leader.lanes.want(1);
    await settled();
    isEmpty(leader);
    await settled();
    vi.advanceTimersByTime(laneDrainDeadlineMs - 1);
    expect([leader.open.length, other.open.length]).toEqual([1, 1]);
    vi.advanceTimersByTime(1);
    await settled();
    expect([leader.open.length, other.open.length]).toEqual([0, 0]);
    expect([leader.lanes.count(), other.lanes.count()]).toEqual([1, 1]);
  });

  it('is fed again where it is wanted again, and then nothing is closed or made', async () => {
    const { leader, other } = await two();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    leader.lanes.want(1);
    await settled();
    isEmpty(other);
    await settled();
    leader.lanes.want(2);
    await settled();
    // The engine's word about the first time comes late.
    isEmpty(leader);
    vi.advanceTimersByTime(laneDrainDeadlineMs * 10);
    await settled();
    expect([leader.lanes.count(), other.lanes.count()]).toEqual([2, 2]);
    expect([leader.fed.size, other.fed.size]).toEqual([1, 1]);
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
    leader.lanes.hear({ say: 'lane-retire', lane: 1 });
    leader.lanes.hear({ say: 'lane-empty', lane: 1 });
    other.lanes.hear({ say: 'lane-empty', lane: 1 });
    leader.lanes.hear({ say: 'lane-again', lane: 7 });
    await settled();
    expect([leader.fed.size, other.fed.size]).toEqual([1, 1]);
  });
});
