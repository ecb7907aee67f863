// Who listens for requests of remembered computers goes on doing so, whatever the system refuses for a while.

import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { type HeardRequest, listenForRequests } from '../../../host/lan/discovery-listener.ts';
import { writeRequest } from '../../../shared/lan/discovery.ts';
import { fromHex } from '../../../shared/model/bytes.ts';
import { requestsPerSecond, requestWindowMs } from '../../../shared/wire/limits.ts';

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

async function listenTo(peers: readonly (typeof peer)[], nowMs: () => number, interfaces: readonly string[] = []) {
  const free = createSocket('udp4').bind(0);
  await once(free, 'listening');
  const { port } = free.address();
  free.close();
  await once(free, 'close');
  const group = '239.255.84.67';
  const heard: HeardRequest[] = [];
  const listener = listenForRequests({
    place: { group, port },
    interfaces: () => interfaces,
    peers: () => peers,
    onRequest: (each) => void heard.push(each),
    nowMs,
    addressesIn: () => [],
  });
  closing.push(() => listener.close());
  const neighbour = createSocket('udp4').bind(0, local);
  closing.push(() => neighbour.close());
  await once(neighbour, 'listening');
  return { group, heard, listener, neighbour, port };
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

it('hears everybody, although two ask as often as they may for longer than a request is remembered', async () => {
  const many = ['a', 'b', 'c'].map((name) => ({ ...peer, id: name.repeat(16), secret: name.repeat(64) }));
  let now = Date.now();
  const { heard, neighbour, port } = await listenTo(many, () => now);
  const ask = async (from: (typeof many)[number] | undefined) => {
    const content = { nowMs: now, invite: Uint8Array.of(1), addresses: [local] };
    const request = await writeRequest(fromHex(from!.secret), 'inviter', content);
    const count = heard.length + 1;
    await vi.waitFor(async () => {
      neighbour.send(request!.bytes, port, local);
      // A slow machine that is asked again all the time only gets slower.
      await vi.waitFor(() => expect(heard).toHaveLength(count), { interval: 1, timeout: 500 });
    });
  };
  for (let passed = 0; passed < 3 * requestWindowMs; passed += 1_000 / requestsPerSecond) {
    await ask(many[0]);
    await ask(many[1]);
    now += 1_000 / requestsPerSecond;
  }
  await ask(many[2]);
}, 60_000);

it('is in the group again where the network went away and came back with the same address', async () => {
  const joins = vi.spyOn(Socket.prototype, 'addMembership');
  const { listener, group } = await listenTo([peer], Date.now, [local]);
  await vi.waitFor(() => expect(joins).toHaveReturned());
  const socket = joins.mock.contexts[0] as Socket;
  joins.mockRestore();
  socket.dropMembership(group, local);
  listener.refresh();
  expect(() => socket.addMembership(group, local)).toThrow('EADDRINUSE');
});
