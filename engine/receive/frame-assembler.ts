// The incoming half of the lanes: gathers the frames of each lane into whole blocks, as the parts they came in. A lane carries
// one block at a time, from its first byte to its hash; anything else is refused. What a closed lane left is dropped.

import { join } from '../../shared/model/bytes.ts';
import type { ConnectionId } from '../../shared/model/link-channel.ts';
import { decodeFrame } from '../../shared/wire/frame.ts';
import { blockPartsMax, lateFramesMaxBytes, lateTagsMax } from '../../shared/wire/limits.ts';
import type { DirectArrival } from '../ports.ts';
import type { CameOver } from './received-blocks.ts';

/** An incoming transfer as the frames see it. */
export interface BlockTaker {
  /** Length of the block, or why it may not come. */
  begin(block: number, over: CameOver): number | { readonly refused: string };
  /** All of its bytes, in order, and not proven yet. */
  done(block: number, parts: readonly Uint8Array<ArrayBuffer>[], hash: Uint8Array<ArrayBuffer>): void;
  dropped(block: number): void;
  /** It came over the direct lane: the host has stored it, or says why not. */
  onDirect(arrival: DirectArrival): void;
}

type Assembly = {
  readonly attemptId: number;
  readonly block: number;
  readonly length: number;
  parts: Uint8Array<ArrayBuffer>[];
  readonly taker: BlockTaker;
  at: number;
};

export class FrameAssembler {
  readonly #takers = new Map<number, BlockTaker>();
  readonly #late = new Map<number, number>();
  readonly #lanes = new Map<ConnectionId, Assembly>();

  expect(attemptId: number, taker: BlockTaker): void {
    this.#late.delete(attemptId);
    this.#takers.set(attemptId, taker);
  }

  /** Frames of this attempt may still be on their way: they are dropped, up to a bound. */
  retire(attemptId: number): void {
    if (!this.#takers.delete(attemptId)) return;
    this.#late.set(attemptId, 0);
    for (const oldest of this.#late.keys()) {
      if (this.#late.size <= lateTagsMax) break;
      this.#late.delete(oldest);
    }
    for (const [lane, assembly] of this.#lanes) if (assembly.attemptId === attemptId) this.#lanes.delete(lane);
  }

  laneLost(connection: ConnectionId): void {
    const assembly = this.#lanes.get(connection);
    this.#lanes.delete(connection);
    assembly?.taker.dropped(assembly.block);
  }

  /** A block that came over the direct lane. Answers with why it may not come, or nothing. */
  onDirect(arrival: DirectArrival): string | undefined {
    const taker = this.#takers.get(arrival.attempt);
    // Of an attempt that is over; the host bounds what may still come of it.
    if (taker === undefined) return undefined;
    const length = taker.begin(arrival.block, 'direct');
    if (typeof length !== 'number') return length.refused;
    taker.onDirect(arrival);
    return undefined;
  }

  /** Answers with why the frame is a violation, or nothing. */
  take(connection: ConnectionId, message: Uint8Array<ArrayBuffer>): string | undefined {
    const frame = decodeFrame(message);
    if ('refused' in frame) return frame.refused;
    const late = this.#late.get(frame.tag);
    if (late !== undefined) {
      this.#late.set(frame.tag, late + message.byteLength);
      return late > lateFramesMaxBytes ? 'sends on after the end' : undefined;
    }
    const assembly = this.#lanes.get(connection) ?? this.#open(connection, frame.tag, frame.block);
    if (typeof assembly === 'string') return assembly;
    if (frame.tag !== assembly.attemptId || frame.block !== assembly.block) return 'blocks interleaved on a lane';
    if (frame.offset !== assembly.at) return 'frame out of order';
    if (frame.offset + frame.payload.byteLength > assembly.length) return 'frame past the end of its block';
    assembly.parts.push(frame.payload);
    // Only of a peer that sends tiny frames.
    if (assembly.parts.length === blockPartsMax) assembly.parts = [join(assembly.parts)];
    assembly.at += frame.payload.byteLength;
    const isWhole = assembly.at === assembly.length;
    if (isWhole !== (frame.hash !== undefined)) return 'last frame without its hash, or a hash before the last frame';
    if (frame.hash !== undefined) {
      this.#lanes.delete(connection);
      assembly.taker.done(assembly.block, assembly.parts, new Uint8Array(frame.hash));
    }
    return undefined;
  }

  #open(connection: ConnectionId, attemptId: number, block: number): Assembly | string {
    const taker = this.#takers.get(attemptId);
    if (taker === undefined) return 'frame of no transfer';
    const length = taker.begin(block, 'channel');
    if (typeof length !== 'number') return length.refused;
    const assembly: Assembly = { attemptId, block, length, parts: [], taker, at: 0 };
    this.#lanes.set(connection, assembly);
    return assembly;
  }
}
