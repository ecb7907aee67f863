// The SharedWorker between a driven page's ports and the host's two sockets.
// Promises: whichever side closes, the other hears of it; received bytes move on without a copy.

import type { RpcPort } from '../../shared/ipc/rpc.ts';
import { openHostSocket, portFromSocket, type SocketPort } from './host-socket.ts';
import { portFromMessagePort } from './message-port.ts';
import type { RelayOrder, RelayOutcome } from './relay-messages.ts';

declare const self: { onconnect: (event: MessageEvent) => void };

self.onconnect = ({ ports }) => {
  const page = ports[0]!;
  page.onmessage = async ({ data }: MessageEvent<RelayOrder>) => {
    page.postMessage((await open(data)) satisfies RelayOutcome);
  };
};

async function open(order: RelayOrder): Promise<RelayOutcome> {
  const ui = await openHostSocket(order, 'ui');
  if (typeof ui === 'string') return ui;
  join(portFromSocket(ui), portFromMessagePort(order.ui));
  const engine = await openHostSocket(order, 'engine');
  if (typeof engine === 'string') {
    ui.close();
    return engine;
  }
  join(portFromSocket(engine), portFromMessagePort(order.engine));
  return 'open';
}

function join(host: SocketPort, page: RpcPort): void {
  host.onMessage((message, buffers) => page.post(message, buffers));
  page.onMessage((message) => host.post(message));
  host.onClose(() => page.close());
  page.onClose(() => host.close());
}
