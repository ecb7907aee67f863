// The Worker between the page's ports and the host's two sockets: pieces of packets on one side, plain messages on the other.
// Promises: whichever side closes, the other hears of it; received bytes move on without a copy.

import { doorBusy, doorPaths, doorReady, tokenProtocol } from '../../shared/ipc/door.ts';
import { encodePacket, openPacketReader } from '../../shared/ipc/packet.ts';
import { closedMarker, isClosedMarker } from './message-port.ts';
import type { RelayOrder, RelayOutcome } from './relay-messages.ts';

/** A page that was just closed may still hold its seat for a moment. */
const busyRetryAfterMs = 300;

if ('onconnect' in self) {
  self.onconnect = ({ ports }: MessageEvent) => {
    const page = ports[0]!;
    page.onmessage = ({ data }: MessageEvent<RelayOrder>) => void serve(data, (outcome) => page.postMessage(outcome));
  };
} else {
  self.onmessage = ({ data }: MessageEvent<RelayOrder>) => void serve(data, (outcome) => self.postMessage(outcome));
}

async function serve(order: RelayOrder, tell: (outcome: RelayOutcome) => void): Promise<void> {
  tell(await open(order));
}

async function open(order: RelayOrder): Promise<RelayOutcome> {
  let ui = await openSocket(order, 'ui');
  if (ui === 'busy') {
    await new Promise((resolve) => setTimeout(resolve, busyRetryAfterMs));
    ui = await openSocket(order, 'ui');
  }
  if (typeof ui === 'string') return ui;
  join(ui, order.ui);
  const engine = await openSocket(order, 'engine');
  if (typeof engine === 'string') {
    ui.close();
    return engine;
  }
  join(engine, order.engine);
  return 'open';
}

function openSocket(order: RelayOrder, role: 'ui' | 'engine'): Promise<WebSocket | 'busy' | 'gone'> {
  const { origin, token, page, take } = order;
  const socket = new WebSocket(
    `${origin}${doorPaths[role]}?page=${page}${take ? '&take=1' : ''}`,
    tokenProtocol(token),
  );
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      if (data === doorReady) resolve(socket);
    };
    socket.onclose = ({ code }) => resolve(code === doorBusy ? 'busy' : 'gone');
  });
}

function join(socket: WebSocket, port: MessagePort): void {
  const reader = openPacketReader();
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    const packet = reader.take(typeof data === 'string' ? data : new Uint8Array(data));
    if (packet === 'refused') socket.close();
    else if (packet !== 'more') {
      port.postMessage(
        packet.message,
        packet.blobs.map(({ buffer }) => buffer),
      );
    }
  };
  socket.onclose = () => {
    port.postMessage(closedMarker);
    port.close();
  };
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (isClosedMarker(data)) {
      socket.close();
      return;
    }
    try {
      for (const piece of encodePacket(data)) socket.send(piece);
    } catch {
      // Too large for the bridge: nobody may wait for an answer that cannot come.
      socket.close();
    }
  };
  port.addEventListener('close', () => socket.close());
}
