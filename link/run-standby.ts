// Runs link/standby-state.ts: makes the connections, completes promoted ones, and holds each to the certificate that was
// announced for it. A standby connection inherits the trust of the link, because its fingerprint came over that link.

import { toHex } from '../shared/model/bytes.ts';
import type { Clock } from '../shared/model/clock.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import { promotedStandbyKeptMs } from '../shared/wire/limits.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { EventQueue } from './event-queue.ts';
import type { RetryScope } from './healing-state.ts';
import { fromWire, type LinkSignal, toWire } from './link-signal.ts';
import {
  type AnnouncedPair,
  nextStandby,
  promotable,
  promotedConnections,
  type StandbyEffect,
  type StandbyEvent,
  type StandbyState,
  startStandbyState,
} from './standby-state.ts';

export type StandbyPorts = {
  readonly connections: Pick<Connections, 'nextId' | 'open' | 'drop'>;
  readonly clock: Clock;
  send(signal: LinkSignal): void;
  /** It is connected, and its certificate is the announced one. */
  ready(connection: Connection, pair: number): void;
  /** It did not become the link and is closed. */
  dropped(connection: ConnectionId): void;
};

export interface Standby {
  /** Makes what is missing and announces it. */
  refill(): void;
  addressesChanged(): void;
  announced(theirs: readonly AnnouncedPair[]): void;
  /** Promotes the next pair, if there is one. */
  promote(): void;
  retryCandidates(generation: number, scope: RetryScope): void;
  /** Pairs that could be promoted now. */
  count(): number;
  /** This one became the link. */
  taken(connection: Connection): void;
  linkUp(): void;
  linkDown(): void;
  close(): void;
}

export function startStandby(ports: StandbyPorts): Standby {
  const { clock, connections } = ports;
  const events = new EventQueue<StandbyEvent>();
  const open = new Map<ConnectionId, Connection>();
  let state: StandbyState = startStandbyState;
  let stopTimer = (): void => undefined;

  function handle(event: StandbyEvent): void {
    const step = nextStandby(state, event);
    state = step.state;
    for (const effect of step.effects) act(effect);
  }

  function act(effect: StandbyEffect): void {
    switch (effect.do) {
      case 'make':
        return void make(effect.pair);
      case 'announce':
        ports.send({ say: 'spares', spares: effect.pairs.map((each) => ({ ...each })) });
        return;
      case 'complete':
        return void complete(effect);
      case 'report': {
        const connection = open.get(effect.connection);
        if (connection !== undefined) ports.ready(connection, effect.pair);
        return;
      }
      case 'drop':
        drop(effect.connection);
        return;
      case 'start-timer':
        stopTimer();
        stopTimer = clock.after(promotedStandbyKeptMs, () => events.push({ is: 'promotion-over' }));
        return;
      case 'stop-timer':
        stopTimer();
        return;
    }
  }

  async function make(pair: number): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await connections.open({ id: connections.nextId(), control: true });
      const fields = toWire(await connection.offer());
      open.set(connection.id, connection);
      watchChecks(connection, pair);
      events.push({ is: 'made', pair, connection: connection.id, fields });
    } catch {
      if (connection !== undefined) connections.drop(connection);
      events.push({ is: 'not-made', pair });
    }
  }

  function watchChecks(connection: Connection, pair: number): void {
    const stop = connection.onState(() => {
      if (!connection.isChecking()) return;
      stop();
      events.push({ is: 'checks-arrived', pair });
    });
  }

  async function complete({
    pair,
    connection: id,
    own,
    theirs,
  }: Extract<StandbyEffect, { do: 'complete' }>): Promise<void> {
    const connection = open.get(id);
    if (connection === undefined) return;
    connection.onState(() => {
      if (connection.state() === 'connected') void prove(connection, pair, theirs.fingerprint);
    });
    // Both know both fingerprints, so both know who starts DTLS: the smaller one.
    const weStart = own.fingerprint < theirs.fingerprint;
    try {
      await connection.complete(fromWire(theirs), weStart ? 'passive' : 'active');
    } catch {
      events.push({ is: 'not-completed', pair });
    }
  }

  async function prove(connection: Connection, pair: number, announced: string): Promise<void> {
    const seen = await connection.remoteFingerprint();
    if (seen !== undefined && toHex(seen) === announced) events.push({ is: 'proven', pair });
  }

  function drop(id: ConnectionId): void {
    const connection = open.get(id);
    open.delete(id);
    if (connection === undefined) return;
    connections.drop(connection);
    ports.dropped(id);
  }

  events.start(handle);

  return {
    refill: () => events.push({ is: 'refill' }),
    addressesChanged: () => events.push({ is: 'addresses-changed' }),
    announced: (theirs) => events.push({ is: 'announced', theirs }),
    promote: () => events.push({ is: 'promote' }),
    retryCandidates(generation, scope) {
      for (const id of promotedConnections(state)) void open.get(id)?.retryCandidates(generation, scope);
    },
    count: () => promotable(state).length,
    taken(connection) {
      open.delete(connection.id);
      events.push({ is: 'taken', connection: connection.id });
    },
    linkUp: () => events.push({ is: 'link-up' }),
    linkDown: () => events.push({ is: 'link-down' }),
    close: () => events.push({ is: 'close' }),
  };
}
