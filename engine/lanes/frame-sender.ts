// One lane whose bytes pass through the engine: cuts whole blocks, one at a time, into frames.

import { frameEnd, frameWithin } from '../../shared/wire/frame.ts';
import type { Lane } from '../ports.ts';

export type ReadyBlock = {
  readonly attemptId: number;
  readonly block: number;
  /** The lane's own from now on: heads of frames are written into what was sent. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array;
};

export class FrameSender {
  readonly #lane: Lane;
  #current: { readonly block: ReadyBlock; offset: number } | undefined;
  #sentBytes = 0;

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** In the middle of a block. */
  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  bufferedBytes(): number {
    return this.#lane.bufferedBytes();
  }

  /** Bytes sent since the last call. */
  takeSentBytes(): number {
    const sent = this.#sentBytes;
    this.#sentBytes = 0;
    return sent;
  }

  /** Sends up to the end of one block. Returns whether a block was finished and the lane can take more. */
  send(next: () => ReadyBlock | undefined): boolean {
    const lane = this.#lane;
    if (!lane.canSend()) return false;
    const block = this.#current?.block ?? next();
    if (block === undefined) return false;
    this.#current ??= { block, offset: 0 };
    const { byteLength } = block.bytes;
    while (lane.canSend()) {
      const { offset } = this.#current;
      const end = frameEnd(offset, byteLength, lane.maxMessageBytes);
      const isLast = end === byteLength;
      const head = { tag: block.attemptId, block: block.block, offset };
      lane.send(frameWithin(head, block.bytes, { end, hash: isLast ? block.hash : undefined }));
      this.#sentBytes += end - offset;
      this.#current.offset = end;
      if (isLast) {
        this.#current = undefined;
        return true;
      }
    }
    return false;
  }
}
