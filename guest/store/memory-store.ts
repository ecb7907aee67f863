// Blocks in memory, for browsers that let a page store nothing. Small, and the screen says so by what fits.

import { Fault } from '../../shared/model/fault.ts';
import { guestMemoryMaxBytes } from '../../shared/wire/limits.ts';
import type { BlockStore } from './block-store.ts';

export function openMemoryStore(maxBytes = guestMemoryMaxBytes): BlockStore {
  let usedBytes = 0;
  return {
    kind: 'memory',
    freeBytes: async () => maxBytes - usedBytes,
    open: async () => {
      const held = new Map<number, Uint8Array<ArrayBuffer>>();
      const give = (block: number) => {
        usedBytes -= held.get(block)?.byteLength ?? 0;
        held.delete(block);
      };
      return {
        async write(block, bytes) {
          give(block);
          if (usedBytes + bytes.byteLength > maxBytes) throw new Fault('disk-full', 'no memory is left for it');
          usedBytes += bytes.byteLength;
          held.set(block, bytes);
        },
        async read(block) {
          const bytes = held.get(block);
          if (bytes === undefined) throw new Fault('disk-error', 'this block is not held');
          return bytes;
        },
        async remove() {
          for (const block of [...held.keys()]) give(block);
        },
      };
    },
  };
}
