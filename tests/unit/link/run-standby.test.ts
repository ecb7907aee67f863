// Two sides of standby connections over fake connections: numbering, following the other side's checks, holding each
// connection to the announced certificate, bounds and deadlines.

import { describe, expect, it } from 'vitest';
import type { LinkSignal } from '../../../link/link-signal.ts';
import { type Standby, startStandby } from '../../../link/run-standby.ts';
import { promotedStandbyKeptMs, standbyConnectionsMax, standbyPairsKept } from '../../../shared/wire/limits.ts';
import { type FakeConnection, type FakeConnections, FakeNetwork } from './fake-network.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

type Side = {
  readonly standby: Standby;
  readonly connections: FakeConnections;
  readonly up: { readonly connection: FakeConnection; readonly pair: number }[];
  readonly dropped: readonly number[];
};
type Two = { readonly a: Side; readonly b: Side; readonly clock: VirtualClock; readonly network: FakeNetwork };

function twoSides(): Two & { cut: boolean } {
  const network = new FakeNetwork();
  const clock = new VirtualClock();
  const side = (other: () => Side): Side => {
    const up: Side['up'] = [];
    const dropped: number[] = [];
    const connections = network.connections();
    const standby = startStandby({
      connections,
      clock,
      send: (signal: LinkSignal) => {
        if (signal.say === 'spares' && !two.cut) other().standby.announced(signal.spares);
      },
      ready: (connection, pair) => up.push({ connection: connection as FakeConnection, pair }),
      dropped: (id) => dropped.push(id),
    });
    return { standby, connections, up, dropped };
  };
  const a: Side = side(() => b);
  const b: Side = side(() => a);
  const two = { a, b, clock, network, cut: false };
  return two;
}

async function ready(...sides: readonly Side[]): Promise<void> {
  for (const { standby } of sides) standby.refill();
  await settled();
  expect(sides.map(({ standby }) => standby.count())).toEqual(sides.map(() => standbyPairsKept));
}

const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'fe'.repeat(32), candidates: [] };

describe('standby connections', () => {
  it('connect the same pair when both sides promote, one as DTLS client and one as server', async () => {
    const { a, b } = twoSides();
    await ready(a, b);
    a.standby.promote();
    b.standby.promote();
    await settled();
    expect([a.up[0]?.pair, b.up[0]?.pair]).toEqual([1, 1]);
    expect([a.up[0]!.connection.setup, b.up[0]!.connection.setup].sort()).toEqual(['active', 'passive']);
  });

  it('follow when only the other side promotes', async () => {
    const { a, b } = twoSides();
    await ready(a, b);
    b.standby.promote();
    await settled();
    expect([a.up[0]?.pair, b.up[0]?.pair]).toEqual([1, 1]);
  });

  it('are never reported with another certificate than the announced one', async () => {
    const { a, b, network } = twoSides();
    await ready(a, b);
    network.impostor = new Uint8Array(32).fill(0xee);
    a.standby.promote();
    await settled();
    expect([a.standby.count(), b.standby.count()]).toEqual([2, 2]);
    expect([...a.up, ...b.up]).toEqual([]);
  });

  it('are not reported once they were closed while their certificate was read', async () => {
    const { a, b, clock } = twoSides();
    await ready(a, b);
    a.standby.promote();
    clock.advance(promotedStandbyKeptMs);
    await settled();
    expect(a.up).toEqual([]);
  });

  it('agree on numbers again after one side promoted more than the other', async () => {
    const two = twoSides();
    const { a, b } = two;
    await ready(a, b);
    two.cut = true;
    a.standby.promote();
    a.standby.addressesChanged();
    await settled();
    expect(a.up).toHaveLength(1);
    two.cut = false;
    a.standby.addressesChanged();
    await ready(a, b);
    a.standby.promote();
    await settled();
    expect(a.up.at(-1)?.pair).toBe(b.up.at(-1)?.pair);
    expect(a.up.at(-1)!.pair).toBeGreaterThan(1);
  });

  it('agree on numbers again after one side moved on alone for as long as nobody heard of it', async () => {
    const two = twoSides();
    const { a, b } = two;
    await ready(a, b);
    two.cut = true;
    for (let moves = 0; moves < 5; moves += 1) {
      a.standby.addressesChanged();
      await settled();
    }
    two.cut = false;
    a.standby.addressesChanged();
    await ready(a, b);
    a.standby.promote();
    await settled();
    expect(a.up.at(-1)?.pair).toBe(b.up.at(-1)?.pair);
    expect(a.up.at(-1)!.pair).toBeGreaterThan(1);
  });

  it('stay open for a while after the link is up, because the other side may be moving to one', async () => {
    const { a, b, clock } = twoSides();
    await ready(a, b);
    a.standby.linkDown();
    b.standby.linkDown();
    a.standby.promote();
    await clock.pass(10 * promotedStandbyKeptMs);
    expect(a.up[0]!.connection.isClosed).toBe(false);
    a.standby.linkUp();
    clock.advance(promotedStandbyKeptMs - 1);
    expect(a.up[0]!.connection.isClosed).toBe(false);
    clock.advance(1);
    expect(a.up[0]!.connection.isClosed).toBe(true);
    await settled();
    expect(a.standby.count()).toBe(2);
  });

  it('are no standby connections any more once one became the link', async () => {
    const { a, b, clock } = twoSides();
    await ready(a, b);
    a.standby.promote();
    await settled();
    const taken = a.up[0]!.connection;
    a.standby.taken(taken);
    clock.advance(10 * promotedStandbyKeptMs);
    a.standby.close();
    expect(taken.isClosed).toBe(false);
    expect(a.connections.all).toEqual([taken]);
  });

  it('are announced again after one became the link: what was said over the line before may not have been heard', async () => {
    const two = twoSides();
    const { a, b } = two;
    await ready(a, b);
    a.standby.promote();
    await settled();
    two.cut = true;
    for (const { standby } of [a, b]) standby.refill();
    await settled();
    expect([a.standby.count(), b.standby.count()]).toEqual([2, 2]);
    two.cut = false;
    for (const { standby, up } of [a, b]) standby.taken(up[0]!.connection);
    await ready(a, b);
  });

  it('are closed after a while, and are no more than two sets for a peer that uses them up (C16)', async () => {
    const { a, clock } = twoSides();
    const said = a.connections;
    a.standby.refill();
    let most = 0;
    for (let round = 0; round < 20; round += 1) {
      await settled();
      most = Math.max(most, said.count());
      const from = 2 + 4 * round;
      a.standby.announced([0, 1, 2].map((at) => ({ pair: from + at, fields })));
      await settled();
      for (const connection of said.all) connection.become('checking');
    }
    expect(most).toBe(standbyConnectionsMax);
    const before = a.dropped.length;
    clock.advance(promotedStandbyKeptMs);
    await settled();
    expect(said.count()).toBe(standbyPairsKept);
    expect(a.dropped.length).toBeGreaterThan(before);
    a.standby.close();
    expect(said.count()).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('leave nothing behind where the link ends while one is being made', async () => {
    const { a } = twoSides();
    a.standby.refill();
    a.standby.close();
    await settled();
    expect([a.connections.made, a.connections.count()]).toEqual([1, 0]);
  });

  it('are not made again and again where the browser makes none', async () => {
    const { a, network } = twoSides();
    network.isFull = true;
    a.standby.refill();
    await settled();
    network.isFull = false;
    await settled();
    expect(a.connections.made).toBe(0);
    a.standby.refill();
    await settled();
    expect(a.connections.made).toBe(standbyPairsKept);
  });
});
