// A WebSocket as the port calls travel over. Promises: closing is told once and at once; a packet that does not decode,
// and a page that does not read its answers, end the port.

import type { RawData, WebSocket } from 'ws';
import { decodePacket, encodePacket } from '../shared/ipc/packet.ts';
import type { RpcPort } from '../shared/ipc/rpc.ts';
import { bridgeMaxOutstanding, bridgeMaxPayloadBytes } from '../shared/wire/limits.ts';

/** Every call under way answered in full, twice over. */
const unreadMaxBytes = 2 * bridgeMaxOutstanding * bridgeMaxPayloadBytes;

export function openSocketPort(socket: WebSocket): RpcPort {
  const onClose = new Set<() => void>();
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    socket.close();
    for (const listener of onClose) listener();
  };
  socket.on('close', close);
  socket.on('error', close);
  return {
    post(message) {
      if (closed) return;
      try {
        socket.send(encodePacket(message));
      } catch {
        // Whoever waits for this answer learns that the host is gone instead of waiting for ever.
        close();
      }
      if (socket.bufferedAmount > unreadMaxBytes) socket.terminate();
    },
    onMessage(listener) {
      const take = (data: RawData, isBinary: boolean) => {
        if (closed) return;
        const packet = isBinary ? decodePacket(data as Buffer) : undefined;
        if (packet === undefined) close();
        else listener(packet.message);
      };
      socket.on('message', take);
      return () => socket.off('message', take);
    },
    onClose(listener) {
      onClose.add(listener);
      return () => onClose.delete(listener);
    },
    close,
  };
}
