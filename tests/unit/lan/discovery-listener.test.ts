// Who listens for requests of remembered computers goes on doing so, whatever the system refuses for a while.

import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { type HeardRequest, listenForRequests } from '../../../host/lan/discovery-listener.ts';
import { writeRequest } from '../../../shared/lan/discovery.ts';
import { fromHex } from '../../../shared/model/bytes.ts';
import { requestsBurst, requestsHeldMax } from '../../../shared/wire/limits.ts';

const secret = 'ab'.repeat(32);
const local = '127.0.0.1';
const peer = {
  ...{ id: '0'.repeat(16), secret, name: 'Ada', addresses: [], seenAtMs: 0, blocked: false },
  side: 'replier' as const,
};

const closing: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0)) close();
});

it('hears requests once the port is free that somebody else had at the start', async () => {
  const other = createSocket('udp4').bind(0);
  await once(other, 'listening');
  const { port } = other.address();
  const gaveUp = vi.spyOn(Socket.prototype, 'close');
  const heard: HeardRequest[] = [];
  const listener = listenForRequests({
    place: { group: '239.255.84.67', port },
    interfaces: () => [],
    peers: () => [peer],
    onRequest: (each) => void heard.push(each),
    nowMs: Date.now,
    addressesIn: () => [],
  });
  closing.push(() => listener.close());
  await vi.waitFor(() => expect(gaveUp).toHaveBeenCalled());
  other.close();
  await once(other, 'close');
  // As when the network changes; otherwise a few seconds later.
  listener.refresh();
  const neighbour = createSocket('udp4').bind(0, local);
  closing.push(() => neighbour.close());
  await once(neighbour, 'listening');
  const content = { nowMs: Date.now(), invite: Uint8Array.of(1), addresses: [local] };
  const request = await writeRequest(fromHex(secret), 'inviter', content);
  await vi.waitFor(() => {
    neighbour.send(request!.bytes, port, local);
    expect(heard).toHaveLength(1);
  });
});

async function listenTo(peers: readonly (typeof peer)[], nowMs: () => number) {
  const free = createSocket('udp4').bind(0);
  await once(free, 'listening');
  const { port } = free.address();
  free.close();
  await once(free, 'close');
  const heard: HeardRequest[] = [];
  const listener = listenForRequests({
    place: { group: '239.255.84.67', port },
    interfaces: () => [],
    peers: () => peers,
    onRequest: (each) => void heard.push(each),
    nowMs,
    addressesIn: () => [],
  });
  closing.push(() => listener.close());
  const neighbour = createSocket('udp4').bind(0, local);
  closing.push(() => neighbour.close());
  await once(neighbour, 'listening');
  return { heard, neighbour, port };
}

it('hears requests also once the clock was set back', async () => {
  let now = Date.now();
  const { heard, neighbour, port } = await listenTo([peer], () => now);
  for (const count of [1, 2]) {
    const content = { nowMs: now, invite: Uint8Array.of(1), addresses: [local] };
    const request = await writeRequest(fromHex(secret), 'inviter', content);
    await vi.waitFor(() => {
      neighbour.send(request!.bytes, port, local);
      expect(heard).toHaveLength(count);
    });
    now -= 3_600_000;
  }
});

it('hears requests also once the clock was set back while as many are held as may be', async () => {
  const many = Array.from({ length: Math.ceil(requestsHeldMax / requestsBurst) + 1 }, (_, nth) => ({
    ...peer,
    ...{ id: `${nth}`, secret: nth.toString(16).padStart(64, 'a') },
  }));
  let now = Date.now();
  const { heard, neighbour, port } = await listenTo(many, () => now);
  const ask = async (nth: number) => {
    const content = { nowMs: now, invite: Uint8Array.of(1), addresses: [local] };
    const from = many[Math.floor(nth / requestsBurst)]!;
    const request = await writeRequest(fromHex(from.secret), 'inviter', content);
    await vi.waitFor(
      () => {
        neighbour.send(request!.bytes, port, local);
        expect(heard).toHaveLength(nth + 1);
      },
      { interval: 2 },
    );
  };
  for (let nth = 0; nth < requestsHeldMax; nth += 1) await ask(nth);
  now -= 24 * 3_600_000;
  await ask(requestsHeldMax);
}, 60_000);
