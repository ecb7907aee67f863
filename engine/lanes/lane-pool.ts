// The scheduler of the outgoing blocks: which block goes over which lane. One block at a time per lane, each to the lane with the
// least backlog, fair over the transfers. A lane that retires is given no more, and reports when everything it carried is stored;
// one that closes gives back every block that is not. The pool never looks at the bytes of a block: `FrameSender` does.

import type { ConnectionId, EngineEvent } from '../commands.ts';
import type { Lane } from '../ports.ts';
import { FrameSender, type ReadyBlock } from './frame-sender.ts';

/** A transfer as the lanes see it. `take` hands over the next block that is read, hashed and within credit. */
export interface BlockSupply {
  take(connection: ConnectionId): ReadyBlock | undefined;
  /** Blocks that this lane was given are on their way, or wait for the disk over there. */
  carries(connection: ConnectionId): boolean;
  /** These blocks may never have arrived. */
  laneLost(connection: ConnectionId): void;
}

export type LaneState = 'used' | 'retiring' | 'empty';
type PooledLane = { readonly sender: FrameSender; state: LaneState };

export type LaneSent = {
  readonly connection: ConnectionId;
  readonly state: LaneState;
  readonly sentBytes: number;
  readonly bufferedBytes: number;
};

export class LanePool {
  readonly #lanes = new Map<ConnectionId, PooledLane>();
  readonly #emit: (event: EngineEvent) => void;
  #supplies: BlockSupply[] = [];

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  /** One that retired is used again. */
  add(connection: ConnectionId, lane: Lane): void {
    const known = this.#lanes.get(connection);
    if (known !== undefined) known.state = 'used';
    else {
      this.#lanes.set(connection, { sender: new FrameSender(lane), state: 'used' });
      lane.onWritable(() => this.pump());
    }
    this.pump();
  }

  /** What was never a lane, or is none any more, is empty. */
  retire(connection: ConnectionId): void {
    const lane = this.#lanes.get(connection);
    if (lane === undefined) this.#emit({ is: 'lane-empty', connection });
    else {
      lane.state = 'retiring';
      this.#reportEmpty();
    }
  }

  remove(connection: ConnectionId): void {
    if (!this.#lanes.delete(connection)) return;
    for (const supply of this.#supplies) supply.laneLost(connection);
    this.pump();
  }

  addSupply(supply: BlockSupply): void {
    if (!this.#supplies.includes(supply)) this.#supplies.push(supply);
  }

  removeSupply(supply: BlockSupply): void {
    this.#supplies = this.#supplies.filter((one) => one !== supply);
  }

  /** What each lane sent since the last call. */
  samples(): LaneSent[] {
    return [...this.#lanes].map(([connection, { sender, state }]) => ({
      connection,
      state,
      sentBytes: sender.takeSentBytes(),
      bufferedBytes: sender.bufferedBytes(),
    }));
  }

  pump(): void {
    const order = [...this.#lanes].sort(([, a], [, b]) => a.sender.bufferedBytes() - b.sender.bufferedBytes());
    let moved = true;
    while (moved) {
      moved = false;
      for (const [connection, lane] of order) {
        if (!this.#lanes.has(connection)) continue;
        if (lane.sender.send(() => (lane.state === 'used' ? this.#nextBlock(connection) : undefined))) moved = true;
      }
    }
    this.#reportEmpty();
  }

  #reportEmpty(): void {
    for (const [connection, lane] of [...this.#lanes]) {
      if (lane.state !== 'retiring' || lane.sender.isBusy) continue;
      if (this.#supplies.some((supply) => supply.carries(connection))) continue;
      lane.state = 'empty';
      this.#emit({ is: 'lane-empty', connection });
    }
  }

  #nextBlock(connection: ConnectionId): ReadyBlock | undefined {
    for (let tried = 0; tried < this.#supplies.length; tried += 1) {
      const supply = this.#supplies.shift()!;
      this.#supplies.push(supply);
      const block = supply.take(connection);
      if (block !== undefined) return block;
    }
    return undefined;
  }
}
