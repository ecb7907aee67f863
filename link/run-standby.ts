// Standby connections: made while the link is well, their fields exchanged over it, spent when it is down and feeding
// does not help. Both sides number theirs alike; pair N of ours belongs to pair N of theirs. A spare inherits the trust
// of the link because its fingerprint came over the verified channel, and it is held to that fingerprint.

import type { SessionFields } from '../shared/code/link-code.ts';
import { toHex } from '../shared/model/bytes.ts';
import { spareLingerMs, sparesKept, standbyConnectionsMax } from '../shared/wire/limits.ts';
import type { Connection } from './connection.ts';
import type { RetryScope } from './healing-state.ts';
import { fromWire, type LinkSignal, toWire, type WireFields } from './link-signal.ts';

export type SparePorts = {
  open(): Promise<Connection>;
  drop(connection: Connection): void;
  send(signal: LinkSignal): void;
  /** A spare came up and its certificate is the one that was announced. */
  connected(connection: Connection, pair: number): void;
};

export interface Spares {
  /** Makes what is missing and tells the other side. Only while the link is up. */
  refill(): void;
  /** This machine's addresses changed: what was made before is of no use to anybody. */
  renew(): void;
  hear(spares: readonly { readonly pair: number; readonly fields: WireFields }[]): void;
  /** Spends the next pair; false when there is none. */
  spend(): boolean;
  feed(generation: number, scope: RetryScope): void;
  /** Pairs that both sides hold ready. */
  count(): number;
  /** This one became the link and is no longer a spare. */
  release(connection: Connection): void;
  /** The link is well again. Spent spares linger: the other side may be about to move to one, and then so must we. */
  settle(): void;
  /** Until `settle` nothing that was spent is given up. */
  linkDown(): void;
  close(): void;
}

type Spare = { readonly connection: Connection; readonly fields: WireFields };

export function startSpares(ports: SparePorts): Spares {
  const ours = new Map<number, Spare>();
  const theirs = new Map<number, WireFields>();
  const spent = new Map<number, Connection>();
  let floor = 1;
  let filling = false;
  let closed = false;
  let down = false;
  let lingering: ReturnType<typeof setTimeout> | undefined;

  async function fill(): Promise<void> {
    const from = floor;
    for (const [pair, spare] of ours) {
      if (pair >= floor) continue;
      ours.delete(pair);
      ports.drop(spare.connection);
    }
    let made = false;
    for (let pair = floor; pair < floor + sparesKept && !closed; pair += 1) {
      if (ours.has(pair)) continue;
      // Promoted ones count: a peer that uses them up as fast as they are made gets no more than these.
      if (ours.size + spent.size >= standbyConnectionsMax) break;
      const spare = await make();
      if (spare === undefined) break;
      keep(pair, spare);
      made = true;
    }
    if (made && !closed) announce();
    if (floor > from) await fill();
  }

  /** Nothing where the browser makes none, or where the link ended meanwhile. */
  async function make(): Promise<Spare | undefined> {
    const connection = await ports.open().catch(() => undefined);
    if (connection === undefined) return undefined;
    try {
      const fields = toWire(await connection.offer());
      if (!closed) return { connection, fields };
    } catch {
      // Without fields it is of no use to anybody.
    }
    ports.drop(connection);
    return undefined;
  }

  /** The other side spends a spare of its own accord: its checks reach ours, and that is reason enough to follow. */
  function keep(pair: number, spare: Spare): void {
    ours.set(pair, spare);
    const stop = spare.connection.onState(() => {
      if (!spare.connection.isKnocked()) return;
      stop();
      spendPair(pair);
    });
  }

  function announce(): void {
    const spares = [...ours].slice(-sparesKept).map(([pair, { fields }]) => ({ pair, fields }));
    ports.send({ say: 'spares', spares });
  }

  function replaceSpent(): void {
    dropSpent();
    refill();
  }

  function dropSpent(): void {
    for (const connection of spent.values()) ports.drop(connection);
    spent.clear();
  }

  function spendPair(pair: number): void {
    const spare = ours.get(pair);
    const fields = theirs.get(pair);
    if (spare === undefined || fields === undefined) return;
    ours.delete(pair);
    theirs.delete(pair);
    floor = Math.max(floor, pair + 1);
    void apply(pair, spare, fields);
  }

  async function apply(pair: number, spare: Spare, fields: WireFields): Promise<void> {
    const { connection } = spare;
    const remote = fromWire(fields);
    spent.set(pair, connection);
    watchSpent();
    connection.onState(() => {
      if (connection.state() === 'connected') void prove(connection, remote, pair);
    });
    const weStart = toHex(connection.fingerprint) < fields.fingerprint;
    try {
      await connection.complete(remote, weStart ? 'passive' : 'active');
    } catch {
      if (spent.delete(pair)) ports.drop(connection);
    }
  }

  /** While the link is well every connection that was spent has a deadline, whoever spent it. */
  function watchSpent(): void {
    clearTimeout(lingering);
    if (!down && spent.size > 0) lingering = setTimeout(replaceSpent, spareLingerMs);
  }

  async function prove(connection: Connection, remote: SessionFields, pair: number): Promise<void> {
    const seen = await connection.remoteFingerprint();
    if (spent.get(pair) !== connection || seen === undefined || toHex(seen) !== toHex(remote.fingerprint)) return;
    ports.connected(connection, pair);
  }

  function refill(): void {
    if (filling || closed) return;
    filling = true;
    void fill().finally(() => {
      filling = false;
    });
  }

  return {
    refill,
    renew() {
      floor = Math.max(floor, ...[...ours.keys()].map((pair) => pair + 1));
      refill();
    },
    hear(spares) {
      theirs.clear();
      for (const { pair, fields } of spares) theirs.set(pair, fields);
      const lowest = Math.min(...theirs.keys());
      if (theirs.size === 0 || lowest <= floor || lowest > floor + sparesKept * 2) return;
      floor = lowest;
      refill();
    },
    spend() {
      const pair = [...ours.keys()].sort((a, b) => a - b).find((each) => theirs.has(each));
      if (pair === undefined) return false;
      spendPair(pair);
      return true;
    },
    feed(generation, scope) {
      for (const connection of spent.values()) void connection.feed(generation, scope);
    },
    count: () => [...ours.keys()].filter((pair) => theirs.has(pair)).length,
    release(connection) {
      for (const [pair, each] of spent) if (each === connection) spent.delete(pair);
    },
    settle() {
      down = false;
      watchSpent();
    },
    linkDown() {
      down = true;
      watchSpent();
    },
    close() {
      closed = true;
      clearTimeout(lingering);
      for (const { connection } of ours.values()) ports.drop(connection);
      ours.clear();
      dropSpent();
    },
  };
}
