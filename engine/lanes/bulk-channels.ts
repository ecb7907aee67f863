// The bulk channels of the connections, in both directions: what comes in goes to the inbox once the gate is open, and those
// that the page declared usable are fed from the pool.

import type { ConnectionId, EngineEvent } from '../commands.ts';
import type { Lane } from '../ports.ts';
import type { BlockInbox } from '../receive/frame-assembler.ts';
import type { Session } from '../session/session.ts';
import type { LanePool } from './lane-pool.ts';

export type LinkLanesPorts = {
  readonly pool: LanePool;
  readonly inbox: BlockInbox;
  readonly session: Pick<Session, 'heard' | 'isPastGate' | 'violation'>;
  emit(event: EngineEvent): void;
};

export class LinkLanes {
  readonly #ports: LinkLanesPorts;
  readonly #lanes = new Map<ConnectionId, Lane>();

  constructor(ports: LinkLanesPorts) {
    this.#ports = ports;
  }

  add(connection: ConnectionId, lane: Lane): void {
    this.#lanes.set(connection, lane);
    lane.onMessage((message) => this.#take(connection, message));
    lane.onClose(() => {
      if (this.#lanes.get(connection) !== lane) return;
      this.lose(connection);
      this.#ports.emit({ is: 'channel-closed', connection, role: 'bulk' });
    });
  }

  use(connection: ConnectionId): void {
    const lane = this.#lanes.get(connection);
    if (lane !== undefined) this.#ports.pool.add(connection, lane);
  }

  retire(connection: ConnectionId): void {
    this.#ports.pool.retire(connection);
  }

  lose(connection: ConnectionId): Lane | undefined {
    const lane = this.#lanes.get(connection);
    this.#lanes.delete(connection);
    this.#ports.inbox.laneLost(connection);
    this.#ports.pool.remove(connection);
    return lane;
  }

  #take(connection: ConnectionId, message: Uint8Array<ArrayBuffer> | string): void {
    const { inbox, session } = this.#ports;
    session.heard();
    if (typeof message === 'string') {
      session.violation('text on a bulk channel');
      return;
    }
    if (!session.isPastGate) {
      session.violation('bytes before the gate');
      return;
    }
    const why = inbox.take(connection, message);
    if (why !== undefined) session.violation(why);
  }
}
