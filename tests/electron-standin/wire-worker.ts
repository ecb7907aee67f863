// The page's end of the pipe to the stand-in's main process. A SharedWorker, because test drivers slow down the sockets
// of a page and of its own Workers. Served as JavaScript by wire.ts, with the types taken out.

import { decode, encode } from './codec.js';
import type { FromMain, FromPage } from './wire-messages.ts';

declare const self: { onconnect: ((event: MessageEvent) => void) | null };

self.onconnect = ({ ports: [page] }) => {
  const socket = new WebSocket(`ws://${location.host}/__standin/wire`);
  socket.binaryType = 'arraybuffer';
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  const ports = new Map<number, MessagePort>();

  const tell = (message: FromPage): void => {
    const bytes = encode(message);
    if (socket.readyState === WebSocket.CONNECTING) waiting.push(bytes);
    else if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
  };
  socket.onopen = () => {
    for (const bytes of waiting.splice(0)) socket.send(bytes);
  };
  socket.onclose = () => {
    for (const port of ports.values()) port.close();
  };
  page!.onmessage = ({ data }: MessageEvent<FromPage>) => tell(data);
  page!.addEventListener('close', () => socket.close());

  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    const message = decode(new Uint8Array(data)) as FromMain;
    if (message.is === 'port') ports.get(message.port)?.postMessage(message.data);
    else if (message.is === 'port-closed') ports.get(message.port)?.close();
    else if (message.is === 'event') {
      const handed = message.ports.map((port) => openPort(port));
      page!.postMessage({ ...message, ports: [] }, handed);
    } else page!.postMessage(message);
  };

  function openPort(port: number): MessagePort {
    const { port1, port2 } = new MessageChannel();
    ports.set(port, port1);
    port1.onmessage = ({ data }) => {
      try {
        tell({ is: 'port', port, data });
      } catch {
        tell({ is: 'port-closed', port });
      }
    };
    port1.addEventListener('close', () => tell({ is: 'port-closed', port }));
    return port2;
  }
};
