// The scheduler of the outgoing blocks: which block goes over which lane. One block at a time per lane, each to the lane with the
// least backlog, fair over the transfers. A lane that retires is given no more, and reports when everything it carried is stored;
// one that closes gives back every block that is not. The pool never looks at the bytes of a block: `FrameSender` does.

import type { ConnectionId } from '../../shared/model/link-channel.ts';
import { directLaneNumber } from '../../shared/model/transfer.ts';
import type { EngineEvent } from '../commands.ts';
import type { Lane } from '../ports.ts';
import type { DirectBlock, DirectSender } from './direct-sender.ts';
import { FrameSender, type ReadyBlock } from './frame-sender.ts';

/** A transfer as the lanes see it. `take` hands over the next block that is read, hashed and within credit. */
export interface BlockSupply {
  take(connection: ConnectionId): ReadyBlock | undefined;
  /** The next block for the direct lane, unread. */
  takeDirect(connection: ConnectionId): DirectBlock | undefined;
  /** Of the blocks of this lane that are on their way, or wait for the disk over there, the one that waits longest. */
  oldestOn(connection: ConnectionId): number | undefined;
  /** These blocks may never have arrived. */
  laneLost(connection: ConnectionId): void;
}

export type LaneState = 'used' | 'retiring' | 'empty';
type PooledLane = { readonly sender: FrameSender; state: LaneState };

export type LaneSent = {
  readonly connection: ConnectionId;
  /** `direct`: the one that the hosts carry. */
  readonly state: LaneState | 'direct';
  readonly sentBytes: number;
  readonly bufferedBytes: number;
};

export class LanePool {
  readonly #lanes = new Map<ConnectionId, PooledLane>();
  readonly #emit: (event: EngineEvent) => void;
  #direct: DirectSender | undefined;
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

  /** From now on every block is left to it. */
  addDirect(sender: DirectSender): void {
    this.#direct = sender;
    this.pump();
  }

  removeDirect(): void {
    this.#direct = undefined;
    this.#giveBack(directLaneNumber);
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
    if (this.#lanes.delete(connection)) this.#giveBack(connection);
  }

  /** Of each transfer the block that has waited longest on this lane. */
  oldestOn(connection: ConnectionId): readonly number[] {
    return this.#supplies.flatMap((supply) => supply.oldestOn(connection) ?? []).sort((a, b) => a - b);
  }

  addSupply(supply: BlockSupply): void {
    if (!this.#supplies.includes(supply)) this.#supplies.push(supply);
  }

  removeSupply(supply: BlockSupply): void {
    this.#supplies = this.#supplies.filter((one) => one !== supply);
  }

  /** What each lane sent since the last call. */
  samples(): LaneSent[] {
    const lanes: LaneSent[] = [...this.#lanes].map(([connection, { sender, state }]) => ({
      connection,
      state,
      sentBytes: sender.takeSentBytes(),
      bufferedBytes: sender.bufferedBytes(),
    }));
    if (this.#direct === undefined) return lanes;
    const sentBytes = this.#direct.takeSentBytes();
    return [...lanes, { connection: directLaneNumber, state: 'direct', sentBytes, bufferedBytes: 0 }];
  }

  pump(): void {
    const direct = this.#direct;
    direct?.send(
      () => (this.#direct === direct ? this.#next((supply) => supply.takeDirect(directLaneNumber)) : undefined),
      () => this.pump(),
    );
    const order = [...this.#lanes].sort(([, a], [, b]) => a.sender.bufferedBytes() - b.sender.bufferedBytes());
    let moved = true;
    while (moved) {
      moved = false;
      for (const [connection, lane] of order) {
        if (!this.#lanes.has(connection)) continue;
        if (
          lane.sender.send(() => (lane.state === 'used' ? this.#next((supply) => supply.take(connection)) : undefined))
        )
          moved = true;
      }
    }
    this.#reportEmpty();
  }

  /** These blocks go over the lanes that are left. */
  #giveBack(connection: ConnectionId): void {
    for (const supply of this.#supplies) supply.laneLost(connection);
    this.pump();
  }

  #reportEmpty(): void {
    for (const [connection, lane] of [...this.#lanes]) {
      if (lane.state !== 'retiring' || lane.sender.isBusy) continue;
      if (this.#supplies.some((supply) => supply.oldestOn(connection) !== undefined)) continue;
      lane.state = 'empty';
      this.#emit({ is: 'lane-empty', connection });
    }
  }

  /** In turns over the transfers. */
  #next<T>(take: (supply: BlockSupply) => T | undefined): T | undefined {
    for (let tried = 0; tried < this.#supplies.length; tried += 1) {
      const supply = this.#supplies.shift()!;
      this.#supplies.push(supply);
      const block = take(supply);
      if (block !== undefined) return block;
    }
    return undefined;
  }
}
