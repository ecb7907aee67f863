// The bulk channels of the connections, in both directions: what comes in goes to the frame assembler once the link is confirmed, and
// those that the page declared usable are given to the pool.

import type { ConnectionId } from '../../shared/model/link-channel.ts';
import type { EngineEvent } from '../commands.ts';
import type { Lane } from '../ports.ts';
import type { FrameAssembler } from '../receive/frame-assembler.ts';
import type { PeerSession } from '../session/session.ts';
import type { LanePool } from './lane-pool.ts';

export type BulkChannelsParts = {
  readonly pool: LanePool;
  readonly assembler: FrameAssembler;
  readonly session: PeerSession;
  readonly emit: (event: EngineEvent) => void;
};

export class BulkChannels {
  readonly #parts: BulkChannelsParts;
  readonly #lanes = new Map<ConnectionId, Lane>();

  constructor(parts: BulkChannelsParts) {
    this.#parts = parts;
  }

  add(connection: ConnectionId, lane: Lane): void {
    this.#lanes.set(connection, lane);
    lane.onMessage((message) => this.#onMessage(connection, message));
    lane.onClose(() => {
      if (this.#lanes.get(connection) !== lane) return;
      this.#remove(connection);
      this.#parts.emit({ is: 'channel-closed', connection, role: 'bulk' });
    });
  }

  use(connection: ConnectionId): void {
    const lane = this.#lanes.get(connection);
    if (lane !== undefined) this.#parts.pool.add(connection, lane);
  }

  drop(connection: ConnectionId): void {
    const lane = this.#lanes.get(connection);
    this.#remove(connection);
    lane?.close();
  }

  #remove(connection: ConnectionId): void {
    this.#lanes.delete(connection);
    this.#parts.assembler.laneLost(connection);
    this.#parts.pool.remove(connection);
  }

  #onMessage(connection: ConnectionId, message: Uint8Array<ArrayBuffer> | string): void {
    const { assembler, session } = this.#parts;
    session.peerIsAlive();
    if (typeof message === 'string') {
      session.violation('text on a bulk channel');
      return;
    }
    if (!session.isPastGate) {
      session.violation('bytes before the confirmation');
      return;
    }
    const why = assembler.take(connection, message);
    if (why !== undefined) session.violation(why);
  }
}
