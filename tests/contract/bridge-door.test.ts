// The local door against real sockets: who gets in, who takes whose seat, and what a lost engine leaves behind.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Door, openDoor } from '../../browser/serve.ts';
import { doorBusy, doorReplaced, tokenProtocol } from '../../shared/ipc/door.ts';
import { encodePacket, openPacketReader } from '../../shared/ipc/packet.ts';
import { type BridgeHost, openBridgeHost } from './bridge-host.ts';

const anna = 'a'.repeat(32);
const ben = 'b'.repeat(32);

let folder: string;
let host: BridgeHost;
let door: Door;
let token: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-door-'));
  writeFileSync(path.join(folder, 'index.html'), 'page');
  writeFileSync(path.join(folder, 'notes.txt'), 'not a page file');
  host = openBridgeHost();
  door = await openDoor({ host, pageDir: folder, port: 0 });
  token = door.url.split('#')[1]!;
});

afterEach(async () => {
  await door.close();
  rmSync(folder, { recursive: true });
});

describe('the door', () => {
  it('serves the page under a strict policy', async () => {
    const { status, headers, text } = await get('/');
    expect([status, text]).toEqual([200, 'page']);
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${door.port};`);
    expect(headers['content-security-policy']).toMatch(/; require-trusted-types-for 'script'; trusted-types tincan$/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each(['/notes.txt', '/../package.json', '/%2e%2e/package.json', '/index.html?x', '//index.html', '/bridge/ui'])(
    'knows no %s',
    async (url) => {
      const { status, headers } = await get(url);
      expect(status).toBe(404);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    },
  );

  it('answers to no other name', async () => {
    expect((await get('/', { host: `localhost:${door.port}` })).status).toBe(403);
    expect((await get('/', { host: `evil.example:${door.port}` })).status).toBe(403);
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

  it('ends a socket that sends what is no packet', async () => {
    const ui = await connect('ui', anna);
    ui.socket.send(Buffer.from([1, 2, 3]));
    await ui.closed;
    const again = await connect('ui', anna);
    again.socket.send('text');
    await again.closed;
  });
});

describe('the seat', () => {
  it('is busy for a second page until it asks to take over; then the first one is told and its transfers are parked', async () => {
    const first = await connect('ui', anna);
    const engine = await connect('engine', anna);
    expect(await closeCode('ui', ben)).toBe(doorBusy);
    expect(await closeCode('engine', ben)).toBe(doorBusy);
    const second = await connect('ui', ben, true);
    expect(await first.closed).toBe(doorReplaced);
    expect(first.heard).toContainEqual({ is: 'event', name: 'replaced', payload: null });
    expect(await engine.closed).toBe(doorReplaced);
    await connect('engine', ben);
    expect(host.enginesGone()).toBe(1);
    expect(await second.call('app.facts', {})).toMatchObject({ is: 'answer' });
  });

  it('is taken silently by the same tab, loaded anew', async () => {
    const before = await connect('ui', anna);
    await connect('ui', anna);
    expect(await before.closed).toBe(doorReplaced);
  });

  it('is free once its page is gone, with everything parked', async () => {
    const ui = await connect('ui', anna);
    const engine = await connect('engine', anna);
    ui.socket.terminate();
    expect(await engine.closed).toBe(doorReplaced);
    await connect('ui', ben);
    expect(host.enginesGone()).toBe(1);
  });

  it('parks exactly once per lost engine', async () => {
    const ui = await connect('ui', anna);
    (await connect('engine', anna)).socket.terminate();
    await ui.call('app.facts', {});
    await connect('engine', anna);
    await door.close();
    expect(host.enginesGone()).toBe(2);
  });

  it('hears events of the host', async () => {
    const ui = await connect('ui', anna);
    host.emitStaged();
    await ui.call('app.facts', {});
    expect(ui.heard).toContainEqual({ is: 'event', name: 'staged', payload: [] });
  });
});

function get(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      request({ host: '127.0.0.1', port: door.port, path: url, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      })
        .on('error', reject)
        .end();
    },
  );
}

type Wrong = { protocol?: string; origin?: string; host?: string; page?: string };

function dial(role: string, { protocol, origin, host: name, page = anna }: Wrong, take = false): WebSocket {
  const own = `127.0.0.1:${door.port}`;
  const protocols = protocol === '' ? [] : [protocol ?? tokenProtocol(token)];
  return new WebSocket(`ws://${own}/bridge/${role}?page=${page}${take ? '&take=1' : ''}`, protocols, {
    headers: {
      ...(origin === '' ? {} : { Origin: origin ?? `http://${own}` }),
      Host: name === undefined ? own : `${name}:${door.port}`,
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

async function connect(role: 'ui' | 'engine', page: string, take = false) {
  const socket = dial(role, { page }, take);
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
