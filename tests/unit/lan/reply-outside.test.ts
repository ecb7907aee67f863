// Replies that come by way of the router: who is dialled for them, what is opened for them, and what strangers from outside
// can do to the one who waits.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DeliveryWay } from '../../../host/lan/deliver-reply.ts';
import { isOnOwnNetwork } from '../../../host/lan/own-addresses.ts';
import { openReplyDelivery } from '../../../host/lan/reply-delivery.ts';
import { listenForReply } from '../../../host/lan/reply-listener.ts';
import { openSocketPipe } from '../../../host/lan/socket-pipe.ts';
import { systemClock } from '../../../host/system-clock.ts';
import { encodeCode } from '../../../shared/code/code-text.ts';
import type { Candidate } from '../../../shared/code/link-code.ts';
import { type BytePipe, sendReply } from '../../../shared/lan/delivery.ts';
import { replyConnectionGraceMs, replyOutsideConnectionsMax } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { inviteAt, inviteOf, replyOf } from './lan-codes.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const outside = (address: string, port = 50_000): Candidate => ({ kind: 'srflx', family: 4, address, port });

/** Who is dialled for an invite with these candidates. */
async function dialled(
  candidates: readonly Candidate[],
  mayLeave: boolean,
  mayLeaveLater = mayLeave,
): Promise<readonly string[]> {
  const places: string[] = [];
  let isAnywhere = mayLeave;
  const way: DeliveryWay = {
    clock: systemClock,
    platform: 'linux',
    connect(place) {
      places.push('path' in place ? 'this computer' : `${place.address} ${place.port}`);
      // Refused at once.
      return connect({ host: '127.0.0.1', port: 1 });
    },
  };
  const delivery = openReplyDelivery({
    isOn: () => true,
    onReply: () => undefined,
    mayLeave: () => isAnywhere,
    outside: { open: () => undefined, shut: () => undefined },
    way,
  });
  closing.push(() => delivery.close());
  const delivering = delivery.deliver(encodeCode(inviteOf(candidates)), replyOf());
  isAnywhere = mayLeaveLater;
  await delivering;
  return places;
}

describe('a reply', () => {
  it('goes to the public address of its invite, at the port that the code gives', async () => {
    expect(await dialled([outside('11.22.33.1', 50_123)], true)).toEqual(['11.22.33.1 50123']);
  });

  it('goes to a public address of IPv6, which is the same inside', async () => {
    const host = { kind: 'host', family: 6, address: '2a00::9', port: 50_124 } as const;
    expect(await dialled([host], true)).toEqual(['2a00::9 50124']);
  });

  it('stays on this network where the person chose that before anybody was dialled', async () => {
    expect(await dialled([outside('11.22.33.1')], true, false)).toEqual([]);
  });

  it.each([
    ['ends outside this network once the person chose that, and goes on inside', [false, true], 'refresh'],
    ['ends everywhere with the page that had it delivered', [true, true], 'leave'],
  ] as const)('%s', async (_, [isNearOver, isAwayOver], how) => {
    const server = createServer().listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets = new Map<string, Socket>();
    let isAnywhere = true;
    const delivery = openReplyDelivery({
      isOn: () => true,
      onReply: () => undefined,
      mayLeave: () => isAnywhere,
      outside: { open: () => undefined, shut: () => undefined },
      rules: { loopback: true },
      way: {
        clock: systemClock,
        platform: 'linux',
        connect(place) {
          const socket = connect({ host: '127.0.0.1', port });
          if ('address' in place) sockets.set(place.address, socket);
          return socket;
        },
      },
    });
    closing.push(() => delivery.close());
    const candidates = [{ kind: 'host', family: 4, address: '127.0.0.1', port } as const, outside('11.22.33.1')];
    const delivering = delivery.deliver(encodeCode(inviteOf(candidates), { loopback: true }), replyOf());
    await vi.waitFor(() => expect(sockets.size).toBe(2));
    await delivery.refresh();
    expect([...sockets.values()].map(({ destroyed }) => destroyed)).toEqual([false, false]);
    isAnywhere = false;
    await delivery[how]();
    expect(sockets.get('127.0.0.1')!.destroyed).toBe(isNearOver);
    expect(sockets.get('11.22.33.1')!.destroyed).toBe(isAwayOver);
    delivery.close();
    expect(await delivering).toBe(false);
  });

  it('goes to no private address of a network that this computer is not on', async () => {
    const elsewhere = ['10.201.202.3', '172.30.251.7', '192.168.231.9'].filter((each) => !isOnOwnNetwork(4, each));
    expect(elsewhere).not.toEqual([]);
    const hosts = elsewhere.map((address): Candidate => ({ kind: 'host', family: 4, address, port: 50_123 }));
    for (const mayLeave of [false, true]) expect(await dialled(hosts, mayLeave)).toEqual([]);
  });

  it.each([
    ['while "Same network" is chosen', [outside('11.22.33.1')], false],
    [
      'to a public address of IPv6 while "Same network" is chosen',
      [{ kind: 'host', family: 6, address: '2a00::9', port: 50_000 } as const],
      false,
    ],
    [
      'to an address of IPv6 that leads nowhere',
      [{ kind: 'host', family: 6, address: '2001:db8::9', port: 50_000 } as const],
      true,
    ],
    ['to the port of a service by IPv6', [{ kind: 'host', family: 6, address: '2a00::9', port: 8_080 } as const], true],
    ['to a private address behind some router', [outside('10.0.0.9'), outside('192.168.1.1')], true],
    ['to an address that a provider shares', [outside('100.64.0.9')], true],
    ['to the port of a service', [outside('11.22.33.1', 8_080)], true],
    ['to a public host address', [{ kind: 'host', family: 4, address: '11.22.33.1', port: 50_000 } as const], true],
    ['to a relay', [{ kind: 'relay', family: 4, address: '11.22.33.1', port: 50_000 } as const], true],
  ])('goes nowhere %s', async (_, candidates, mayLeave) => {
    expect(await dialled(candidates, mayLeave)).toEqual([]);
  });
});

