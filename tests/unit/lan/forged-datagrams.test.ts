// Somebody who saw a discovery request on the network floods both sides with datagrams that look like it: no more than a few of them are
// being opened at any moment, and the right one is heard once the flood is over.

import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { discoverPeer } from '../../../host/lan/discover-peer.ts';
import { type HeardRequest, listenForRequests, type RequestListener } from '../../../host/lan/discovery-listener.ts';
import type { StoredPeer } from '../../../host/lan/remembered-store.ts';
import { readRequest, requestBytes, requestNames, writeAnswer, writeRequest } from '../../../shared/lan/discovery.ts';
import { fromHex } from '../../../shared/model/bytes.ts';
import { datagramsOpenedAtOnce } from '../../../shared/wire/limits.ts';

const secret = 'ab'.repeat(32);
const local = '127.0.0.1';
const peer = {
  ...{ id: '0'.repeat(16), secret, name: 'Ada', addresses: [], seenAtMs: 0, blocked: false },
  side: 'inviter',
} satisfies StoredPeer;

let neighbour: Socket;
let listener: RequestListener | undefined;
let most = 0;
beforeEach(async () => {
  most = 0;
  let now = 0;
  const { subtle } = globalThis.crypto;
  const decrypt = subtle.decrypt.bind(subtle);
  vi.spyOn(subtle, 'decrypt').mockImplementation(async (...what) => {
    now += 1;
    most = Math.max(most, now);
    try {
      return await decrypt(...what);
    } finally {
      now -= 1;
    }
  });
  neighbour = await openSocket();
});
afterEach(() => {
  vi.restoreAllMocks();
  listener?.close();
  listener = undefined;
  neighbour.close();
});

function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => socket.bind(0, local, () => resolve(socket)));
}

async function freePort(): Promise<number> {
  const socket = await openSocket();
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

async function flood(port: number, head: Uint8Array): Promise<void> {
  const sent = Array.from({ length: 300 }, () => {
    const bytes = crypto.getRandomValues(new Uint8Array(requestBytes));
    bytes.set(head);
    return new Promise<void>((resolve) => neighbour.send(bytes, port, local, () => resolve()));
  });
  await Promise.all(sent);
}

it('a side that listens opens a few at a time', async () => {
  const port = await freePort();
  const heard: HeardRequest[] = [];
  listener = listenForRequests({
    place: { group: '239.255.84.67', port },
    interfaces: () => [],
    peers: () => [{ ...peer, side: 'replier' }],
    onRequest: (each) => void heard.push(each),
    nowMs: Date.now,
    addressesIn: () => [],
  });
  const [name] = await requestNames(fromHex(secret), 'inviter', Date.now());
  await vi.waitFor(async () => {
    await flood(port, fromHex(name!));
    expect(most).toBeGreaterThan(0);
  });
  const invite = Uint8Array.of(1, 2, 3);
  const request = await writeRequest(fromHex(secret), 'inviter', { nowMs: Date.now(), invite, addresses: [local] });
  await vi.waitFor(() => {
    neighbour.send(request!.bytes, port, local);
    expect(heard.map((each) => [...each.invite])).toEqual([[1, 2, 3]]);
  });
  expect(most).toBeLessThanOrEqual(datagramsOpenedAtOnce);
});

it('a side that looks for the other opens a few at a time', async () => {
  const asked = Promise.withResolvers<{ port: number; nonce: Uint8Array }>();
  neighbour.on('message', (bytes, { port }) => {
    asked.resolve({ port, nonce: readRequest(new Uint8Array(bytes))!.nonce });
  });
  const reply = Uint8Array.of(4, 5, 6);
  const run = discoverPeer({
    peer,
    invite: Uint8Array.of(1),
    place: { group: local, port: neighbour.address().port },
    interfaces: [local],
    nowMs: Date.now(),
    isReply: (bytes) => bytes[0] === 4,
  });
  const { port, nonce } = await asked.promise;
  await flood(port, new Uint8Array());
  const answer = await writeAnswer(fromHex(secret), 'replier', { nonce, reply });
  const repeating = setInterval(() => neighbour.send(answer!, port, local), 20);
  const found = await run.done;
  clearInterval(repeating);
  expect([...found!.reply]).toEqual([4, 5, 6]);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(datagramsOpenedAtOnce);
});
