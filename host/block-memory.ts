// Memory for the blocks of the direct lane, used again and again: what the system gives for the first time it has to clear and to
// find, which costs a host as much as encrypting what goes into it. Whatever is taken may also be left to the collector.

import type { Clock } from '../shared/model/clock.ts';
import { directHeadBytes } from '../shared/wire/direct-frame.ts';
import { blockBytes, blocksKeptMax, blocksKeptMs } from '../shared/wire/limits.ts';

export interface BlockMemory {
  /** At most a block, with any content. */
  take(length: number): Uint8Array<ArrayBuffer>;
  /** Of what was taken. Nobody looks at it again, and no write of it is under way. Ignores memory from elsewhere. */
  giveBack(bytes: Uint8Array<ArrayBuffer>): void;
  /** As memory that holds nothing else and can be given away: copied where it was taken here. */
  own(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** The same bytes behind this head, as one piece: what goes to a socket at once is one call. Nothing for memory from elsewhere. */
  withHead(head: Uint8Array, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined;
}

export function openBlockMemory(clock: Pick<Clock, 'after'>): BlockMemory {
  const ours = new WeakSet<ArrayBuffer>();
  let free: ArrayBuffer[] = [];
  let isInUse = false;
  let isWatched = false;

  /** What a transfer needed is not kept for good. */
  function watch(): void {
    isWatched = true;
    isInUse = false;
    clock.after(blocksKeptMs, () => {
      isWatched = false;
      if (isInUse) watch();
      else free = [];
    });
  }

  function giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    isInUse = true;
    if (ours.delete(buffer) && free.length < blocksKeptMax) free.push(buffer);
    if (!isWatched) watch();
  }

  return {
    take(length) {
      isInUse = true;
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(directHeadBytes + blockBytes).buffer;
      ours.add(buffer);
      return new Uint8Array(buffer, directHeadBytes, length);
    },
    giveBack,
    own(bytes) {
      if (!ours.has(bytes.buffer)) return bytes;
      const copy = bytes.slice();
      giveBack(bytes);
      return copy;
    },
    withHead(head, { buffer, byteLength }) {
      if (!ours.has(buffer)) return undefined;
      const both = new Uint8Array(buffer, 0, directHeadBytes + byteLength);
      both.set(head);
      return both;
    },
  };
}
