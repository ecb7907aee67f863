// The engine's way to the host, as the page hands it to the Worker and as the Worker opens it.

import type { RpcPort } from '../../shared/ipc/rpc.ts';
import { deferredPort } from './deferred-port.ts';
import { openHostSocket, portFromSocket, type SocketOrder } from './host-socket.ts';
import { type PortTo, portFromMessagePort } from './message-port.ts';

export type EngineTransport =
  /** Leads to the engine role; nothing has listened on it yet. */
  | { readonly is: 'port'; readonly port: MessagePort; readonly to: PortTo }
  /** The Worker opens the socket itself, so that no byte passes through another thread. */
  | { readonly is: 'socket'; readonly order: SocketOrder };

/** At once, in either case. A socket that is not let in closes the port. */
export function openEngineTransport(way: EngineTransport): RpcPort {
  return way.is === 'port' ? portFromMessagePort(way.port, way.to) : deferredPort(openSocketPort(way.order));
}

async function openSocketPort(order: SocketOrder): Promise<RpcPort | undefined> {
  const socket = await openHostSocket(order, 'engine');
  return typeof socket === 'string' ? undefined : portFromSocket(socket);
}
