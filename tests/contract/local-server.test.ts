// The local server against real sockets: who gets in, who takes over from whom, and what a lost engine leaves behind.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect as connectTcp, Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalServer, openLocalServer } from '../../browser/local-server.ts';
import { isOwnPeer } from '../../browser/peer-user.ts';
import {
  bridgeBusy,
  bridgeReplaced,
  readStartFragment,
  startCodeHeader,
  tokenProtocol,
} from '../../shared/ipc/bridge-protocol.ts';
import { encodePacket, openPacketReader } from '../../shared/ipc/packet.ts';
import { pageConnectsBurst, pageConnectsPerSecond, visitorsMax } from '../../shared/wire/limits.ts';
import { type BridgeHost, openBridgeHost } from './bridge-host.ts';

const anna = 'a'.repeat(32);
const ben = 'b'.repeat(32);

let folder: string;
let host: BridgeHost;
let server: LocalServer;
let token: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-server-'));
  writeFileSync(path.join(folder, 'index.html'), 'page');
  writeFileSync(path.join(folder, 'notes.txt'), 'not a page file');
  mkdirSync(path.join(folder, 'assets'));
  for (const name of ['page-Ab3_x-9Z.js', 'page.js']) writeFileSync(path.join(folder, 'assets', name), '1');
  host = openBridgeHost();
  server = await openLocalServer({ host, pageDir: folder, port: 0 });
  token = server.printedUrl().split('#')[1]!;
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('the local server', () => {
  it('serves the page under a strict policy', async () => {
    const { status, headers, text } = await get('/');
    expect([status, text]).toEqual([200, 'page']);
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${server.port};`);
    expect(headers['content-security-policy']).toMatch(/; require-trusted-types-for 'script'; trusted-types tincan$/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('lets the browser keep what is named by its content, and nothing else', async () => {
    const cached = await get('/assets/page-Ab3_x-9Z.js');
    expect([cached.status, cached.headers['cache-control']]).toEqual([200, 'max-age=31536000, immutable']);
    expect(cached.headers['content-security-policy']).toContain("default-src 'none'");
    for (const url of ['/assets/page.js', '/assets/gone-Ab3_x-9Z.js', '/']) {
      expect((await get(url)).headers['cache-control'], url).toBe('no-store');
    }
  });

  it.each(['/notes.txt', '/../package.json', '/%2e%2e/package.json', '/index.html?x', '//index.html', '/bridge/ui'])(
    'knows no %s',
    async (url) => {
      const { status, headers } = await get(url);
      expect(status).toBe(404);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    },
  );

  it('goes on where the system could not accept a connection', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    const other = await openLocalServer({ host, pageDir: folder, port: 0 });
    const listening = listen.mock.contexts[0] as Server;
    listen.mockRestore();
    for (let nth = 0; nth < 2; nth += 1) {
      listening.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE', syscall: 'accept' }));
    }
    expect((await fetch(other.origin)).status).toBe(200);
    await other.close();
  });

  it('still rejects where its port is taken', async () => {
    await expect(openLocalServer({ host, pageDir: folder, port: server.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('answers to no other name', async () => {
    expect((await get('/', { host: `localhost:${server.port}` })).status).toBe(403);
    expect((await get('/', { host: `evil.example:${server.port}` })).status).toBe(403);
  });

  it.each([
    ['a wrong token', { protocol: `t.${'0'.repeat(64)}` }],
    ['no token', { protocol: '' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['no origin', { origin: '' }],
    ['another name of this machine', { host: 'localhost' }],
    ['a page without a name', { page: '' }],
  ])('refuses a socket with %s', async (_what, wrong) => {
    expect(await refusal('ui', wrong)).toBe(403);
    expect(await refusal('engine', wrong)).toBe(403);
  });

  it('has no other sockets', async () => {
    expect(await refusal('other', {})).toBe(404);
  });

  it('answers calls of the role and of no other', async () => {
    const ui = await connect('ui', anna);
    expect(await ui.call('app.facts', {})).toMatchObject({ is: 'answer', output: { shell: 'browser' } });
    expect(await ui.call('send.read', { transfer: '0'.repeat(32), block: 1 })).toMatchObject({
      is: 'fault',
      fault: { code: 'bridge-invalid' },
    });
    const engine = await connect('engine', anna);
    const answer = await engine.call('send.read', { transfer: '0'.repeat(32), block: 9 });
    expect((answer as { output: { bytes: Uint8Array } }).output.bytes.byteLength).toBe(1 << 20);
  });

  it('forbids the page to open windows', async () => {
    const { headers } = await get('/');
    const sandbox = /(?:^|; )sandbox ([^;]*)/.exec(String(headers['content-security-policy']))?.[1];
    expect(sandbox?.split(' ').toSorted()).toEqual([
      'allow-downloads',
      'allow-forms',
      'allow-same-origin',
      'allow-scripts',
    ]);
  });

  it('hangs up on refused upgrades that keep their half open', async () => {
    const refused = Array.from({ length: 200 }, () => {
      const socket = connectTcp({ host: '127.0.0.1', port: server.port, allowHalfOpen: true });
      socket.write(`GET /bridge/ui HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      return closedOf(socket);
    });
    // Each reads its whole answer first.
    for (const text of await Promise.all(refused)) expect(text).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('keeps few connections that have shown no token, and finds room for the next one', async () => {
    const ui = await connect('ui', anna);
    const idle = Array.from({ length: 3 * visitorsMax }, (_, at) => {
      const socket = connectTcp(server.port, '127.0.0.1');
      // Some ask for something and never read the answer; some say half of a line.
      socket.write(['', 'GE', `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`][at % 3]!);
      return socket.resume().on('error', () => undefined);
    });
    let open = idle.length;
    for (const socket of idle) {
      socket.once('close', () => {
        open -= 1;
      });
    }
    await vi.waitFor(() => expect(open).toBeLessThanOrEqual(visitorsMax), 10_000);
    expect((await get('/')).status).toBe(200);
    expect(await ui.call('app.facts', {})).toMatchObject({ is: 'answer' });
    for (const socket of idle) socket.destroy();
  });

  it('finds room for the next connection though all of them ask and read no answer', async () => {
    // More than the system holds for somebody who does not read.
    writeFileSync(path.join(folder, 'large.bin'), Buffer.alloc(32 << 20));
    await server.close();
    server = await openLocalServer({ host, pageDir: folder, port: 0 });
    const request = `GET /large.bin HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`;
    const deaf = await Promise.all(
      Array.from({ length: visitorsMax }, async () => {
        const socket = connectTcp(server.port, '127.0.0.1').on('error', () => undefined);
        socket.write(request);
        await new Promise((resolve) => socket.once('readable', resolve));
        return socket;
      }),
    );
    expect((await get('/')).status).toBe(200);
    for (const socket of deaf) socket.destroy();
  });

  it('answers requests of one connection one after the other', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = await Promise.all(['/', '/assets/page.js', '/'].map((url) => get(url, {}, 'GET', agent)));
    agent.destroy();
    expect(answers.map(({ text }) => text)).toEqual(['page', '1', 'page']);
    expect(new Set(answers.map(({ from }) => from)).size).toBe(1);
  });

  it('hangs up on a second request before the first is answered, and does not begin with it', async () => {
    const own = `127.0.0.1:${server.port}`;
    let used = 0;
    const url = server.startUrl(() => {
      used += 1;
    });
    const code = readStartFragment(new URL(url).hash)!;
    const start = `POST /bridge/start HTTP/1.1\r\nHost: ${own}\r\nOrigin: http://${own}\r\n${startCodeHeader}: ${code}\r\nContent-Length: 0\r\n`;
    const socket = connectTcp(server.port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\nHost: ${own}\r\n\r\n${start}\r\n`.concat(`${start}Connection: close\r\n\r\n`));
    expect((await closedOf(socket)).match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(used).toBe(0);
    expect((await get('/')).status).toBe(200);
  });

  it('ends a socket that sends what is no packet', async () => {
    const ui = await connect('ui', anna);
    ui.socket.send(Buffer.from([1, 2, 3]));
    await ui.closed;
    const again = await connect('ui', anna);
    again.socket.send('text');
    await again.closed;
  });
});

describe('a start code', () => {
  const exchange = (code: string, headers: Record<string, string> = {}) =>
    get('/bridge/start', { origin: `http://127.0.0.1:${server.port}`, [startCodeHeader]: code, ...headers }, 'POST');
  const codeOf = (url: string) => readStartFragment(new URL(url).hash)!;

  it('is exchanged once, for a token that opens sockets', async () => {
    let used = 0;
    const url = server.startUrl(() => {
      used += 1;
    });
    const first = await exchange(codeOf(url));
    expect([first.status, used]).toEqual([200, 1]);
    expect(first.text).toMatch(/^[0-9a-f]{64}$/);
    expect(first.text).not.toBe(codeOf(url));
    expect((await exchange(codeOf(url))).status).toBe(403);
    expect(used).toBe(1);
    await connect('ui', anna, false, first.text);
  });

  it('opens no socket itself', async () => {
    const code = codeOf(server.startUrl(() => undefined));
    expect(await refusal('ui', { protocol: tokenProtocol(code) })).toBe(403);
  });

  it.each([
    ['from another origin', { origin: 'http://evil.example' }],
    ['under another name', { host: 'localhost' }],
  ])('is not taken %s, and stays good', async (_what, headers) => {
    const code = codeOf(server.startUrl(() => undefined));
    expect((await exchange(code, headers)).status).toBe(403);
    expect((await exchange(code)).status).toBe(200);
  });

  it('is looked at before whose connection it is: reading the table of all connections takes long where there are many', async () => {
    await server.close();
    let looked = 0;
    const isOwn = (socket: Socket) => {
      looked += 1;
      return isOwnPeer(socket);
    };
    server = await openLocalServer({ host, pageDir: folder, port: 0, isOwn });
    const code = codeOf(server.startUrl(() => undefined));
    expect([(await exchange('0'.repeat(64))).status, (await exchange('')).status, looked]).toEqual([403, 403, 0]);
    expect([(await exchange(code)).status, looked]).toEqual([200, 1]);
  });

  it('is not guessed, and not taken by GET', async () => {
    const code = codeOf(server.startUrl(() => undefined));
    expect((await exchange('0'.repeat(64))).status).toBe(403);
    expect((await exchange('')).status).toBe(403);
    const own = { origin: `http://127.0.0.1:${server.port}`, [startCodeHeader]: code };
    expect((await get('/bridge/start', own)).status).toBe(403);
  });
});

const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

describe.runIf(isRootOnLinux)('another account that has the token', () => {
  const nobody = 65_534;
  /** Sends one request as that account and answers with the first line that comes back. */
  const sendAsNobody = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const script = 'exec 3<>/dev/tcp/127.0.0.1/$1; printf %s "$2" >&3; head -n 1 <&3';
      const options = { uid: nobody, gid: nobody, cwd: '/', env: {} };
      execFile('/bin/bash', ['-c', script, 'bash', String(server.port), text], options, (error, output) =>
        error === null ? resolve(output) : reject(error),
      );
    });

  it('is let in nowhere', async () => {
    const own = `127.0.0.1:${server.port}`;
    const lines = (...all: string[]) => [...all, `Host: ${own}`, `Origin: http://${own}`, '', ''].join('\r\n');
    const upgrade = lines(
      `GET /bridge/ui?page=${ben}&take=1 HTTP/1.1`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      `Sec-WebSocket-Protocol: ${tokenProtocol(token)}`,
    );
    const code = readStartFragment(new URL(server.startUrl(() => undefined)).hash)!;
    const start = lines('POST /bridge/start HTTP/1.1', `${startCodeHeader}: ${code}`, 'Content-Length: 0');
    expect(await sendAsNobody(upgrade)).toContain(' 403 ');
    expect(await sendAsNobody(start)).toContain(' 403 ');
    const ui = await connect('ui', anna);
    expect(await ui.call('app.facts', {})).toMatchObject({ is: 'answer' });
  });
});

