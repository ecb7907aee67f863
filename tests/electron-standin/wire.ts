// Main's end of the pipe to its pages: the app's own scheme over loopback HTTP, and one socket for each page that is loaded.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { decode, encode } from './codec.ts';
import type { FromMain, FromPage } from './wire-messages.ts';

export type SchemeHandler = (request: { readonly url: string; readonly method: string }) => Promise<Response>;
type Before = (details: { readonly url: string }, answer: (verdict: { readonly cancel: boolean }) => void) => void;

export const schemes = new Map<string, SchemeHandler>();
export const requests: { before?: Before } = {};

export type PageSocket = { tell(message: FromMain): void };
type Listener = { hello(socket: PageSocket, window: number, url: string): (message: FromPage) => void };

const host = 'bundle.app.localhost';
export const portsLikeElectrons = `${stripTypeScriptTypes(
  readFileSync(new URL('page-ports.ts', import.meta.url), 'utf8'),
).replaceAll('export ', '')}\nloseTransferredBuffers();\n`;

export async function openWire(listener: Listener): Promise<{ readonly origin: string }> {
  const server = createServer((request, response) => void answer(request, response));
  const sockets = new WebSocketServer({ server, path: '/__standin/wire', perMessageDeflate: false });
  sockets.on('connection', (socket) => servePage(socket, listener));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://${host}:${(server.address() as AddressInfo).port}` };
}

function servePage(socket: WebSocket, listener: Listener): void {
  let take: ((message: FromPage) => void) | undefined;
  const page: PageSocket = { tell: (message) => socket.send(encode(message)) };
  socket.on('message', (bytes: Buffer) => {
    const message = decode(bytes) as FromPage;
    if (message.is === 'hello') take = listener.hello(page, message.window, message.url);
    else take?.(message);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? '/';
  const script = /^\/__standin\/(codec|page-ports|wire-worker)\.js$/.exec(target)?.[1];
  if (script !== undefined) {
    const source = readFileSync(new URL(`${script}.ts`, import.meta.url), 'utf8');
    response.setHeader('Content-Type', 'text/javascript').end(stripTypeScriptTypes(source));
    return;
  }
  const url = `app://bundle${target}`;
  let isCancelled = false;
  requests.before?.({ url }, ({ cancel }) => {
    isCancelled = cancel;
  });
  const handler = schemes.get('app');
  if (isCancelled || handler === undefined || request.headers.host?.split(':')[0] !== host) {
    response.destroy();
    return;
  }
  const answered = await handler({ url, method: request.method ?? 'GET' });
  const headers = Object.fromEntries(answered.headers);
  const policy = headers['content-security-policy']?.replace('trusted-types tincan', 'trusted-types tincan standin');
  response.writeHead(answered.status, { ...headers, 'content-security-policy': policy });
  // A page's Workers run no preload; what every port of a page is like has to be in front of their own script.
  if (request.headers['sec-fetch-dest'] === 'worker') response.write(portsLikeElectrons);
  response.end(new Uint8Array(await answered.arrayBuffer()));
}
