// Main's end of the pipe: the app's own scheme over loopback HTTP, and one socket for each page that is loaded. A port
// handed to a page is a pair of emitters here whose far end lives behind that socket.

import { EventEmitter } from 'node:events';
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
/** Bytes that crossed as messages of ports, each way. */
export const counted = { portBytesIn: 0, portBytesOut: 0 };

export type PageSocket = { tell(message: FromMain): void; hand(port: MessagePortMain): number };
type Listener = { hello(socket: PageSocket, window: number, url: string): (message: FromPage) => void };

const host = 'bundle.app.localhost';

export async function openWire(listener: Listener): Promise<{ readonly origin: string }> {
  const server = createServer((request, response) => void answer(request, response));
  const sockets = new WebSocketServer({ server, path: '/__standin/wire', perMessageDeflate: false });
  sockets.on('connection', (socket) => servePage(socket, listener));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://${host}:${(server.address() as AddressInfo).port}` };
}

function servePage(socket: WebSocket, listener: Listener): void {
  const ports = new Map<number, MessagePortMain>();
  let take: ((message: FromPage) => void) | undefined;
  const page: PageSocket = {
    tell: (message) => socket.send(encode(message)),
    hand(port) {
      const number = ports.size + 1;
      ports.set(number, port);
      port.leave({
        post: (data) => {
          const bytes = encode({ is: 'port', port: number, data } satisfies FromMain);
          counted.portBytesOut += bytes.byteLength;
          socket.send(bytes);
        },
        close: () => page.tell({ is: 'port-closed', port: number }),
      });
      return number;
    },
  };
  socket.on('message', (bytes: Buffer) => {
    const message = decode(bytes) as FromPage;
    if (message.is === 'hello') take = listener.hello(page, message.window, message.url);
    else if (message.is === 'port') {
      counted.portBytesIn += bytes.byteLength;
      ports.get(message.port)?.arrive(message.data);
    } else if (message.is === 'port-closed') ports.get(message.port)?.end();
    else take?.(message);
  });
  socket.on('close', () => {
    for (const port of ports.values()) port.end();
  });
}

type Far = { post(data: unknown): void; close(): void };

/** One end of a channel. The end that was handed to a page (`leave`) speaks for that page to its twin. */
export class MessagePortMain extends EventEmitter {
  #twin: MessagePortMain | undefined;
  #far: Far | undefined;
  #started = false;
  #ended = false;
  readonly #waiting: unknown[] = [];

  static pair(): [MessagePortMain, MessagePortMain] {
    const [one, two] = [new MessagePortMain(), new MessagePortMain()];
    one.#twin = two;
    two.#twin = one;
    return [one, two];
  }

  start(): void {
    this.#started = true;
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] });
  }

  postMessage(data: unknown): void {
    if (!this.#ended && this.#twin !== undefined) this.#twin.#take(data);
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#twin !== undefined) this.#twin.#closeFar();
  }

  leave(far: Far): void {
    this.#far = far;
    for (const data of this.#waiting.splice(0)) far.post(data);
  }

  /** A message of the page that holds this end. */
  arrive(data: unknown): void {
    if (this.#twin !== undefined) this.#twin.#take(data);
  }

  /** The page let go of this end. */
  end(): void {
    const twin = this.#twin;
    if (twin === undefined || twin.#ended) return;
    twin.#ended = true;
    twin.emit('close');
  }

  #closeFar(): void {
    this.#far?.close();
  }

  #take(data: unknown): void {
    if (this.#far !== undefined) this.#far.post(data);
    else if (this.#started) this.emit('message', { data, ports: [] });
    else this.#waiting.push(data);
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? '/';
  const script = /^\/__standin\/(codec|wire-worker)\.js$/.exec(target)?.[1];
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
  response.end(new Uint8Array(await answered.arrayBuffer()));
}