describe('the page session', () => {
  it('is busy for a second page until it asks to take over; then the first one is told and its transfers are parked', async () => {
    const first = await connect('ui', anna);
    const engine = await connect('engine', anna);
    expect(await closeCode('ui', ben)).toBe(bridgeBusy);
    expect(await closeCode('engine', ben)).toBe(bridgeBusy);
    const second = await connect('ui', ben, true);
    expect(await first.closed).toBe(bridgeReplaced);
    expect(first.heard).toContainEqual({ is: 'event', name: 'replaced', payload: null });
    expect(await engine.closed).toBe(bridgeReplaced);
    await connect('engine', ben);
    expect(host.enginesGone()).toBe(1);
    expect(await second.call('app.facts', {})).toMatchObject({ is: 'answer' });
  });

  it('is taken silently by the same tab, loaded anew', async () => {
    const before = await connect('ui', anna);
    await connect('ui', anna);
    expect(await before.closed).toBe(bridgeReplaced);
  });

  it('is free once its page is gone, with everything parked', async () => {
    const ui = await connect('ui', anna);
    const engine = await connect('engine', anna);
    ui.socket.terminate();
    expect(await engine.closed).toBe(bridgeReplaced);
    await connect('ui', ben);
    expect(host.enginesGone()).toBe(1);
  });

  it('closes what the page opened once its engine is lost, and again nothing of the page after it', async () => {
    const ui = await connect('ui', anna);
    (await connect('engine', anna)).socket.terminate();
    await vi.waitFor(() => expect(host.pagesGone()).toEqual([1]));
    ui.socket.terminate();
    await vi.waitFor(() => expect(host.pagesGone()[0]).toBeGreaterThan(1));
    const next = await connect('ui', ben);
    expect(await next.call('app.facts', {})).toMatchObject({ is: 'answer' });
    expect(host.pagesGone()[1]).toBe(0);
  });

  it('closes what the page opened where it is lost, or another one takes its place', async () => {
    await connect('ui', anna);
    await connect('engine', anna);
    await connect('ui', anna);
    await connect('engine', anna);
    expect(host.pagesGone()[0]).toBeGreaterThan(0);
    expect(host.pagesGone()[1]).toBe(0);
    await connect('ui', ben, true);
    expect(host.pagesGone()[1]).toBeGreaterThan(0);
    expect(host.pagesGone()[2]).toBe(0);
  });

  it('parks exactly once per lost engine', async () => {
    const ui = await connect('ui', anna);
    (await connect('engine', anna)).socket.terminate();
    await ui.call('app.facts', {});
    await connect('engine', anna);
    await server.close();
    expect(host.enginesGone()).toBe(2);
  });

  it('is taken many times in a row at once and then only so often, however fast a page connects', async () => {
    const sinceMs = performance.now();
    // On a busy machine the first ones take longer than that.
    while (performance.now() < sinceMs + 2_000 || host.pagesGone().length < pageConnectsBurst) {
      const socket = dial('ui', {}).on('error', () => undefined);
      await Promise.race([new Promise((resolve) => socket.once('message', resolve)), sleep(20)]);
      socket.terminate();
    }
    const seconds = (performance.now() - sinceMs) / 1_000;
    expect(host.pagesGone().length).toBeLessThanOrEqual(pageConnectsBurst + seconds * pageConnectsPerSecond + 1);
    // Whoever stays is let in.
    const ui = await connect('ui', anna);
    expect(await ui.call('app.facts', {})).toMatchObject({ is: 'answer' });
    await connect('engine', anna);
  });

  it('ends at once although sockets wait for their turn', async () => {
    for (let nth = 0; nth < pageConnectsBurst; nth += 1) await connect('ui', anna);
    const waiting = dial('ui', {}).on('error', () => undefined);
    await sleep(50);
    expect(waiting.readyState).toBe(WebSocket.CONNECTING);
    const sinceMs = performance.now();
    await server.close();
    expect(performance.now() - sinceMs).toBeLessThan(1_000 / pageConnectsPerSecond / 2);
  });

  it('receives events of the host', async () => {
    const ui = await connect('ui', anna);
    host.emitStaged();
    await ui.call('app.facts', {});
    expect(ui.heard).toContainEqual({ is: 'event', name: 'staged', payload: { batch: 1, told: 1, items: [] } });
  });
});

