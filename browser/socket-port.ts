// A WebSocket as the port calls travel over. Promises: closing is told once and at once; pieces that make no packet, and a
// page that does not read its answers, end the port.

import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { releaseBytes } from '../host/release-bytes.ts';
import { closeOnce } from '../shared/ipc/close-once.ts';
import { encodePacket, openPacketReader } from '../shared/ipc/packet.ts';
import type { RpcPort } from '../shared/ipc/rpc.ts';
import { bridgeUnreadMaxBytes } from '../shared/wire/limits.ts';
import { openSocketReads } from './socket-reads.ts';

/** `stream` is what the socket lies on. */
export type BridgeSocket = { readonly socket: WebSocket; readonly stream: Duplex };

export function openSocketPort({ socket, stream }: BridgeSocket): RpcPort {
  const reader = openPacketReader();
  const reads = openSocketReads(stream, socket);
  const { isOver, end, onEnd } = closeOnce(() => socket.close());
  socket.on('close', end);
  socket.on('error', end);
  return {
    post(message, transfer = []) {
      if (isOver()) return;
      for (const piece of encodePacket(message)) {
        if (typeof piece !== 'string' && transfer.includes(piece.buffer)) socket.send(piece, () => releaseBytes(piece));
        else socket.send(piece);
      }
      if (socket.bufferedAmount > bridgeUnreadMaxBytes) socket.terminate();
    },
    onMessage(listener) {
      const take = (data: unknown, isBinary: boolean) => {
        if (isOver()) return;
        const bytes = data as Buffer<ArrayBuffer>;
        const packet = reader.take(isBinary ? reads.keep(bytes) : bytes.toString());
        if (packet === 'refused') end();
        else if (packet !== 'more') listener(packet.message);
      };
      socket.on('message', take);
      return () => socket.off('message', take);
    },
    onClose: onEnd,
    close: end,
  };
}
