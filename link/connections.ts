// The one owner of every connection of this link: numbers them, knows whose control channel is open, closes them.
// Promises: a connection that comes up after the end is closed at once, and `drop` tells the engine exactly once.

import type { Clock } from '../shared/model/clock.ts';
import { Fault } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import { askedConnectionsBurst, askedConnectionsPerSecond, lastWordMs } from '../shared/wire/limits.ts';
import { PeerPaces } from '../shared/wire/peer-paces.ts';
import { TokenBucket } from '../shared/wire/token-bucket.ts';
import { type Connection, type ConnectionPlan, type ConnectionPorts, openConnection } from './connection.ts';

export type ConnectionSettings = Pick<ConnectionPlan, 'iceServers' | 'relayOnly' | 'askRouter'>;

export interface Connections {
  nextId(): ConnectionId;
  open(plan: Pick<ConnectionPlan, 'id' | 'control'>): Promise<Connection>;
  drop(connection: Connection): void;
  /** Something was said over it just now, and whoever hears that closes their end of it. */
  dropOnceHeard(connection: Connection): void;
  isControlOpen(id: ConnectionId): boolean;
  count(): number;
  close(): void;
}

/** `settings` are read whenever a connection is made: people change their servers. */
export function openConnections(ports: ConnectionPorts, settings: () => ConnectionSettings): Connections {
  const open = new Set<Connection>();
  const openControls = new Set<ConnectionId>();
  let nextId = 1;
  let isClosed = false;

  function drop(connection: Connection): void {
    if (!open.delete(connection)) return;
    openControls.delete(connection.id);
    ports.engine.command({ do: 'drop', connection: connection.id });
    connection.close();
  }

  const unsubscribe = ports.engine.onControlOpen((id) => openControls.add(id));

  return {
    nextId: () => nextId++,
    async open(plan) {
      const connection = await openConnection({ ...plan, ...settings() }, ports);
      open.add(connection);
      if (isClosed) {
        drop(connection);
        throw new Fault('internal', 'the link was closed while a connection was being made');
      }
      return connection;
    },
    drop,
    dropOnceHeard(connection) {
      const stopListening = ports.engine.onChannelClosed(
        (id, role) => id === connection.id && role === 'control' && end(),
      );
      const stopWaiting = ports.clock.after(lastWordMs, end);
      function end(): void {
        stopListening();
        stopWaiting();
        drop(connection);
      }
    },
    isControlOpen: (id) => openControls.has(id),
    count: () => open.size,
    close() {
      isClosed = true;
      unsubscribe();
      for (const connection of [...open]) drop(connection);
    },
  };
}

/** Of the connections that each peer can have made. */
export function connectionPaces(clock: Clock): PeerPaces<TokenBucket> {
  return new PeerPaces(() => new TokenBucket(askedConnectionsPerSecond, askedConnectionsBurst, clock.now()));
}

/** What lanes and standby connections need of them. */
type AskedConnections = Pick<Connections, 'nextId' | 'open' | 'drop'>;

interface PacedConnections extends AskedConnections {
  /** Those that wait are not made any more. */
  close(): void;
}

/**
 * For those that the other side can have made: no faster than an honest one needs for long, and beyond that each waits for its turn.
 * One that was refused would not be asked for again. Lanes and standby connections hold their places while they wait, so few do.
 */
export function pacedConnections(connections: AskedConnections, clock: Clock, pace: TokenBucket): PacedConnections {
  const waiting: { readonly go: () => void; readonly refuse: (fault: Fault) => void }[] = [];
  let stopWaiting = (): void => undefined;

  function turn(): Promise<void> {
    return new Promise((go, refuse) => {
      waiting.push({ go, refuse });
      if (waiting.length === 1) letOneGoSoon();
    });
  }

  function letOneGoSoon(): void {
    stopWaiting = clock.after(1_000 / askedConnectionsPerSecond, () => {
      if (pace.take(clock.now())) waiting.shift()?.go();
      if (waiting.length > 0) letOneGoSoon();
    });
  }

  return {
    nextId: () => connections.nextId(),
    drop: (connection) => connections.drop(connection),
    async open(plan) {
      if (waiting.length > 0 || !pace.take(clock.now())) await turn();
      return connections.open(plan);
    },
    close() {
      stopWaiting();
      for (const { refuse } of waiting.splice(0)) refuse(new Fault('internal', 'the link ended before its turn came'));
    },
  };
}
