// The bulk channels of the connections, in both directions: what comes in goes to the frame assembler once the link is confirmed, and
// those that the page declared usable are given to the pool. Promises: a connection that is not the link's cannot end the link, nor keep it
// alive, nor is it given a block: somebody else may be at its other end. Those of a link that is over send nothing more and are not heard,
// however long they stay for the bye.

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

type BulkChannel = {
  readonly lane: Lane;
  /** One with a control channel may become the link; one without is made for the link that there is, and is over with it. */
  at: 'candidate' | 'of-link' | 'over';
};

export class BulkChannels {
  readonly #parts: BulkChannelsParts;
  readonly #channels = new Map<ConnectionId, BulkChannel>();

  constructor(parts: BulkChannelsParts) {
    this.#parts = parts;
  }

  add(connection: ConnectionId, lane: Lane): void {
    const channel: BulkChannel = { lane, at: this.#parts.session.hasControl(connection) ? 'candidate' : 'of-link' };
    this.#channels.set(connection, channel);
    lane.onMessage((message) => this.#onMessage(connection, channel, message));
    lane.onClose(() => {
      if (this.#channels.get(connection) !== channel) return;
      this.#remove(connection);
      this.#parts.emit({ is: 'channel-closed', connection, role: 'bulk' });
    });
  }

  /** The transfers are parked by now: no other lane gets what these give back. */
  linkEnded(): void {
    for (const [connection, channel] of this.#channels) {
      if (channel.at !== 'of-link') continue;
      channel.at = 'over';
      this.#giveUp(connection);
    }
  }

  use(connection: ConnectionId): void {
    const channel = this.#channels.get(connection);
    if (channel === undefined || channel.at === 'over') return;
    channel.at = 'of-link';
    this.#parts.pool.add(connection, channel.lane);
  }

  drop(connection: ConnectionId): void {
    const channel = this.#channels.get(connection);
    this.#remove(connection);
    channel?.lane.close();
  }

  #remove(connection: ConnectionId): void {
    this.#channels.delete(connection);
    this.#giveUp(connection);
  }

  #giveUp(connection: ConnectionId): void {
    this.#parts.assembler.laneLost(connection);
    this.#parts.pool.remove(connection);
  }

  #onMessage(connection: ConnectionId, { lane, at }: BulkChannel, message: Uint8Array<ArrayBuffer> | string): void {
    if (at === 'over') return;
    const { session } = this.#parts;
    if (at === 'of-link') session.peerIsAlive();
    const why = this.#take(connection, message);
    if (why === undefined) return;
    if (at === 'of-link') session.violation(why);
    else lane.close();
  }

  /** Answers with why it may not come, or nothing. The other side may use a standby connection a moment before we do. */
  #take(connection: ConnectionId, message: Uint8Array<ArrayBuffer> | string): string | undefined {
    const { assembler, session } = this.#parts;
    if (typeof message === 'string') return 'text on a bulk channel';
    return session.isPastGate ? assembler.take(connection, message) : 'bytes before the confirmation';
  }
}
