// The local door: one HTTP and WebSocket server on 127.0.0.1 for one page. Promises: a page is served by exact name, and
// a socket opens only for our own address, our own origin and the token of this run. The token is never written anywhere.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Host } from '../host/host.ts';
import { doorPaths, tokenProtocol } from '../shared/ipc/door.ts';
import { pieceMaxBytes } from '../shared/ipc/packet.ts';
import { answerPageRequest, listPageFiles } from './page-files.ts';
import { openPageSeat } from './page-seat.ts';

export type ServeOptions = {
  readonly host: Host;
  /** The folder of the built page. */
  readonly pageDir: string;
  /** 0 takes any free one. */
  readonly port: number;
};

export type Door = {
  readonly port: number;
  /** Address with the token in its fragment, which no request carries. */
  readonly url: string;
  close(): Promise<void>;
};

export async function openDoor({ host, pageDir, port: wanted }: ServeOptions): Promise<Door> {
  const token = randomBytes(32).toString('hex');
  const files = listPageFiles(pageDir);
  const seat = openPageSeat(host);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: pieceMaxBytes });
  let authority = '';

  const server = createServer((request, response) => {
    void answerPageRequest(files, authority, request, response);
  });
  server.on('upgrade', (request, stream, head) => {
    const status = judgeUpgrade(request, authority, token);
    if (status !== 101) return refuseUpgrade(stream, status);
    const { pathname, searchParams } = new URL(request.url ?? '', `http://${authority}`);
    const page = searchParams.get('page') ?? '';
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // Without a listener a stranger's broken frame would end the process.
      socket.on('error', () => socket.terminate());
      if (pathname === doorPaths.ui) seat.admitUi({ socket, stream }, page, searchParams.get('take') === '1');
      else void seat.admitEngine({ socket, stream }, page);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: wanted }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  authority = `127.0.0.1:${port}`;

  return {
    port,
    url: `http://${authority}/#${token}`,
    async close() {
      await seat.close();
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await ended;
    },
  };
}

function judgeUpgrade({ headers, url }: IncomingMessage, authority: string, token: string): 101 | 403 | 404 {
  if (headers.host !== authority || headers.origin !== `http://${authority}`) return 403;
  if (!isEqual(headers['sec-websocket-protocol'] ?? '', tokenProtocol(token))) return 403;
  const asked = URL.parse(url ?? '', `http://${authority}`);
  if (asked === null || !Object.values<string>(doorPaths).includes(asked.pathname)) return 404;
  return /^[0-9a-f]{32}$/.test(asked.searchParams.get('page') ?? '') ? 101 : 403;
}

function isEqual(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

function refuseUpgrade(stream: Duplex, status: 403 | 404): void {
  stream.on('error', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
