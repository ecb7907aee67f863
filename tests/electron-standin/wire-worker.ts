// The page's end of the pipe to the stand-in's main process, and one socket for each port that was handed to the page. A
// SharedWorker, because test drivers slow down the sockets of a page and of its own Workers. Served as JavaScript by
// wire.ts, with the types taken out.

import { decode, encode } from './codec.js';
import { lostMessage } from './page-ports.js';
import type { FromMain, FromPage } from './wire-messages.ts';

declare const self: { onconnect: ((event: MessageEvent) => void) | null };

self.onconnect = ({ ports: [page] }) => {
  const toMain = openSocket(`ws://${location.host}/__standin/wire`);
  const sockets = new Set([toMain.socket]);
  page!.onmessage = ({ data }: MessageEvent<FromPage>) => toMain.send(encode(data));
  page!.addEventListener('close', () => {
    for (const socket of sockets) socket.close();
  });

  toMain.socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    const message = decode(new Uint8Array(data)) as FromMain;
    if (message.is === 'event') page!.postMessage({ ...message, ports: [] }, message.ports.map(openPort));
    else page!.postMessage(message);
  };

  function openPort(address: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    const { socket, send } = openSocket(address);
    sockets.add(socket);
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => port1.postMessage(decode(new Uint8Array(data)));
    socket.onclose = () => {
      sockets.delete(socket);
      port1.close();
    };
    port1.onmessage = ({ data }) => {
      try {
        send(encode(data === lostMessage ? null : data));
      } catch {
        socket.close();
      }
    };
    port1.addEventListener('close', () => socket.close());
    return port2;
  }

  function openSocket(address: string): { readonly socket: WebSocket; send(bytes: Uint8Array<ArrayBuffer>): void } {
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    const waiting: Uint8Array<ArrayBuffer>[] = [];
    socket.onopen = () => {
      for (const bytes of waiting.splice(0)) socket.send(bytes);
    };
    return {
      socket,
      send(bytes) {
        if (socket.readyState === WebSocket.CONNECTING) waiting.push(bytes);
        else if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
      },
    };
  }
};