/** Everything that came, once the other side has closed; our own half stays open until then. */
function closedOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  return new Promise((resolve) => {
    // A half that is closed is only felt by writing.
    const probe = setInterval(() => socket.write('x'), 100);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(probe);
      resolve(text);
    });
  });
}

type Got = {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  /** The port of our end. */
  readonly from: number | undefined;
};

function get(url: string, headers: Record<string, string> = {}, method = 'GET', agent?: Agent) {
  return new Promise<Got>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path: url, headers, method };
    request({ ...options, ...(agent === undefined ? {} : { agent }) }, (response) => {
      const from = response.socket.localPort;
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text, from }));
    })
      .on('error', reject)
      .end();
  });
}

type Wrong = { protocol?: string; origin?: string; host?: string; page?: string };

function dial(role: string, { protocol, origin, host: name, page = anna }: Wrong, take = false): WebSocket {
  const own = `127.0.0.1:${server.port}`;
  const protocols = protocol === '' ? [] : [protocol ?? tokenProtocol(token)];
  return new WebSocket(`ws://${own}/bridge/${role}?page=${page}${take ? '&take=1' : ''}`, protocols, {
    headers: {
      ...(origin === '' ? {} : { Origin: origin ?? `http://${own}` }),
      Host: name === undefined ? own : `${name}:${server.port}`,
    },
  });
}

