// Takes the bytes of a direct lane apart into frames. It names the place where the next bytes belong, so that a socket can put them
// there itself: a block is not copied once more.

import { decodeDirectHead, directHeadBytes } from '../../shared/wire/direct-frame.ts';
import { directSmallBytes } from '../../shared/wire/limits.ts';
import type { BlockMemory } from '../block-memory.ts';
import type { Intake } from './read-into.ts';

export type DirectBlock = {
  readonly attempt: number;
  readonly block: number;
  readonly hash: Uint8Array<ArrayBuffer>;
  /** Whoever stored them gives them back to the memory of blocks. */
  readonly bytes: Uint8Array<ArrayBuffer>;
};

export type FrameEvents = {
  readonly lane: () => void;
  readonly block: (arrived: DirectBlock) => void;
  /** The other side broke the rules: nothing after it counts. */
  readonly refused: (why: string) => void;
};

export interface FrameReader extends Intake {
  /** A part of a block has come, and the rest is on its way. */
  readonly isInBlock: boolean;
  /** Nothing that still comes counts. */
  end(): void;
}

/** `bytes`: of the head, or of the payload that `arriving` is the head of. */
type Reading = {
  readonly arriving: Omit<DirectBlock, 'bytes'> | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
  filled: number;
};

export function openFrameReader(memory: BlockMemory, events: FrameEvents): FrameReader {
  const head = new Uint8Array(directHeadBytes);
  let reading: Reading = { arriving: undefined, bytes: head, filled: 0 };
  let isOver = false;

  function onHead(): void {
    const decoded = decodeDirectHead(head);
    reading = { arriving: undefined, bytes: head, filled: 0 };
    if ('refused' in decoded) {
      isOver = true;
      events.refused(decoded.refused);
    } else if (decoded.is === 'lane') events.lane();
    else {
      const { attempt, block, hash, length } = decoded;
      // A small one costs what it holds: a great many of them may come in one read.
      const bytes = length < directSmallBytes ? new Uint8Array(length) : memory.take(length);
      reading = { arriving: { attempt, block, hash }, bytes, filled: 0 };
    }
  }

  return {
    get isInBlock() {
      return reading.arriving !== undefined || reading.filled > 0;
    },
    room: () => reading.bytes.subarray(reading.filled),
    came(count) {
      if (isOver) return;
      reading.filled += count;
      const { arriving, bytes, filled } = reading;
      if (filled < bytes.byteLength) return;
      if (arriving === undefined) return onHead();
      reading = { arriving: undefined, bytes: head, filled: 0 };
      events.block({ ...arriving, bytes });
    },
    end() {
      isOver = true;
    },
  };
}