describe('whoever waits for a reply', () => {
  it('has the port of each invite opened outside, and shut with it', async () => {
    const calls: string[] = [];
    const delivery = openReplyDelivery({
      isOn: () => true,
      onReply: () => undefined,
      mayLeave: () => true,
      outside: { open: (port) => calls.push(`open ${port}`), shut: (port) => calls.push(`shut ${port}`) },
      rules: { loopback: true },
    });
    closing.push(() => delivery.close());
    const port = await freePort();
    await delivery.setInvites([inviteAt(port)]);
    expect(calls).toEqual([`open ${port}`]);
    await delivery.setInvites([]);
    expect(calls).toEqual([`open ${port}`, `shut ${port}`]);
  });

  it('waits anew, with other addresses, once the person chose how far codes reach', async () => {
    const calls: string[] = [];
    let isAnywhere = true;
    const delivery = openReplyDelivery({
      isOn: () => true,
      onReply: () => undefined,
      mayLeave: () => isAnywhere,
      outside: { open: (port) => calls.push(`open ${port}`), shut: (port) => calls.push(`shut ${port}`) },
      rules: { loopback: true },
    });
    closing.push(() => delivery.close());
    const port = await freePort();
    await delivery.setInvites([inviteAt(port)]);
    await delivery.refresh();
    expect(calls).toEqual([`open ${port}`]);
    isAnywhere = false;
    await delivery.refresh();
    expect(calls).toEqual([`open ${port}`, `shut ${port}`, `open ${port}`]);
    (await reach(port, 2)).destroy();
  });

  it('has few places for strangers from outside, which give way after a moment', async () => {
    const { clock, deliver, flood, port } = await waiting();
    const strangers = await flood(replyOutsideConnectionsMax);
    const tooMany = await reach(port, 100);
    await closed(tooMany);
    expect(strangers.every(({ destroyed }) => !destroyed)).toBe(true);
    expect(await deliver(101), 'all places are taken').toBe(false);
    clock.advance(replyConnectionGraceMs);
    expect(await deliver(102)).toBe(true);
    await closed(strangers[0]!);
  });

  it('does not lose whoever knows the invite to a flood', async () => {
    const { clock, deliver, flood } = await waiting();
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const delivering = deliver(200, async () => {
      begun.resolve();
      await goOn.promise;
    });
    await begun.promise;
    for (let round = 0; round < 5; round += 1) {
      clock.advance(replyConnectionGraceMs);
      await flood(replyOutsideConnectionsMax, 2 + round * 20);
    }
    goOn.resolve();
    expect(await delivering).toBe(true);
  });

  it('spends little on a flood', async () => {
    const { port, taken } = await waiting();
    const before = process.cpuUsage();
    // One after the other: of many at once the system lets most wait for a second.
    for (let round = 0; round < 300; round += 1) {
      const socket = await reach(port, 2 + (round % 200));
      socket.end(Buffer.alloc(64, round));
    }
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000, 'milliseconds, both ends of 300 connections').toBeLessThan(3_000);
    expect(taken).toEqual([]);
  });
});

/** Somebody who waits at a port of this machine, to whom all of its addresses are outside. */
async function waiting() {
  const clock = new VirtualClock();
  const port = await freePort();
  const secret = new Uint8Array(32).fill(7);
  const taken: Uint8Array[] = [];
  const listener = listenForReply({
    clock,
    rules: {},
    places: [{ family: 4, address: '127.0.0.1', port }],
    secret,
    seen: new Set(),
    take: (reply) => taken.push(reply) > 0,
  });
  closing.push(() => listener.close());
  await expect
    .poll(() =>
      reach(port, 254).then(
        (socket) => socket.destroy() !== undefined,
        () => false,
      ),
    )
    .toBe(true);
  return {
    clock,
    port,
    taken,
    flood: (count: number, from = 2) => Promise.all(Array.from({ length: count }, (_, at) => reach(port, from + at))),
    /** `between`: after the other side proved that it knows the invite too. */
    async deliver(last: number, between: () => Promise<void> = async () => undefined): Promise<boolean> {
      const socket = await reach(port, last);
      const pipe = openSocketPipe(socket, 3_000);
      let reads = 0;
      const paused: BytePipe = {
        write: (bytes) => pipe.write(bytes),
        async read(byteCount) {
          const bytes = await pipe.read(byteCount);
          reads += 1;
          if (reads === 1 && bytes !== undefined) await between();
          return bytes;
        },
      };
      return sendReply(paused, secret, Uint8Array.from([1, 2, 3]));
    },
  };
}

function reach(port: number, last: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${last}` });
    closing.push(() => socket.destroy());
    socket.once('connect', () => resolve(socket));
    socket.on('error', reject);
  });
}

function closed(socket: Socket): Promise<void> {
  socket.resume();
  return socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
