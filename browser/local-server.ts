// The local server: HTTP and WebSocket on 127.0.0.1 for one page. Promises: a page is served by exact name, and a socket
// opens only for our own address, our own origin, this account and a token of this run; whoever shows none is one of few.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Host } from '../host/host.ts';
import {
  bridgePaths,
  startCodeHeader,
  startFragment,
  startPath,
  tokenFragment,
  tokenProtocol,
} from '../shared/ipc/bridge-protocol.ts';
import { pieceMaxBytes } from '../shared/ipc/packet.ts';
import { refusedUpgradeLingerMs } from '../shared/wire/limits.ts';
import { openPageAccess } from './page-access.ts';
import { openPageSession } from './page-session.ts';
import { isOwnPeer } from './peer-user.ts';
import { openSocketPace } from './socket-pace.ts';
import { answerPageRequest, listPageFiles, setSafeHeaders } from './static-files.ts';
import { boundVisitors } from './visitors.ts';

export type LocalServerOptions = {
  readonly host: Host;
  /** The folder of the built page. */
  readonly pageDir: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Whether a connection is this account's. */
  readonly isOwn?: typeof isOwnPeer;
};

export type LocalServer = {
  readonly port: number;
  /** Without any secret: it shows a page that asks for the printed address. */
  readonly origin: string;
  /** Address with a token in its fragment, which no request carries. For the terminal. */
  printedUrl(): string;
  /** Address that lets one page in, once. */
  startUrl(onUsed: () => void): string;
  close(): Promise<void>;
};

export async function openLocalServer({
  host,
  pageDir,
  port: wanted,
  isOwn = isOwnPeer,
}: LocalServerOptions): Promise<LocalServer> {
  const access = openPageAccess();
  const files = listPageFiles(pageDir);
  const session = openPageSession(host);
  const pace = openSocketPace();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: pieceMaxBytes });
  let authority = '';

  const server = createServer();
  const visitors = boundVisitors(server, (request, response) => {
    if (request.url === startPath) void answerStart(request, response);
    else void answerPageRequest(files, authority, request, response);
  });
  server.on('upgrade', (request, stream: Socket, head) => {
    // Without a listener a connection that breaks while it is judged would end the process.
    stream.on('error', () => stream.destroy());
    void judgeUpgrade(request, stream).then(async (status) => {
      if (status !== 101) return refuseUpgrade(stream, status);
      const { pathname, searchParams } = new URL(request.url ?? '', `http://${authority}`);
      if (!(await pace.turn(pathname === bridgePaths.ui ? 'ui' : 'engine', stream))) return void stream.destroy();
      visitors.admitted(stream);
      const page = searchParams.get('page') ?? '';
      sockets.handleUpgrade(request, stream, head, (socket) => {
        // Without a listener a stranger's broken frame would end the process.
        socket.on('error', () => socket.terminate());
        if (pathname === bridgePaths.ui) session.admitUi({ socket, stream }, page, searchParams.get('take') === '1');
        else void session.admitEngine({ socket, stream }, page);
      });
    });
  });

  async function judgeUpgrade({ headers, url }: IncomingMessage, stream: Socket): Promise<101 | 403 | 404> {
    if (!isOwnPage(headers)) return 403;
    const [prefix, given = ''] = (headers['sec-websocket-protocol'] ?? '').split('.', 2);
    if (`${prefix}.${given}` !== tokenProtocol(given) || !access.isToken(given)) return 403;
    const asked = URL.parse(url ?? '', `http://${authority}`);
    if (asked === null || !Object.values<string>(bridgePaths).includes(asked.pathname)) return 404;
    if (!/^[0-9a-f]{32}$/.test(asked.searchParams.get('page') ?? '')) return 403;
    return (await isOwn(stream)) ? 101 : 403;
  }

  async function answerStart(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setSafeHeaders(authority, response);
    const { headers, method, socket } = request;
    const code = headers[startCodeHeader];
    // Any account may ask, and telling whose connection it is takes as long as the system's table of connections is.
    const isRight = method === 'POST' && isOwnPage(headers) && typeof code === 'string' && access.isStartCode(code);
    const token = isRight && (await isOwn(socket)) ? access.exchange(code) : undefined;
    response.statusCode = token === undefined ? 403 : 200;
    response.setHeader('Content-Type', 'text/plain');
    response.end(token);
  }

  /** Another name for this address is a page somewhere that made its own name point here. */
  function isOwnPage({ host: name, origin }: IncomingMessage['headers']): boolean {
    return name === authority && origin === `http://${authority}`;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: wanted }, () => {
      server.off('error', reject);
      // Without a listener a connection that the system could not accept would end the process.
      server.on('error', () => undefined);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  authority = `127.0.0.1:${port}`;
  const origin = `http://${authority}/`;

  return {
    port,
    origin,
    printedUrl: () => `${origin}${tokenFragment(access.printedToken())}`,
    startUrl: (onUsed) => `${origin}${startFragment(access.makeStartCode(onUsed))}`,
    async close() {
      pace.close();
      await session.close();
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await ended;
    },
  };
}

/** Says no and hangs up: a peer that never closes its half would otherwise hold the connection for ever. */
function refuseUpgrade(stream: Socket, status: 403 | 404): void {
  const linger = setTimeout(() => stream.destroy(), refusedUpgradeLingerMs);
  stream.once('close', () => clearTimeout(linger));
  stream.resume();
  stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
