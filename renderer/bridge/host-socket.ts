// A socket of the local server, and the port that calls travel over it by: for the page and for its Worker.
// Promises: closing is told once; pieces that make no packet end the port; a message too large for the bridge is not sent.

import {
  type BridgeRole,
  bridgeBusy,
  bridgePaths,
  bridgeReady,
  tokenProtocol,
} from '../../shared/ipc/bridge-protocol.ts';
import { closeOnce } from '../../shared/ipc/close-once.ts';
import { encodePacket, openPacketReader } from '../../shared/ipc/packet.ts';
import type { RpcPort } from '../../shared/ipc/rpc.ts';

/** Where to connect, and as whom. */
export type SocketOrder = {
  /** `ws://` and our own address. */
  readonly origin: string;
  readonly token: string;
  readonly page: string;
  readonly take: boolean;
};

/** A page that was just closed may still hold the host for a moment. */
const busyRetryAfterMs = 300;

/** Whoever is let in puts a port around the socket in the same task: what comes next is for its listener. */
export async function openHostSocket(order: SocketOrder, role: BridgeRole): Promise<WebSocket | 'busy' | 'gone'> {
  const socket = await connect(order, role);
  if (socket !== 'busy' || role !== 'ui') return socket;
  await new Promise((resolve) => setTimeout(resolve, busyRetryAfterMs));
  return connect(order, role);
}

function connect({ origin, token, page, take }: SocketOrder, role: BridgeRole): Promise<WebSocket | 'busy' | 'gone'> {
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

export function portFromSocket(socket: WebSocket): RpcPort {
  const reader = openPacketReader();
  const onMessage = new Set<(message: unknown) => void>();
  const { isOver, end, onEnd } = closeOnce(() => socket.close());
  socket.onclose = end;
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (isOver()) return;
    const packet = reader.take(typeof data === 'string' ? data : new Uint8Array(data));
    if (packet === 'refused') end();
    else if (packet !== 'more') for (const listener of onMessage) listener(packet.message);
  };
  return {
    post(message) {
      // One that is closing already says so in a moment; browsers complain of what is sent on it.
      if (isOver() || socket.readyState !== WebSocket.OPEN) return;
      for (const piece of encodePacket(message)) socket.send(piece);
    },
    onMessage(listener) {
      onMessage.add(listener);
      return () => onMessage.delete(listener);
    },
    onClose: onEnd,
    close: end,
  };
}
