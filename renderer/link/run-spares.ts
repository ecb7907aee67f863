// Standby connections: made while the link is well, their fields exchanged over it, spent when it is down and feeding
// does not help. Both sides number theirs alike; pair N of ours belongs to pair N of theirs. A spare inherits the trust
// of the link because its fingerprint came over the verified channel, and it is held to that fingerprint.

import type { SessionFields } from '../../shared/code/link-code.ts';
import { toHex } from '../../shared/link/bytes.ts';
import { fromWire, type LinkSignal, toWire, type WireFields } from '../../shared/link/signal.ts';
import { sparesKept } from '../../shared/wire/limits.ts';
import type { Connection } from './connection.ts';

export type SparePorts = {
  open(): Promise<Connection>;
  drop(connection: Connection): void;
  send(signal: LinkSignal): void;
  /** A spare came up and its certificate is the one that was announced. */
  connected(connection: Connection, theirs: SessionFields): void;
};

export interface Spares {
  /** Makes what is missing and tells the other side. Only while the link is up. */
  refill(): void;
  /** This machine's addresses changed: what was made before is of no use to anybody. */
  renew(): void;
  hear(spares: readonly { readonly pair: number; readonly fields: WireFields }[]): void;
  spend(): void;
  feed(generation: number): void;
  isSpending(): boolean;
  count(): number;
  /** The link is well again: spent spares but the one that took over are closed. */
  settle(kept: Connection | undefined): void;
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

  async function fill(): Promise<void> {
    for (const [pair, spare] of ours) {
      if (pair >= floor) continue;
      ours.delete(pair);
      ports.drop(spare.connection);
    }
    let made = false;
    for (let pair = floor; pair < floor + sparesKept && !closed; pair += 1) {
      if (ours.has(pair)) continue;
      const connection = await ports.open();
      const fields = toWire(await connection.offer());
      if (closed) ports.drop(connection);
      else keep(pair, { connection, fields });
      made = true;
    }
    if (made && !closed) announce();
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
    connection.onState(() => {
      if (connection.state() === 'connected') void prove(connection, remote);
    });
    const weStart = toHex(connection.fingerprint) < fields.fingerprint;
    await connection.complete(remote, weStart ? 'passive' : 'active');
  }

  async function prove(connection: Connection, remote: SessionFields): Promise<void> {
    const seen = await connection.remoteFingerprint();
    if (closed || seen === undefined || toHex(seen) !== toHex(remote.fingerprint)) return;
    ports.connected(connection, remote);
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
      if (pair !== undefined) spendPair(pair);
    },
    feed(generation) {
      for (const connection of spent.values()) void connection.feed(generation);
    },
    isSpending: () => spent.size > 0,
    count: () => ours.size,
    settle(kept) {
      for (const connection of spent.values()) if (connection !== kept) ports.drop(connection);
      spent.clear();
    },
    close() {
      closed = true;
      for (const { connection } of ours.values()) ports.drop(connection);
      for (const connection of spent.values()) ports.drop(connection);
      ours.clear();
      spent.clear();
    },
  };
}
