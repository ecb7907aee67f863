// What a socket read from the network, given back as soon as the message made of it was heard. Node reads up to 64 KiB at a
// time into memory of its own each, and left to the collector that costs as much as moving the bytes does.

import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { releaseBytes } from '../host/release-bytes.ts';

export interface SocketReads {
  /** For a message while it is heard: its bytes in memory that stays. Most are that already; some are a view of a read. */
  keep(message: Buffer<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

export function openSocketReads(stream: Duplex, socket: WebSocket): SocketReads {
  const reads: Uint8Array[] = [];
  let used = 0;
  // A message is told while the read that completes it is taken in: all before that one are used up.
  socket.on('message', () => {
    used = reads.length - 1;
  });
  stream.prependListener('data', (read: Uint8Array) => {
    for (const one of reads.splice(0, used)) releaseBytes(one);
    used = 0;
    reads.push(read);
  });
  return {
    keep(message) {
      const isRead = reads.some(({ buffer }) => buffer === message.buffer);
      return isRead ? Uint8Array.from(message) : message;
    },
  };
}
