// Two sides of standby connections over fake connections: numbering, following a knock, holding to the announced certificate.

import { describe, expect, it, vi } from 'vitest';
import type { LinkSignal } from '../../../link/link-signal.ts';
import { type Spares, startSpares } from '../../../link/run-standby.ts';
import { spareLingerMs, sparesKept, standbyConnectionsMax } from '../../../shared/wire/limits.ts';
import { Ether, type FakeConnection } from './ether.ts';

type Side = { spares: Spares; readonly up: { readonly connection: FakeConnection; readonly pair: number }[] };

function twoSides(ether = new Ether()): { a: Side; b: Side; cut: { now: boolean } } {
  const cut = { now: false };
  const side = (other: () => Side): Side => {
    const up: Side['up'] = [];
    const spares = startSpares({
      open: async () => ether.open(),
      drop: (connection) => {
        (connection as FakeConnection).closed = true;
      },
      send: (signal: LinkSignal) => {
        if (signal.say === 'spares' && !cut.now) other().spares.hear(signal.spares);
      },
      connected: (connection, pair) => up.push({ connection: connection as FakeConnection, pair }),
    });
    return { spares, up };
  };
  const a: Side = side(() => b);
  const b: Side = side(() => a);
  return { a, b, cut };
}

async function ready(...sides: readonly Side[]): Promise<void> {
  for (const { spares } of sides) spares.refill();
  await vi.waitFor(() => expect(sides.map(({ spares }) => spares.count())).toEqual(sides.map(() => 3)));
}

describe('standby connections', () => {
  it('connects the same pair when both sides spend, one as DTLS client and one as server', async () => {
    const { a, b } = twoSides();
    await ready(a, b);
    a.spares.spend();
    b.spares.spend();
    await vi.waitFor(() => expect([a.up[0]?.pair, b.up[0]?.pair]).toEqual([1, 1]));
    expect([a.up[0]!.connection.setup, b.up[0]!.connection.setup].sort()).toEqual(['active', 'passive']);
  });

  it('follows when only the other side spends', async () => {
    const { a, b } = twoSides();
    await ready(a, b);
    b.spares.spend();
    await vi.waitFor(() => expect([a.up[0]?.pair, b.up[0]?.pair]).toEqual([1, 1]));
  });

  it('never reports a spare whose certificate is not the announced one', async () => {
    const ether = new Ether();
    const { a, b } = twoSides(ether);
    await ready(a, b);
    ether.impostor = new Uint8Array(32).fill(0xee);
    a.spares.spend();
    await vi.waitFor(() => expect([a.spares.count(), b.spares.count()]).toEqual([2, 2]));
    expect([...a.up, ...b.up]).toEqual([]);
  });

  it('agrees on numbers again after one side spent more than the other', async () => {
    const { a, b, cut } = twoSides();
    await ready(a, b);
    cut.now = true;
    a.spares.spend();
    a.spares.renew();
    await vi.waitFor(() => expect(a.up).toHaveLength(1));
    cut.now = false;
    a.spares.renew();
    await ready(a, b);
    a.spares.spend();
    await vi.waitFor(() => expect(a.up.at(-1)?.pair).toBe(b.up.at(-1)?.pair));
    expect(a.up.at(-1)!.pair).toBeGreaterThan(1);
  });

  it('closes promoted connections after a while, and makes no more than two sets for a peer that uses them up (C16)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const ether = new Ether();
    const open = new Set<FakeConnection>();
    const said: LinkSignal[] = [];
    const spares = startSpares({
      open: async () => {
        const connection = ether.open();
        open.add(connection);
        return connection;
      },
      drop: (connection) => open.delete(connection as FakeConnection),
      send: (signal) => said.push(signal),
      connected: () => undefined,
    });
    spares.refill();
    let most = 0;
    for (let round = 0; round < 20; round += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      most = Math.max(most, open.size);
      const from = 2 + 4 * round;
      const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'fe'.repeat(32), candidates: [] };
      spares.hear([0, 1, 2].map((at) => ({ pair: from + at, fields })));
      for (const connection of open) connection.become('knocked');
    }
    expect(most).toBeLessThanOrEqual(standbyConnectionsMax);
    vi.advanceTimersByTime(spareLingerMs);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(open.size).toBeLessThanOrEqual(sparesKept);
    spares.close();
    expect(open.size).toBe(0);
    vi.useRealTimers();
  });

  it('says when there is nothing left to spend', async () => {
    const { a, b } = twoSides();
    await ready(a, b);
    expect([a, a, a, a].map(({ spares }) => spares.spend())).toEqual([true, true, true, false]);
  });
});
