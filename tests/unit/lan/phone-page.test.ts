// "Connect a phone" over real sockets on this machine: what a phone gets, and what everybody else does not.

import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openPhonePage, type PhonePageOptions } from '../../../host/lan/phone-page.ts';
import type { PhonePlace } from '../../../host/lan/phone-place.ts';
import { openPhoneServer, type PhoneServerOptions } from '../../../host/lan/phone-server.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { PhonePageView } from '../../../shared/ipc/views.ts';
import { connectNowhere } from '../../../shared/model/guest-page.ts';
import {
  phoneAnswersMax,
  phoneConnectionsMax,
  phoneConnectionsPerAddressMax,
  phoneHeaderMaxBytes,
  phonePageLookMs,
  phonePageOpenMs,
  phoneReplyMaxBytes,
  phoneRequestDeadlineMs,
} from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { inviteAt, replyOf } from './lan-codes.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const secretPath = 'A'.repeat(32);
const place = { family: 4, address: '127.0.0.1', netmask: '255.0.0.0' } as const;

async function serve(changes: Partial<PhoneServerOptions> = {}) {
  const replies: string[] = [];
  const ends: string[] = [];
  const server = await openPhoneServer({
    clock: systemClock,
    place,
    secretPath,
    page: Buffer.from('the page'),
    take: (text) => {
      replies.push(text);
      return text === 'right';
    },
    onEnd: (why) => ends.push(why),
    ...changes,
  });
  closing.push(() => server.close());
  const { host, port } = new URL(server.address);
  return { server, replies, ends, host, port: Number(port), page: server.address, reply: `${server.address}reply` };
}

