// The outgoing half of the lanes: whole blocks, one at a time per lane, each to the lane with the least backlog, fair
// over the transfers. A lane that retires is fed no more, and tells when everything it carried is stored; one that closes
// gives back every block that is not.

import { frameEnd, frameWithin } from '../../shared/wire/frame.ts';
import type { ConnectionId } from '../commands.ts';
import type { Lane } from '../ports.ts';

export type ReadyBlock = {
  readonly tag: number;
  readonly block: number;
  /** The lane's own from now on: heads of frames are written into what was sent. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array;
};

/** A transfer as the lanes see it. `take` hands over the next block that is read, hashed and within credit. */
export interface BlockSupply {
  take(connection: ConnectionId): ReadyBlock | undefined;
  /** Blocks that this lane was given are on their way, or wait for the disk over there. */
  carries(connection: ConnectionId): boolean;
  /** These blocks may never have arrived. */
  laneLost(connection: ConnectionId): void;
}

type OpenLane = {
  readonly lane: Lane;
  duty: 'fed' | 'retiring' | 'empty';
  current: { readonly block: ReadyBlock; offset: number } | undefined;
  sentBytes: number;
};

export type LaneCount = Pick<OpenLane, 'duty' | 'sentBytes'> & {
  readonly connection: ConnectionId;
  readonly bufferedBytes: number;
};

export class LanePool {
  readonly #lanes = new Map<ConnectionId, OpenLane>();
  readonly #emptied: (connection: ConnectionId) => void;
  #supplies: BlockSupply[] = [];

  /** `emptied`: a retired lane carries nothing any more. */
  constructor(emptied: (connection: ConnectionId) => void) {
    this.#emptied = emptied;
  }

  /** One that retired is fed again. */
  add(connection: ConnectionId, lane: Lane): void {
    const known = this.#lanes.get(connection);
    if (known !== undefined) known.duty = 'fed';
    else {
      this.#lanes.set(connection, { lane, duty: 'fed', current: undefined, sentBytes: 0 });
      lane.onWritable(() => this.pump());
    }
    this.pump();
  }

  /** What was never a lane, or is none any more, is empty. */
  retire(connection: ConnectionId): void {
    const open = this.#lanes.get(connection);
    if (open === undefined) this.#emptied(connection);
    else {
      open.duty = 'retiring';
      this.#tellEmpty();
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

  /** Bytes sent per lane since the last call. */
  samples(): LaneCount[] {
    return [...this.#lanes].map(([connection, open]) => {
      const { duty, sentBytes } = open;
      open.sentBytes = 0;
      return { connection, duty, sentBytes, bufferedBytes: open.lane.bufferedBytes() };
    });
  }

  pump(): void {
    const order = [...this.#lanes].sort(([, a], [, b]) => a.lane.bufferedBytes() - b.lane.bufferedBytes());
    let moved = true;
    while (moved) {
      moved = false;
      for (const [connection, open] of order)
        if (this.#lanes.has(connection) && this.#sendBlock(connection, open)) moved = true;
    }
    this.#tellEmpty();
  }

  #tellEmpty(): void {
    for (const [connection, open] of [...this.#lanes]) {
      if (open.duty !== 'retiring' || open.current !== undefined) continue;
      if (this.#supplies.some((supply) => supply.carries(connection))) continue;
      open.duty = 'empty';
      this.#emptied(connection);
    }
  }

  /** Sends up to the end of one block; answers whether a block was finished and the lane can take more. */
  #sendBlock(connection: ConnectionId, open: OpenLane): boolean {
    const { lane } = open;
    if (!lane.canSend()) return false;
    if (open.current === undefined) {
      if (open.duty !== 'fed') return false;
      const block = this.#nextBlock(connection);
      if (block === undefined) return false;
      open.current = { block, offset: 0 };
    }
    const { block } = open.current;
    const { byteLength } = block.bytes;
    while (lane.canSend()) {
      const { offset } = open.current;
      const end = frameEnd(offset, byteLength, lane.maxMessageBytes);
      const isLast = end === byteLength;
      const hash = isLast ? block.hash : undefined;
      lane.send(frameWithin({ tag: block.tag, block: block.block, offset }, block.bytes, { end, hash }));
      open.sentBytes += end - offset;
      open.current.offset = end;
      if (isLast) {
        open.current = undefined;
        return true;
      }
    }
    return false;
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