function refusal(role: string, wrong: Wrong): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = dial(role, wrong);
    socket.on('unexpected-response', (asked, { statusCode }) => {
      asked.destroy();
      resolve(statusCode);
    });
    socket.on('open', () => reject(new Error('was let in')));
    socket.on('error', () => undefined);
  });
}

function closeCode(role: string, page: string): Promise<number> {
  return new Promise((resolve) => dial(role, { page }).on('close', resolve));
}

async function connect(role: 'ui' | 'engine', page: string, take = false, withToken = token) {
  const socket = dial(role, { page, protocol: tokenProtocol(withToken) }, take);
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const heard: unknown[] = [];
  const waiting = new Map<number, (answer: unknown) => void>();
  let nextId = 1;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    const reader = openPacketReader();
    let isReady = false;
    socket.on('message', (data: Buffer<ArrayBuffer>, isBinary) => {
      if (!isReady) {
        isReady = true;
        return resolve();
      }
      const packet = reader.take(isBinary ? data : data.toString());
      if (typeof packet === 'string') return;
      const message = packet.message as { id?: number };
      heard.push(message);
      if (message.id !== undefined) waiting.get(message.id)?.(message);
    });
  });
  return {
    socket,
    heard,
    closed,
    call(name: string, input: unknown): Promise<unknown> {
      const id = nextId++;
      for (const piece of encodePacket({ is: 'call', id, name, input })) socket.send(piece);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
  };
}
