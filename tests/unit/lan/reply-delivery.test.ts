// Deliveries between two real hosts' near rooms, over real sockets on this machine, with strangers around.

import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectTo, type DeliveryWay } from '../../../host/lan/deliver-reply.ts';
import { type Near, openReplyDelivery } from '../../../host/lan/reply-delivery.ts';
import { systemClock } from '../../../host/system-clock.ts';
import { decodeCode } from '../../../shared/code/code-text.ts';
import { type BytePipe, sendReply } from '../../../shared/lan/delivery.ts';
import { inviteSecret } from '../../../shared/lan/sealed.ts';
import { replyConnectionsPerAddressMax } from '../../../shared/wire/limits.ts';
import { inviteAt, replyOf } from './lan-codes.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

type Side = {
  readonly near: Near;
  readonly replies: string[];
  /** What the router was asked for. */
  readonly outside: string[];
  setOn(on: boolean): Promise<void>;
};

function side(rules: { readonly loopback?: boolean } = { loopback: true }, way?: DeliveryWay, mayLeave = false): Side {
  const replies: string[] = [];
  let on = true;
  const outside: string[] = [];
  const near = openReplyDelivery({
    isOn: () => on,
    onReply: (text) => replies.push(text),
    mayLeave: () => mayLeave,
    outside: { open: (port) => outside.push(`open ${port}`), shut: (port) => outside.push(`shut ${port}`) },
    rules,
    ...(way && { way }),
  });
  open.push(near);
  return {
    near,
    replies,
    outside,
    async setOn(next) {
      on = next;
      await near.refresh();
    },
  };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** What the connecting side of a delivery writes first. */
async function firstMessage(invite: string): Promise<Uint8Array> {
  const read = decodeCode(invite, { loopback: true });
  if (!read.ok) throw new Error(read.fault.message);
  const secret = await inviteSecret(read.code.pwd, read.bytes);
  const written: Uint8Array[] = [];
  const pipe: BytePipe = { write: (bytes) => written.push(bytes), read: async () => undefined };
  await sendReply(pipe, secret, new Uint8Array());
  return written[0]!;
}

function reach(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    open.push({ close: () => socket.destroy() });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Everything the other end says until it hangs up. */
function untilClosed(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', () => resolve(Buffer.concat(parts))));
}

describe('near deliveries', () => {
  it('bring a reply to the invite it answers, once', async () => {
    const [anna, ben] = [side(), side()];
    const invite = inviteAt(await freePort());
    await anna.near.setInvites([invite]);
    expect(await ben.near.deliver(invite, replyOf())).toBe(true);
    expect(anna.replies).toEqual([replyOf()]);
    expect(await ben.near.deliver(invite, replyOf())).toBe(false);
    expect(anna.replies.length).toBe(1);
  });

  it('carry nothing but a reply to that invite', async () => {
    const [anna, ben] = [side(), side()];
    const invite = inviteAt(await freePort());
    await anna.near.setInvites([invite]);
    expect(await ben.near.deliver(invite, replyOf(new Uint8Array(8).fill(1)))).toBe(false);
    expect(await ben.near.deliver(invite, invite)).toBe(false);
    expect(await ben.near.deliver('TINCAN:', replyOf())).toBe(false);
    expect(anna.replies).toEqual([]);
    expect(await ben.near.deliver(invite, replyOf())).toBe(true);
  });

  it('carry nothing for a page that went when it had just asked', async () => {
    const [anna, ben] = [side(), side()];
    const invite = inviteAt(await freePort());
    await anna.near.setInvites([invite]);
    const delivering = ben.near.deliver(invite, replyOf());
    await ben.near.leave();
    expect([await delivering, anna.replies]).toEqual([false, []]);
    // The next page may have it carried.
    expect(await ben.near.deliver(invite, replyOf())).toBe(true);
  });

  it('end with the invite', async () => {
    const [anna, ben] = [side(), side()];
    const invite = inviteAt(await freePort());
    await anna.near.setInvites([invite]);
    await anna.near.setInvites([]);
    expect(await ben.near.deliver(invite, replyOf())).toBe(false);
    expect(anna.replies).toEqual([]);
  });

  it('are off by the setting, on both sides, and on again with it', async () => {
    const [anna, ben] = [side(), side()];
    const invite = inviteAt(await freePort());
    await anna.near.setInvites([invite]);
    await ben.setOn(false);
    expect(await ben.near.deliver(invite, replyOf())).toBe(false);
    await ben.setOn(true);
    await anna.setOn(false);
    expect(await ben.near.deliver(invite, replyOf())).toBe(false);
    await anna.setOn(true);
    expect(await ben.near.deliver(invite, replyOf())).toBe(true);
  });

  it('that are under way end with the setting, and none begins after it', async () => {
    const sockets: Socket[] = [];
    const connect: DeliveryWay['connect'] = (place) => {
      const socket = connectTo(place);
      sockets.push(socket);
      return socket;
    };
    const mute = createServer();
    open.push(mute);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const ben = side({ loopback: true }, { clock: systemClock, platform: 'linux', connect });
    const invite = inviteAt((mute.address() as AddressInfo).port);
    const delivering = ben.near.deliver(invite, replyOf());
    await vi.waitFor(() => expect(sockets.map(({ readyState }) => readyState)).toEqual(['open']));
    const later = ben.near.deliver(invite, replyOf());
    await ben.setOn(false);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
    expect(await Promise.all([delivering, later])).toEqual([false, false]);
    expect(sockets).toHaveLength(1);
  });

  it('never go to this computer itself, nor listen where the invite names somebody else', async () => {
    const [anna, ben] = [side({}), side({})];
    const port = await freePort();
    const invite = inviteAt(port);
    await anna.near.setInvites([invite, inviteAt(port, '192.168.250.250')]);
    await expect(reach(port)).rejects.toThrow();
    expect(await ben.near.deliver(invite, replyOf())).toBe(false);
  });

  it('fail at once where nobody listens', async () => {
    const ben = side();
    const from = performance.now();
    expect(await ben.near.deliver(inviteAt(await freePort()), replyOf())).toBe(false);
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  it('say nothing to a stranger and hang up', async () => {
    const anna = side();
    const port = await freePort();
    await anna.near.setInvites([inviteAt(port)]);
    const socket = await reach(port);
    const said = untilClosed(socket);
    socket.write(Buffer.from('GET / HTTP/1.1\r\nHost: a.local\r\n\r\n'.padEnd(64, 'x')));
    expect((await said).length).toBe(0);
    expect(anna.replies).toEqual([]);
  });

  it('say nothing to a first message that was recorded, also after the setting was off in between', async () => {
    const anna = side();
    const port = await freePort();
    const invite = inviteAt(port);
    await anna.near.setInvites([invite]);
    const recorded = await firstMessage(invite);
    const first = await reach(port);
    const answer = new Promise<Buffer>((resolve) => first.once('data', resolve));
    first.write(recorded);
    expect((await answer).length).toBe(32);
    first.destroy();
    await anna.setOn(false);
    await anna.setOn(true);
    const again = await reach(port);
    const said = untilClosed(again);
    again.write(recorded);
    expect((await said).length).toBe(0);
  });

  it('never go to a port below those that systems give out', async () => {
    const visits: unknown[] = [];
    const server = createServer((socket) => visits.push(socket.destroy()));
    open.push(server);
    const port = await new Promise<number>((resolve) => {
      const tryAt = (wanted: number) => server.listen(wanted, '127.0.0.1', () => resolve(wanted));
      server.on('error', () => tryAt(20_000 + Math.floor(Math.random() * 10_000)));
      tryAt(20_000 + Math.floor(Math.random() * 10_000));
    });
    expect(await side().near.deliver(inviteAt(port), replyOf())).toBe(false);
    expect(visits).toEqual([]);
  });

  it('give one address few places at a time, and go on when they are free again', async () => {
    const [anna, ben] = [side(), side()];
    const port = await freePort();
    const invite = inviteAt(port);
    await anna.near.setInvites([invite]);
    const held = await Promise.all(Array.from({ length: replyConnectionsPerAddressMax }, () => reach(port)));
    const extra = await reach(port);
    expect((await untilClosed(extra)).length).toBe(0);
    expect(await ben.near.deliver(invite, replyOf())).toBe(false);
    await Promise.all(
      held.map((socket) => {
        const closed = untilClosed(socket);
        socket.end();
        return closed;
      }),
    );
    expect(await ben.near.deliver(invite, replyOf())).toBe(true);
  });

  it('leave a port that is taken to whoever has it', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(server);
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const [anna, ben] = [side(), side()];
    await anna.near.setInvites([inviteAt(port)]);
    expect(await ben.near.deliver(inviteAt(port), replyOf())).toBe(false);
    expect(anna.replies).toEqual([]);
  });
});

describe('a delivery while macOS asks about the local network', () => {
  /** Blocked a few times, as every connection is until the person has answered. */
  function blocked(times: number, platform: NodeJS.Platform) {
    let tries = 0;
    let nowMs = 0;
    const way: DeliveryWay = {
      platform,
      clock: {
        now: () => nowMs,
        wallClockMs: () => nowMs,
        after(ms, task) {
          nowMs += ms;
          queueMicrotask(task);
          return () => undefined;
        },
      },
      connect(place) {
        tries += 1;
        if (tries > times) return connectTo(place);
        const socket = new Socket();
        queueMicrotask(() => socket.destroy(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })));
        return socket;
      },
    };
    return { way, tries: () => tries };
  }

  async function deliver(times: number, platform: NodeJS.Platform) {
    const { way, tries } = blocked(times, platform);
    const [anna, ben] = [side(), side({ loopback: true }, way)];
    const invite = inviteAt(await freePort());
    await anna.near.setInvites([invite]);
    return { delivered: await ben.near.deliver(invite, replyOf()), tries: tries() };
  }

  it('is tried again until the person has said yes', async () => {
    expect(await deliver(3, 'darwin')).toEqual({ delivered: true, tries: 4 });
  });

  it('ends when nobody says yes within a minute', async () => {
    expect(await deliver(Number.POSITIVE_INFINITY, 'darwin')).toEqual({ delivered: false, tries: 31 });
  });

  it('is not tried again on a system that asks nobody', async () => {
    expect(await deliver(3, 'linux')).toEqual({ delivered: false, tries: 1 });
  });
});
