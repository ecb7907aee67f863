// A socket of the local door, and the port that calls travel over it by: for the page, its Worker and the relay alike.
// Promises: closing is told once; pieces that make no packet, and a message too large for the bridge, end the port.

import {
  type BridgeRole,
  bridgeBusy,
  bridgePaths,
  bridgeReady,
  tokenProtocol,
} from '../../shared/ipc/bridge-protocol.ts';
import { openEnding } from '../../shared/ipc/ending.ts';
import { encodePacket, openPacketReader } from '../../shared/ipc/packet.ts';
import type { RpcPort } from '../../shared/ipc/rpc.ts';

/** Which door, and who knocks. */
export type SocketOrder = {
  /** `ws://` and our own address. */
  readonly origin: string;
  readonly token: string;
  readonly page: string;
  readonly take: boolean;
};

/** A page that was just closed may still hold its seat for a moment. */
const busyRetryAfterMs = 300;

/** Whoever is let in puts a port around the socket in the same task: what comes next is for its listener. */
export async function openHostSocket(order: SocketOrder, role: BridgeRole): Promise<WebSocket | 'busy' | 'gone'> {
  const socket = await knock(order, role);
  if (socket !== 'busy' || role !== 'ui') return socket;
  await new Promise((resolve) => setTimeout(resolve, busyRetryAfterMs));
  return knock(order, role);
}

function knock({ origin, token, page, take }: SocketOrder, role: BridgeRole): Promise<WebSocket | 'busy' | 'gone'> {
  const socket = new WebSocket(
    `${origin}${bridgePaths[role]}?page=${page}${take ? '&take=1' : ''}`,
    tokenProtocol(token),
  );
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      if (data === bridgeReady) resolve(socket);
    };
    socket.onclose = ({ code }) => resolve(code === bridgeBusy ? 'busy' : 'gone');
  });
}

export interface SocketPort extends RpcPort {
  /** `buffers` are what the bytes of the message lie in, for whoever hands it on. */
  onMessage(listener: (message: unknown, buffers: readonly ArrayBuffer[]) => void): () => void;
}

export function portFromSocket(socket: WebSocket): SocketPort {
  const reader = openPacketReader();
  const onMessage = new Set<(message: unknown, buffers: readonly ArrayBuffer[]) => void>();
  const { isOver, end, onEnd } = openEnding(() => socket.close());
  socket.onclose = end;
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (isOver()) return;
    const packet = reader.take(typeof data === 'string' ? data : new Uint8Array(data));
    if (packet === 'refused') end();
    else if (packet !== 'more') {
      const buffers = packet.blobs.map(({ buffer }) => buffer);
      for (const listener of onMessage) listener(packet.message, buffers);
    }
  };
  return {
    post(message) {
      if (isOver()) return;
      try {
        for (const piece of encodePacket(message)) socket.send(piece);
      } catch {
        // Too large for the bridge: nobody may wait for an answer that cannot come.
        end();
      }
    },
    onMessage(listener) {
      onMessage.add(listener);
      return () => onMessage.delete(listener);
    },
    onClose: onEnd,
    close: end,
  };
}