function reach(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    closing.push(() => socket.destroy());
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Everything the other end says until it hangs up. */
function untilClosed(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', () => resolve(Buffer.concat(parts).toString('latin1'))));
}

async function says(port: number, bytes: string | Buffer, localAddress?: string): Promise<string> {
  const socket = await reach(port, localAddress);
  const heard = untilClosed(socket);
  socket.write(bytes);
  return heard;
}

describe('the page for a phone', () => {
  it('is there at its path, is kept by nobody, and is in no frame', async () => {
    const { page } = await serve();
    const answer = await fetch(page);
    expect([answer.status, await answer.text()]).toEqual([200, 'the page']);
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'no-store',
      connection: 'close',
      'content-length': '8',
      'content-security-policy': "frame-ancestors 'none'",
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it('takes the one reply that fits, says so, and is closed then', async () => {
    const { ends, page, replies, reply } = await serve();
    expect((await fetch(reply, { method: 'POST', body: 'wrong' })).status).toBe(409);
    expect(ends).toEqual([]);
    expect((await fetch(reply, { method: 'POST', body: 'right' })).status).toBe(204);
    await expect.poll(() => ends).toEqual(['answered']);
    await expect(fetch(page)).rejects.toThrow();
    expect(replies).toEqual(['wrong', 'right']);
  });

  it('tells the phone that its reply was taken, although everything is closed for it at once', async () => {
    const opened: { close(): void }[] = [];
    const { reply, server } = await serve({
      take: () => {
        for (const each of opened) each.close();
        return true;
      },
    });
    opened.push(server);
    expect((await fetch(reply, { method: 'POST', body: 'right' })).status).toBe(204);
  });
});

describe('a stranger at the page for a phone', () => {
  it.each([
    ['who asks for /', () => 'GET / HTTP/1.1'],
    ['who asks for what pages usually have', () => 'GET /favicon.ico HTTP/1.1'],
    ['who knows the path but for the last character', () => `GET /${secretPath.slice(1)}B/ HTTP/1.1`],
    ['who asks for a file beside the page', () => `GET /${secretPath}/../../etc/passwd HTTP/1.1`],
    ['who asks for the whole address', (host: string) => `GET http://${host}/${secretPath}/ HTTP/1.1`],
    ['who wants to write the page', () => `PUT /${secretPath}/ HTTP/1.1`],
    ['who posts to the page', () => `POST /${secretPath}/ HTTP/1.1`],
    ['who asks for the place of the reply', () => `GET /${secretPath}/reply HTTP/1.1`],
    ['who wants a way through', (host: string) => `CONNECT ${host} HTTP/1.1`],
    ['who wants another protocol', () => `GET /${secretPath}/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket`],
    ['who waits for leave', () => 'POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5'],
    ['who waits for something else', () => 'POST / HTTP/1.1\r\nExpect: 200-ok'],
    ['who speaks no HTTP', () => 'hello'],
    ['who sends two lengths', () => 'POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6'],
    ['who sends more than a header', () => `GET /${'x'.repeat(phoneHeaderMaxBytes)} HTTP/1.1`],
  ])('%s hears nothing', async (_, request) => {
    const { host, port, replies } = await serve();
    expect(await says(port, `${request(host)}\r\nHost: ${host}\r\n\r\n`)).toBe('');
    expect(replies).toEqual([]);
  });

  it('who speaks TLS hears nothing', async () => {
    const { port } = await serve();
    expect(await says(port, Buffer.from('16030100c8010000c40303', 'hex'))).toBe('');
  });

  it.each([
    ['under another name of this address', { Host: 'attacker.example' }],
    ['without a name', undefined],
    ['for a page from elsewhere', { Origin: 'http://attacker.example' }],
  ])('who knows the path hears nothing %s', async (_, headers) => {
    const { host, port } = await serve();
    const given = headers === undefined ? {} : { Host: host, ...headers };
    const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
    expect(await says(port, `GET /${secretPath}/ HTTP/1.1\r\n${lines.join('')}\r\n`)).not.toMatch(/the page|200/);
  });

  it('who knows the path is answered where its page hides where it comes from, as ours does', async () => {
    const { host, port } = await serve();
    const ask = (path: string) => says(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: null\r\n\r\n`);
    expect(await ask(`/${secretPath}/`)).toMatch(/the page$/);
    expect(await ask(`/${secretPath.slice(1)}B/`)).toBe('');
  });

  it.runIf(process.platform === 'linux')('on another network hears nothing, with the right path too', async () => {
    const { host, port } = await serve({ place: { ...place, netmask: '255.255.255.254' } });
    const request = `GET /${secretPath}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    expect(await says(port, request, '127.0.0.1')).toMatch(/the page$/);
    expect(await says(port, request, '127.0.0.2').catch(() => '')).toBe('');
  });

  it('who says a byte at a time is hung up on, and so is one who says nothing', async () => {
    const clock = new VirtualClock();
    const { port } = await serve({ clock });
    const [slow, silent] = await Promise.all([reach(port), reach(port)]);
    const heard = Promise.all([untilClosed(slow), untilClosed(silent)]);
    slow.write('G');
    // The server has both once a third visitor was answered.
    await says(port, 'x\r\n\r\n');
    clock.advance(phoneRequestDeadlineMs - 1);
    slow.write('E');
    clock.advance(1);
    expect(await heard).toEqual(['', '']);
  });

  it('who holds every place is pushed out by the phone', async () => {
    const { page, port } = await serve();
    const held = await Promise.all(Array.from({ length: phoneConnectionsMax * 2 }, () => reach(port)));
    expect(await (await fetch(page)).text()).toBe('the page');
    await expect
      .poll(() => held.filter((socket) => !socket.destroyed).length)
      .toBeLessThan(phoneConnectionsPerAddressMax + 1);
  });

  it('who knows the path and sends without end is hung up on', async () => {
    const { host, port, replies } = await serve();
    const head = `POST /${secretPath}/reply HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `${phoneReplyMaxBytes.toString(16)}\r\n${'x'.repeat(phoneReplyMaxBytes)}\r\n`;
    expect(await says(port, head + chunk + chunk)).toBe('');
    expect(replies).toEqual([]);
  });

  it('who knows the path and asks without end closes it, and hears nothing after that', async () => {
    const { ends, page } = await serve();
    for (let at = 0; at < phoneAnswersMax; at += 1) await (await fetch(page)).text();
    expect(ends).toEqual([]);
    await expect(fetch(page)).rejects.toThrow();
    expect(ends).toEqual(['crowded']);
  });
});

describe('letting a phone in', () => {
  const invite = inviteAt(40_000, '192.168.1.7');

  function open(changes: Partial<PhonePageOptions> = {}) {
    const replies: string[] = [];
    const ends: string[] = [];
    const clock = new VirtualClock();
    const phone = openPhonePage({
      clock,
      guestPage: async () => new TextEncoder().encode(`<head>${connectNowhere}</head>`),
      findPlace: async () => place,
      onReply: (text) => replies.push(text),
      onClosed: (why) => ends.push(why),
      ...changes,
    });
    closing.push(() => phone.close());
    return { clock, ends, phone, replies };
  }

  const pageOf = ({ address }: PhonePageView) => fetch(address).then((answer) => answer.text());
  const replyTo = ({ address }: PhonePageView, body: string) =>
    fetch(new URL('reply', address), { method: 'POST', body }).then(({ status }) => status);

  it('gives an address that nobody can guess, with the invite where no request carries it', async () => {
    const [one, other] = await Promise.all([open().phone.open(invite), open().phone.open(invite)]);
    for (const { address } of [one, other]) {
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9A-HJKMNP-TV-Z]{32}\/#TINCAN:[0-9A-Z]+$/);
      expect(address.endsWith(`#${invite}`)).toBe(true);
    }
    expect(new URL(one.address).pathname).not.toBe(new URL(other.address).pathname);
    expect(await pageOf(one)).toBe("<head>connect-src 'self' data:;</head>");
  });

  it('takes the reply to its invite, and nothing else', async () => {
    const { ends, phone, replies } = open();
    const view = await phone.open(invite);
    for (const wrong of ['', 'hello', invite, replyOf(new Uint8Array(8).fill(7)), `${replyOf()}X`]) {
      expect(await replyTo(view, wrong), wrong).toBe(409);
    }
    expect(await replyTo(view, replyOf())).toBe(204);
    expect(replies).toEqual([replyOf()]);
    await expect.poll(() => ends).toEqual(['answered']);
  });

  it('keeps its address when the invite is another one, and waits for replies to both', async () => {
    const { phone } = open();
    const [first, second] = [await phone.open(invite), await phone.open(inviteAt(40_001, '192.168.1.7'))];
    expect(new URL(second.address).pathname).toBe(new URL(first.address).pathname);
    expect(second.closesAtMs).toBe(first.closesAtMs);
    expect(await replyTo(first, replyOf())).toBe(204);
  });

  it('ends after ten minutes, however often it was asked for meanwhile', async () => {
    const { clock, ends, phone } = open();
    const { address, closesAtMs } = await phone.open(invite);
    expect(closesAtMs - clock.wallClockMs()).toBe(phonePageOpenMs);
    clock.advance(phonePageOpenMs - 1);
    await phone.open(invite);
    expect((await fetch(address)).status).toBe(200);
    clock.advance(1);
    await expect(fetch(address)).rejects.toThrow();
    expect(ends).toEqual(['time']);
    // And can be had again, elsewhere.
    expect((await phone.open(invite)).address).not.toBe(address);
  });

  it.each([
    ['slept for longer', 20 * 60_000, true],
    ['had its clock set back', -60 * 60_000, false],
  ])('ends after ten minutes also where the computer %s', async (_, setMs, isOver) => {
    const { clock, ends, phone } = open();
    const { address } = await phone.open(invite);
    clock.advance(60_000);
    clock.wallSetMs = setMs;
    clock.advance(phonePageLookMs);
    expect(ends).toEqual(isOver ? ['time'] : []);
    clock.advance(phonePageOpenMs - 60_000 - phonePageLookMs);
    expect(ends).toEqual(['time']);
    await expect(fetch(address)).rejects.toThrow();
  });

  it('moves with the computer to another network, and leaves nothing at the address of before', async () => {
    let now: PhonePlace | undefined = place;
    const { clock, ends, phone } = open({ findPlace: async () => now });
    const first = await phone.open(invite);
    // Between two networks there is none for a moment.
    now = undefined;
    expect(await phone.open(invite)).toEqual(first);
    now = { ...place, address: '127.0.0.2' };
    const [second, third] = await Promise.all([phone.open(invite), phone.open(invite)]);
    expect([first, second, third].map(({ address }) => new URL(address).hostname)).toEqual([
      '127.0.0.1',
      '127.0.0.2',
      '127.0.0.2',
    ]);
    expect(third).toEqual(second);
    await expect(fetch(first.address)).rejects.toThrow();
    expect(await replyTo(second, replyOf())).toBe(204);
    await expect.poll(() => ends).toEqual(['answered']);
    expect(clock.pending).toBe(0);
  });

  it('is closed when the person closes it while it moves', async () => {
    const { clock, phone } = open();
    await phone.open(invite);
    const opening = phone.open(invite);
    phone.close();
    await expect(opening).rejects.toMatchObject({ code: 'bridge-closed' });
    expect(clock.pending).toBe(0);
  });

  it('is closed at once when the person closes it, while it opens too', async () => {
    const { clock, ends, phone } = open();
    const { address } = await phone.open(invite);
    phone.close();
    await expect(fetch(address)).rejects.toThrow();
    const opening = phone.open(invite);
    phone.close();
    await expect(opening).rejects.toMatchObject({ code: 'bridge-closed' });
    clock.advance(phonePageOpenMs);
    expect(ends).toEqual([]);
  });

  it('says so where this computer is on no private network, and tries again when asked again', async () => {
    const places = [undefined, place];
    const { phone } = open({ findPlace: async () => places.shift() });
    await expect(phone.open(invite)).rejects.toMatchObject({ code: 'no-private-network' });
    expect((await phone.open(invite)).address).toContain('127.0.0.1');
  });

  it.each(['', 'hello', replyOf()])('serves nothing for what is no invite (%j)', async (text) => {
    await expect(open().phone.open(text)).rejects.toMatchObject({ code: 'code-malformed' });
  });
});
