// Electron's ports between processes. A message is serialised by V8, as Electron does. A transfer list holds ports only. Each
// end can be handed to a page or to a utility process; bytes then go straight between the two processes that hold the ends.

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Deserializer, Serializer } from 'node:v8';
import { WebSocket, WebSocketServer } from 'ws';
import { decode, encode } from './codec.ts';

/** Bytes that crossed between processes as messages of this process's ports, each way. */
export const counted = { portBytesIn: 0, portBytesOut: 0 };

/** Views keep their whole buffer. Throws where Electron does. */
export function serialize(value: unknown): Buffer {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

export function deserialize(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** What goes to a utility process in a port's place. */
export type PortTicket = { readonly id: string; readonly waiting: readonly Uint8Array[] };

interface Pipe {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** Towards an end in another process. What is sent before there is a socket waits. */
class SocketPipe implements Pipe {
  /** Where the other end listens. Undefined where it dials this process. */
  readonly address: Promise<string> | undefined;
  readonly #socket: () => Promise<WebSocket>;
  readonly #port: MessagePortMain;
  #opened: Promise<WebSocket | undefined> | undefined;
  #toPage = false;
  #left = false;

  constructor(port: MessagePortMain, socket: () => Promise<WebSocket>, address?: Promise<string>) {
    this.#port = port;
    this.#socket = socket;
    this.address = address;
  }

  open(): Promise<WebSocket | undefined> {
    this.#opened ??= this.#socket().then(
      (socket) => {
        this.#toPage = fromPage.has(socket);
        socket.on('message', (bytes: Buffer) => {
          counted.portBytesIn += bytes.byteLength;
          this.#port.deliver(this.#toPage ? decode(bytes) : deserialize(bytes));
        });
        socket.on('close', () => this.#port.end());
        if (socket.readyState !== WebSocket.OPEN) this.#port.end();
        return socket;
      },
      () => {
        if (!this.#left) this.#port.end();
        return undefined;
      },
    );
    return this.#opened;
  }

  /** The end on this side was handed on before anything was opened. */
  leave(): Promise<string> {
    if (this.#opened !== undefined || this.address === undefined) throw new Error('the stand-in moves no port in use');
    this.#left = true;
    return this.address;
  }

  send(bytes: Uint8Array): void {
    void this.open().then((socket) => {
      const sent = this.#toPage ? encode(deserialize(bytes)) : bytes;
      counted.portBytesOut += sent.byteLength;
      socket?.send(sent);
    });
  }

  close(): void {
    void this.open().then((socket) => socket?.close());
  }
}

export class MessagePortMain extends EventEmitter {
  #pipe: Pipe | undefined;
  #twin: MessagePortMain | undefined;
  #isStarted = false;
  #isClosed = false;
  #waiting: unknown[] = [];
  /** The page has the other end and waits to be told where to dial: here, or where this end goes next. */
  #toPage: { readonly id: string; readonly dialled: PromiseWithResolvers<string> } | undefined;

  static pair(): [MessagePortMain, MessagePortMain] {
    const [one, two] = [new MessagePortMain(), new MessagePortMain()];
    one.#join(two);
    two.#join(one);
    return [one, two];
  }

  /** In a utility process: whoever holds the other end dials. */
  static fromTicket({ id, waiting }: PortTicket): MessagePortMain {
    const port = new MessagePortMain();
    const pipe = new SocketPipe(port, () => awaitSocket(id));
    port.#pipe = pipe;
    port.#waiting = waiting.map(deserialize);
    void pipe.open();
    return port;
  }

  #join(twin: MessagePortMain): void {
    this.#twin = twin;
    this.#pipe = { send: (bytes) => twin.deliver(deserialize(bytes)), close: () => twin.end() };
  }

  start(): void {
    if (this.#isStarted || this.#pipe === undefined) return;
    this.#isStarted = true;
    if (this.#toPage !== undefined) {
      const { id, dialled } = this.#toPage;
      this.#toPage = undefined;
      dialled.resolve(portOrigin.then((origin) => `${origin}/port/${id}`));
    }
    if (this.#pipe instanceof SocketPipe) void this.#pipe.open();
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] });
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    const bytes = serialize(message);
    transfer.forEach((port, at) => {
      if (!(port instanceof MessagePortMain)) throw new TypeError(`Port at index ${at} is not a valid port`);
    });
    if (transfer.length > 0) throw new Error('the stand-in carries no ports over ports');
    if (!this.#isClosed) this.#pipe?.send(bytes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#pipe?.close();
    this.end();
  }

  deliver(data: unknown): void {
    if (this.#isClosed) return;
    if (this.#isStarted) this.emit('message', { data, ports: [] });
    else this.#waiting.push(data);
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit('close');
  }

  /** To a utility process that listens at `origin` once it runs. */
  moveToUtility(origin: Promise<string>): PortTicket {
    const toPage = this.#toPage;
    const id = toPage?.id ?? randomUUID();
    const address = origin.then((at) => `${at}/port/${id}`);
    const twin = this.#neuter();
    if (toPage !== undefined) {
      this.#toPage = undefined;
      toPage.dialled.resolve(address);
      return { id, waiting: this.#waiting.splice(0).map(serialize) };
    }
    if (twin === undefined) throw new Error('the stand-in moves no port twice');
    twin.#pipe = new SocketPipe(twin, () => address.then(dial), address);
    twin.#twin = undefined;
    return { id, waiting: this.#waiting.splice(0).map(serialize) };
  }

  /** Answers where the page is to dial. */
  moveToPage(): Promise<string> {
    const pipe = this.#pipe;
    const twin = this.#neuter();
    if (twin === undefined) return (pipe as SocketPipe).leave();
    if (this.#waiting.length > 0) throw new Error('the stand-in moves no port that has messages to a page');
    const id = randomUUID();
    const dialled = Promise.withResolvers<string>();
    twin.#pipe = new SocketPipe(twin, () => awaitSocket(id));
    twin.#twin = undefined;
    twin.#toPage = { id, dialled };
    return dialled.promise;
  }

  #neuter(): MessagePortMain | undefined {
    if (this.#pipe === undefined) throw new Error('Port at index 0 is already neutered.');
    const twin = this.#twin;
    this.#pipe = undefined;
    this.#twin = undefined;
    return twin;
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;
  constructor() {
    [this.port1, this.port2] = MessagePortMain.pair();
  }
}

const fromPage = new WeakSet<WebSocket>();
const dialled = new Map<string, WebSocket>();
const awaited = new Map<string, (socket: WebSocket) => void>();

/** Where ends in other processes dial this one. */
export const portOrigin: Promise<string> = listen();

async function listen(): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket, { url = '', headers }) => {
    const id = url.slice(url.lastIndexOf('/') + 1);
    if (headers.origin !== undefined) fromPage.add(socket);
    // Nothing may be lost between here and the port that is made for it.
    socket.pause();
    const resolve = awaited.get(id);
    awaited.delete(id);
    if (resolve === undefined) dialled.set(id, socket);
    else resolve(socket);
  });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function awaitSocket(id: string): Promise<WebSocket> {
  return new Promise<WebSocket>((resolve) => {
    const socket = dialled.get(id);
    dialled.delete(id);
    if (socket === undefined) awaited.set(id, resolve);
    else resolve(socket);
  }).then((socket) => {
    setImmediate(() => socket.resume());
    return socket;
  });
}

function dial(address: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}
