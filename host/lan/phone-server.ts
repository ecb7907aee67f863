// An HTTP server for one phone on this network: the guest page at a path that nobody can guess, and the one reply to it.
// Promises: whoever does not know the path, or is on another network, hears nothing and is hung up on; nothing of this
// computer is behind it; connections, headers, bodies, time and answers are bounded.

import { timingSafeEqual } from 'node:crypto';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Clock } from '../../shared/model/clock.ts';
import { replyPath } from '../../shared/model/guest-page.ts';
import {
  phoneAnswerDeadlineMs,
  phoneAnswersMax,
  phoneConnectionsMax,
  phoneConnectionsPerAddressMax,
  phoneHeaderMaxBytes,
  phoneReplyMaxBytes,
  phoneRequestDeadlineMs,
} from '../../shared/wire/limits.ts';
import { isOnOwnNetwork } from './own-addresses.ts';
import type { PhonePlace } from './phone-place.ts';

export type PhoneServerOptions = {
  readonly clock: Clock;
  readonly place: PhonePlace;
  /** Between two slashes, in the address. */
  readonly secretPath: string;
  readonly page: Uint8Array;
  /** True when it is the reply to an invite that waits: then nothing more is served. */
  readonly take: (reply: string) => boolean;
  /** It serves nobody any more, by itself. */
  readonly onEnd: (why: 'answered' | 'crowded') => void;
};

export interface PhoneServer {
  /** Of the page, without an invite. */
  readonly address: string;
  close(): void;
}

type Visit = {
  readonly socket: Socket;
  readonly from: string;
  knowsPath: boolean;
  /** It brought a reply, and hears what became of it, whatever is closed meanwhile. */
  isReplying: boolean;
  stopDeadline: () => void;
};

export async function openPhoneServer(options: PhoneServerOptions): Promise<PhoneServer> {
  const { clock, place, secretPath, page, take, onEnd } = options;
  const visits = new Map<Socket, Visit>();
  let at: 'open' | 'answered' | 'closed' = 'open';
  let answerCount = 0;
  let authority = '';

  // Deadlines are kept below, for the whole of a visit; Node's own are looked at twice a minute.
  const http = createHttp({ maxHeaderSize: phoneHeaderMaxBytes, headersTimeout: 0, requestTimeout: 0 }, answer);
  // Node would answer all of these by itself.
  http.on('clientError', (_error, stream) => stream.destroy());
  for (const kind of ['checkContinue', 'checkExpectation'] as const) {
    http.on(kind, (request: IncomingMessage) => request.socket.destroy());
  }
  for (const kind of ['connect', 'upgrade'] as const) {
    http.on(kind, (_request: IncomingMessage, stream: Socket) => stream.destroy());
  }

  const server = createServer({ noDelay: true }, admit);

  function admit(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const from = socket.remoteAddress ?? '';
    if (at !== 'open' || !isOnOwnNetwork(place.family, from, [place]) || !makeRoom(from)) {
      socket.destroy();
      return;
    }
    const visit: Visit = { socket, from, knowsPath: false, isReplying: false, stopDeadline: () => undefined };
    visits.set(socket, visit);
    hangUpAfter(visit, phoneRequestDeadlineMs);
    socket.once('close', () => {
      visit.stopDeadline();
      visits.delete(socket);
    });
    http.emit('connection', socket);
  }

  function hangUpAfter(visit: Visit, ms: number): void {
    visit.stopDeadline();
    visit.stopDeadline = clock.after(ms, () => visit.socket.destroy());
  }

  /** The oldest that has not shown the path gives way: of the same address where that has its share. */
  function makeRoom(from: string): boolean {
    const same = [...visits.values()].filter((visit) => visit.from === from);
    const isFull = visits.size >= phoneConnectionsMax;
    if (!isFull && same.length < phoneConnectionsPerAddressMax) return true;
    const oldest = (isFull ? [...visits.values()] : same).find(({ knowsPath }) => !knowsPath);
    if (oldest === undefined) return false;
    oldest.socket.destroy();
    visits.delete(oldest.socket);
    return true;
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { headers, method, socket, url = '' } = request;
    const visit = visits.get(socket);
    const wants = isSame(url, `/${secretPath}/`) ? 'page' : isSame(url, `/${secretPath}/${replyPath}`) ? 'reply' : '';
    // Another name for this address is a page somewhere that made its own name point here.
    const isOurs = headers.host === authority && (headers.origin === undefined || isOwnOrigin(headers.origin));
    const isAsked = wants === 'page' ? method === 'GET' : wants === 'reply' && method === 'POST';
    if (visit === undefined || visit.knowsPath || !isOurs || !isAsked || at !== 'open') return void socket.destroy();
    visit.knowsPath = true;
    answerCount += 1;
    if (answerCount > phoneAnswersMax) end('crowded');
    else if (wants === 'page') sendPage(visit, response);
    else void takeReply(visit, request, response);
  }

  /** A page whose policy hides where it comes from says `null`. */
  function isOwnOrigin(origin: string): boolean {
    return origin === `http://${authority}` || origin === 'null';
  }

  function sendPage(visit: Visit, response: ServerResponse): void {
    hangUpAfter(visit, phoneAnswerDeadlineMs);
    finish(response, 200, page);
  }

  async function takeReply(visit: Visit, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request, phoneReplyMaxBytes);
    if (text === undefined || at !== 'open') return void visit.socket.destroy();
    visit.isReplying = true;
    const isTaken = take(text);
    response.once('close', () => {
      if (isTaken) end('answered');
    });
    if (isTaken && !isClosed()) at = 'answered';
    finish(response, isTaken ? 204 : 409);
  }

  function end(why: 'answered' | 'crowded'): void {
    if (isClosed()) return;
    close();
    onEnd(why);
  }

  function close(): void {
    at = 'closed';
    server.close();
    for (const { isReplying, socket } of visits.values()) if (!isReplying) socket.destroy();
  }

  /** Also in the middle of a call that may close it. */
  function isClosed(): boolean {
    return at === 'closed';
  }

  await new Promise<void>((resolve, reject) => {
    server.on('error', (error) => {
      reject(error);
      close();
    });
    server.listen({ host: place.address, port: 0, exclusive: true, backlog: phoneConnectionsMax }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  authority = `${place.family === 6 ? `[${place.address}]` : place.address}:${port}`;
  return { address: `http://${authority}/${secretPath}/`, close };
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

async function readText(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes) return undefined;
      parts.push(part);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(parts).toString('utf8');
}

function finish(response: ServerResponse, status: number, page?: Uint8Array): void {
  response.shouldKeepAlive = false;
  response.sendDate = false;
  response.writeHead(status, {
    ...(page === undefined ? {} : { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': page.byteLength }),
    // The rest of the policy stands in the page.
    'Content-Security-Policy': "frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
  response.end(page);
}
