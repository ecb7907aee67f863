// The outgoing half of the lanes: whole blocks, one at a time per lane, each to the lane with the least backlog, fair
// over the transfers. A lane that retires is fed no more, and tells when everything it carried is stored; one that closes
// gives back every block that is not.

import { frameEnd, frameWithin } from '../../shared/wire/frame.ts';
import { blockBytes } from '../../shared/wire/limits.ts';
import type { ConnectionId } from '../commands.ts';
import type { DirectHost, DirectSent, Lane } from '../ports.ts';

export type ReadyBlock = {
  readonly tag: number;
  readonly block: number;
  /** The lane's own from now on: heads of frames are written into what was sent. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array;
};

/** A block that the host reads and sends itself. */
export type DirectBlock = { readonly transfer: string; readonly attempt: number; readonly block: number };

/** A transfer as the lanes see it. `take` hands over the next block that is read, hashed and within credit. */
export interface BlockSupply {
  take(connection: ConnectionId): ReadyBlock | undefined;
  /** The next block for a lane whose bytes the host carries; none where the host cannot read this transfer. */
  takeDirect(connection: ConnectionId): DirectBlock | undefined;
  /** How sending it went; `undefined` where the host could not even read it. */
  sentDirect(taken: DirectBlock, connection: ConnectionId, sending: Promise<DirectSent>): Promise<void>;
  /** A direct lane is there: blocks that the host can send are left to it. */
  directIs(there: boolean): void;
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

type OpenDirect = {
  readonly connection: ConnectionId;
  readonly host: DirectHost;
  readonly sendsAtOnce: number;
  underWay: number;
  sentBytes: number;
};

export type LaneCount = Pick<OpenLane, 'sentBytes'> & {
  readonly duty: OpenLane['duty'] | 'direct';
  readonly connection: ConnectionId;
  readonly bufferedBytes: number;
};

export class LanePool {
  readonly #lanes = new Map<ConnectionId, OpenLane>();
  readonly #emptied: (connection: ConnectionId) => void;
  #direct: OpenDirect | undefined;
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

  addDirect(connection: ConnectionId, lane: Pick<OpenDirect, 'host' | 'sendsAtOnce'>): void {
    this.#direct = { connection, ...lane, underWay: 0, sentBytes: 0 };
    for (const supply of this.#supplies) supply.directIs(true);
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
    const isDirect = this.#direct?.connection === connection;
    if (isDirect) this.#direct = undefined;
    if (!this.#lanes.delete(connection) && !isDirect) return;
    if (isDirect) for (const supply of this.#supplies) supply.directIs(false);
    for (const supply of this.#supplies) supply.laneLost(connection);
    this.pump();
  }

  addSupply(supply: BlockSupply): void {
    if (this.#supplies.includes(supply)) return;
    this.#supplies.push(supply);
    supply.directIs(this.#direct !== undefined);
  }

  removeSupply(supply: BlockSupply): void {
    this.#supplies = this.#supplies.filter((one) => one !== supply);
  }

  /** Bytes sent per lane since the last call. */
  samples(): LaneCount[] {
    const lanes = [...this.#lanes].map(([connection, open]) => {
      const { duty, sentBytes } = open;
      open.sentBytes = 0;
      return { connection, duty, sentBytes, bufferedBytes: open.lane.bufferedBytes() };
    });
    if (this.#direct === undefined) return lanes;
    const { connection, sentBytes } = this.#direct;
    this.#direct.sentBytes = 0;
    return [...lanes, { connection, duty: 'direct', sentBytes, bufferedBytes: 0 }];
  }

  pump(): void {
    if (this.#direct !== undefined) this.#feedDirect(this.#direct);
    const order = [...this.#lanes].sort(([, a], [, b]) => a.lane.bufferedBytes() - b.lane.bufferedBytes());
    let moved = true;
    while (moved) {
      moved = false;
      for (const [connection, open] of order)
        if (this.#lanes.has(connection) && this.#sendBlock(connection, open)) moved = true;
    }
    this.#tellEmpty();
  }

  #feedDirect(direct: OpenDirect): void {
    const { connection, host } = direct;
    while (direct.underWay < direct.sendsAtOnce && this.#direct === direct) {
      const next = this.#next((supply) => supply.takeDirect(connection));
      if (next === undefined) return;
      const { supply, block: taken } = next;
      direct.underWay += 1;
      const sending = host.send(taken.transfer, taken.attempt, taken.block);
      void supply.sentDirect(taken, connection, sending).then(() => {
        direct.underWay -= 1;
        this.pump();
      });
      direct.sentBytes += blockBytes;
    }
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
      const block = this.#next((supply) => supply.take(connection))?.block;
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

  /** In turns over the transfers. */
  #next<T>(
    take: (supply: BlockSupply) => T | undefined,
  ): { readonly supply: BlockSupply; readonly block: T } | undefined {
    for (let tried = 0; tried < this.#supplies.length; tried += 1) {
      const supply = this.#supplies.shift()!;
      this.#supplies.push(supply);
      const block = take(supply);
      if (block !== undefined) return { supply, block };
    }
    return undefined;
  }
}
