// The one owner of every connection of this link: numbers them, knows whose control channel is open, closes them.
// Promises: a connection that comes up after the end is closed at once, and `drop` tells the engine exactly once.

import type { Clock } from '../shared/model/clock.ts';
import { Fault } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import { askedConnectionsBurst, askedConnectionsPerSecond } from '../shared/wire/limits.ts';
import { TokenBucket } from '../shared/wire/token-bucket.ts';
import { type Connection, type ConnectionPlan, type ConnectionPorts, openConnection } from './connection.ts';

export type ConnectionSettings = Pick<ConnectionPlan, 'iceServers' | 'relayOnly' | 'askRouter'>;

export interface Connections {
  nextId(): ConnectionId;
  open(plan: Pick<ConnectionPlan, 'id' | 'control'>): Promise<Connection>;
  drop(connection: Connection): void;
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
    isControlOpen: (id) => openControls.has(id),
    count: () => open.size,
    close() {
      isClosed = true;
      unsubscribe();
      for (const connection of [...open]) drop(connection);
    },
  };
}

/** What lanes and standby connections need of them. */
type AskedConnections = Pick<Connections, 'nextId' | 'open' | 'drop'>;

/** For those that the other side can have made: no faster than any honest one needs. Beyond that it is as if the browser made none. */
export function pacedConnections(connections: AskedConnections, clock: Clock): AskedConnections {
  const pace = new TokenBucket(askedConnectionsPerSecond, askedConnectionsBurst, clock.now());
  return {
    nextId: () => connections.nextId(),
    drop: (connection) => connections.drop(connection),
    async open(plan) {
      if (!pace.take(clock.now())) throw new Fault('internal', 'the other side has too many connections made');
      return connections.open(plan);
    },
  };
}
