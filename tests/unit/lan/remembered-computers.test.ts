// Two hosts that remember each other, over real datagrams on this machine, with somebody who records and replays.

import { createSocket, type Socket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openRememberedComputers, type RememberedComputers } from '../../../host/lan/remembered-computers.ts';
import type { SecretBox, StoredPeer } from '../../../host/lan/remembered-store.ts';
import { decodeCode } from '../../../shared/code/code-text.ts';
import type { RememberedPeerView } from '../../../shared/ipc/views.ts';
import { readRequest, requestBytes, requestNames, writeRequest } from '../../../shared/lan/discovery.ts';
import { fromHex, randomHex } from '../../../shared/model/bytes.ts';
import { requestsBurst, requestWindowMs } from '../../../shared/wire/limits.ts';
import { inviteAt, replyOf } from './lan-codes.ts';

const rules = { loopback: true };
const secret = 'cd'.repeat(32);
const invite = inviteAt(50_000);
const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Heard = { readonly request: string; readonly id: string; readonly name: string; readonly invite: string };
type Side = {
  readonly dataDir: string;
  readonly known: RememberedComputers;
  readonly requests: Heard[];
  /** Ends of the work on each request. */
  readonly answers: Promise<void>[];
  /** What the page was told last. */
  shown: readonly RememberedPeerView[];
  readonly id: () => Promise<string>;
};

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}

type SideOptions = {
  readonly port: number;
  readonly hears: boolean;
  readonly disk?: Disk;
  readonly secrets?: SecretBox;
  readonly sealed?: string;
  readonly stored?: StoredPeer;
  readonly beforeAnswer?: (heard: Heard, known: RememberedComputers) => Promise<void>;
};

/** Answers every request, as a page would. */
async function side(options: SideOptions): Promise<Side> {
  const { disk = openRealDisk(), beforeAnswer = async () => undefined } = options;
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tincan-known-'));
  if (options.stored !== undefined) {
    writeFileSync(fileIn(dataDir), JSON.stringify({ version: 1, peers: [options.stored] }));
  }
  if (options.sealed !== undefined) {
    writeFileSync(fileIn(dataDir), JSON.stringify({ version: 1, sealed: options.sealed }));
  }
  const requests: Heard[] = [];
  const answers: Promise<void>[] = [];
  const known: RememberedComputers = await openRememberedComputers({
    disk,
    dataDir,
    ...(options.secrets === undefined ? {} : { secrets: options.secrets }),
    isOn: () => options.hears,
    onChange: (shown) => {
      made.shown = shown;
    },
    onRequest: (heard) => {
      requests.push(heard);
      answers.push(beforeAnswer(heard, known).then(() => known.answer(heard.request, replyOf())));
    },
    place: { group: '239.255.84.67', port: options.port },
    rules,
  });
  open.push(async () => {
    await known.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const made: Side = { dataDir, known, requests, answers, shown: [], id: async () => (await known.list())[0]!.id };
  return made;
}

const fileIn = (dataDir: string) => path.join(dataDir, 'known-computers.json');

/** The real one, on which a file takes as long to be replaced as wanted, once that has begun. */
function slowDisk() {
  const real = openRealDisk();
  const [writing, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isSlow = false;
  const rename: Disk['rename'] = async (from, to) => {
    if (isSlow) {
      writing.resolve();
      await released.promise;
    }
    await real.rename(from, to);
  };
  const begin = () => {
    isSlow = true;
  };
  return { disk: { ...real, rename }, begin, writing: writing.promise, release: released.resolve };
}

async function pair(ofBen: Partial<SideOptions> = {}) {
  const port = await freePort();
  const anna = await side({ port, hears: false });
  const ben = await side({ port, hears: true, ...ofBen });
  await anna.known.remember({ secret, side: 'inviter', name: 'Ben', code: inviteAt(50_001) });
  await ben.known.remember({ secret, side: 'replier', name: 'Anna', code: inviteAt(50_002) });
  return { anna, ben, port };
}

/** A second computer that Ben remembers. */
async function befriend(ben: Side, port: number): Promise<Side> {
  const cleo = await side({ port, hears: false });
  const shared = randomHex(32);
  await cleo.known.remember({ secret: shared, side: 'inviter', name: 'Ben', code: inviteAt(50_001) });
  await ben.known.remember({ secret: shared, side: 'replier', name: 'Cleo', code: inviteAt(50_003) });
  return cleo;
}

/** One request of Anna's, as somebody on the network recorded it. */
async function recordedRequest(nowMs = Date.now(), addresses = ['127.0.0.1']): Promise<Uint8Array> {
  const read = decodeCode(invite, rules);
  if (!read.ok) throw new Error(read.fault.message);
  const request = await writeRequest(fromHex(secret), 'inviter', { nowMs, invite: read.bytes, addresses });
  return request!.bytes;
}

/** Somebody with a socket: hears, and says what was recorded. */
async function neighbour(): Promise<{ readonly socket: Socket; readonly heard: Buffer[]; first(): Promise<Buffer> }> {
  const socket = createSocket('udp4');
  const heard: Buffer[] = [];
  socket.on('message', (bytes) => heard.push(bytes));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  open.push(() => void socket.close());
  return {
    socket,
    heard,
    first: async () => heard[0] ?? new Promise((resolve) => socket.once('message', resolve)),
  };
}

const say = (socket: Socket, bytes: Uint8Array, port: number) =>
  new Promise<void>((resolve) => socket.send(bytes, port, '127.0.0.1', () => resolve()));

describe('remembered computers', () => {
  it('find each other with one click, and are told who it is by the name they keep', async () => {
    const { anna, ben } = await pair();
    await anna.known.change(await anna.id(), { name: 'Ben upstairs' });
    expect(await anna.known.call(await anna.id(), invite)).toEqual({ reply: replyOf(), name: 'Ben upstairs' });
    expect(ben.requests).toMatchObject([{ name: 'Anna', invite }]);
  });

  it('are not heard once blocked or forgotten', async () => {
    const { ben, port } = await pair();
    const cleo = await befriend(ben, port);
    const { socket } = await neighbour();
    const annas = (await ben.known.list()).find(({ name }) => name === 'Anna')!.id;
    await ben.known.change(annas, { blocked: true });
    await say(socket, await recordedRequest(), port);
    expect(await cleo.known.call(await cleo.id(), invite)).toBeDefined();
    expect(ben.requests.map(({ name }) => name)).toEqual(['Cleo']);
    await ben.known.forget(annas);
    await say(socket, await recordedRequest(), port);
    expect(await cleo.known.call(await cleo.id(), invite)).toBeDefined();
    expect(ben.requests.map(({ name }) => name)).toEqual(['Cleo', 'Cleo']);
    expect((await ben.known.list()).map(({ name }) => name)).toEqual(['Cleo']);
  });

  it('answer a request where it came from first, and a recording of it nowhere', async () => {
    const { anna, ben, port } = await pair();
    const [owner, thief] = [await neighbour(), await neighbour()];
    const request = await recordedRequest();
    await say(owner.socket, request, port);
    expect((await owner.first()).length).toBe(requestBytes);
    for (let times = 0; times < 20; times += 1) await say(thief.socket, request, port);
    // Anna's own call comes through after all that, so Ben has dealt with every one of them by now.
    expect(await anna.known.call(await anna.id(), invite)).toBeDefined();
    expect(ben.requests.length).toBe(2);
    expect(thief.heard).toEqual([]);
  });

  it('answer a recording nowhere but at an address that stands in it, also after a restart', async () => {
    const { anna, ben, port } = await pair();
    const thief = await neighbour();
    await say(thief.socket, await recordedRequest(Date.now(), ['192.168.250.9']), port);
    // Nobody has taken that one before, just as after a restart. Anna's call comes after it.
    expect(await anna.known.call(await anna.id(), invite)).toBeDefined();
    expect(ben.requests.length).toBe(1);
    expect(thief.heard).toEqual([]);
  });

  it('are received by the addresses of their invite where they name none', async () => {
    const { ben, port } = await pair();
    const owner = await neighbour();
    await say(owner.socket, await recordedRequest(Date.now(), []), port);
    await owner.first();
    expect(ben.requests.length).toBe(1);
  });

  it('never look alike in the list, whatever they call themselves', async () => {
    const { anna, ben, port } = await pair();
    await befriend(ben, port);
    await befriend(ben, port);
    await ben.known.remember({ secret: '12'.repeat(32), side: 'replier', name: 'cleo', code: inviteAt(50_004) });
    expect((await ben.known.list()).map(({ name }) => name)).toEqual(['cleo (3)', 'Cleo (2)', 'Cleo', 'Anna']);
    expect((await anna.known.list()).map(({ name }) => name)).toEqual(['Ben']);
  });

  it('find each other, and go on being found, on a disk that takes nothing any more', async () => {
    const { anna, ben } = await pair();
    for (const one of [anna, ben]) rmSync(one.dataDir, { recursive: true });
    for (const one of [anna, ben]) writeFileSync(one.dataDir, 'a file in the place of the folder');
    expect(await anna.known.call(await anna.id(), invite)).toBeDefined();
    expect(await anna.known.call(await anna.id(), invite)).toBeDefined();
    await expect(anna.known.forget(await anna.id())).rejects.toThrow();
    expect(ben.requests.length).toBe(2);
  });

  it('are there once where a disk that could not store one takes it when it is asked again', async () => {
    const anna = await side({ port: await freePort(), hears: false });
    const ben = { secret, side: 'inviter', name: 'Ben', code: inviteAt(50_001) } as const;
    rmSync(anna.dataDir, { recursive: true });
    writeFileSync(anna.dataDir, 'a file in the place of the folder');
    await expect(anna.known.remember(ben)).rejects.toThrow();
    rmSync(anna.dataDir);
    mkdirSync(anna.dataDir);
    const { id } = await anna.known.remember(ben);
    expect(await anna.known.list()).toMatchObject([{ id, name: 'Ben' }]);
    expect(JSON.parse(readFileSync(fileIn(anna.dataDir), 'utf8'))).toMatchObject({ peers: [{ id, secret }] });
  });

  it('are shown as blocked, and not heard, on a disk that could not store it', async () => {
    const { ben } = await pair();
    rmSync(ben.dataDir, { recursive: true });
    writeFileSync(ben.dataDir, 'a file in the place of the folder');
    await expect(ben.known.change(await ben.id(), { blocked: true })).rejects.toThrow();
    expect(ben.shown).toMatchObject([{ name: 'Anna', blocked: true }]);
  });

  it('end nothing where the keychain opens something damaged and the disk does not let it be renamed', async () => {
    const rejected: unknown[] = [];
    const note = (error: unknown) => rejected.push(error);
    process.on('unhandledRejection', note);
    open.push(() => void process.off('unhandledRejection', note));
    let isOpen = false;
    const secrets: SecretBox = {
      seal: async () => undefined,
      open: async () => (isOpen ? 'half' : Promise.reject(new Error('locked'))),
    };
    const rename: Disk['rename'] = () => Promise.reject(new Error('read-only'));
    const disk = { ...openRealDisk(), rename };
    const { known } = await side({ port: await freePort(), hears: true, disk, secrets, sealed: 'sealed' });
    isOpen = true;
    known.refresh();
    await expect(known.list()).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    expect(rejected).toEqual([]);
  });

  it('hear no answer any more once blocked', async () => {
    const { ben, port } = await pair({
      beforeAnswer: async ({ id, name }, known) => {
        if (name === 'Anna') await known.change(id, { blocked: true });
      },
    });
    const cleo = await befriend(ben, port);
    const owner = await neighbour();
    await say(owner.socket, await recordedRequest(), port);
    await vi.waitFor(() => expect(ben.requests).toMatchObject([{ name: 'Anna' }]));
    await Promise.all(ben.answers);
    expect(await cleo.known.call(await cleo.id(), invite)).toBeDefined();
    expect(owner.heard).toEqual([]);
  });

  it('are not heard where they were blocked while their new secret was being stored', async () => {
    const slow = slowDisk();
    const { anna, ben } = await pair({ disk: slow.disk });
    expect(await anna.known.call(await anna.id(), invite)).toBeDefined();
    await anna.known.renew({ id: await anna.id() }, 'aa'.repeat(32));
    await ben.known.renew({ request: ben.requests[0]!.request }, 'aa'.repeat(32));
    slow.begin();
    const calling = anna.known.call(await anna.id(), invite);
    await slow.writing;
    const blocking = ben.known.change(await ben.id(), { blocked: true });
    slow.release();
    await blocking;
    await anna.known.close();
    expect(await calling).toBeUndefined();
    expect(ben.requests).toHaveLength(1);
  });

  it.each(['blocked', 'forgotten', 'closed'] as const)(
    'are not linked with where they were %s while their reply was being noted',
    async (how) => {
      const slow = slowDisk();
      const port = await freePort();
      const anna = await side({ port, hears: false, disk: slow.disk });
      const ben = await side({ port, hears: true });
      await anna.known.remember({ secret, side: 'inviter', name: 'Ben', code: inviteAt(50_001) });
      await ben.known.remember({ secret, side: 'replier', name: 'Anna', code: inviteAt(50_002) });
      const id = await anna.id();
      slow.begin();
      const calling = anna.known.call(id, invite);
      await slow.writing;
      const ends = {
        blocked: () => anna.known.change(id, { blocked: true }),
        forgotten: () => anna.known.forget(id),
        closed: () => anna.known.close(),
      };
      const ending = ends[how]();
      slow.release();
      await ending;
      expect(await calling).toBeUndefined();
    },
  );

  it('are looked for at private addresses only, whatever one of them sent from', async () => {
    const kept = { id: '0'.repeat(16), side: 'inviter', name: 'Ben', seenAtMs: 0, blocked: false } as const;
    const lan = await neighbour();
    const { port } = lan.socket.address();
    // Linux takes the first for this computer, so the neighbour hears what goes there.
    const planted = await side({ port, hears: false, stored: { ...kept, secret, addresses: ['0.0.0.0'] } });
    const other = 'ef'.repeat(32);
    const usual = await side({ port, hears: false, stored: { ...kept, secret: other, addresses: ['127.0.0.1'] } });
    void planted.known.call(kept.id, invite);
    void usual.known.call(kept.id, invite);
    const names = await requestNames(fromHex(other), 'inviter', Date.now());
    const nameOf = (bytes: Buffer) => readRequest(new Uint8Array(bytes))!.name;
    await vi.waitFor(() => expect(lan.heard.filter((each) => names.includes(nameOf(each))).length).toBe(2));
    expect(lan.heard).toHaveLength(2);
  });

  it('have only their private addresses kept', async () => {
    const port = await freePort();
    const kept = { id: '0'.repeat(16), secret, side: 'inviter', name: 'Ben', seenAtMs: 0, blocked: false } as const;
    const anna = await side({ port, hears: false, stored: { ...kept, addresses: ['0.0.0.0', '10.9.8.7'] } });
    const ben = await side({ port, hears: true });
    await ben.known.remember({ secret, side: 'replier', name: 'Anna', code: inviteAt(50_002) });
    await anna.known.call(kept.id, invite);
    const text = readFileSync(fileIn(anna.dataDir), 'utf8');
    expect(text).toContain('127.0.0.1');
    expect(text).toContain('10.9.8.7');
    expect(text).not.toContain('0.0.0.0');
  });

  it('take no request that is older than its name', async () => {
    const { anna, ben, port } = await pair();
    const { socket } = await neighbour();
    await say(socket, await recordedRequest(Date.now() - 2 * requestWindowMs), port);
    expect(await anna.known.call(await anna.id(), invite)).toBeDefined();
    expect(ben.requests.length).toBe(1);
  });

  it('are not disturbed by noise, and cannot be called without end', async () => {
    const { anna, ben, port } = await pair();
    const stranger = await neighbour();
    for (let at = 0; at < 300; at += 1) {
      await say(stranger.socket, crypto.getRandomValues(new Uint8Array(at % 3 === 0 ? requestBytes : at)), port);
    }
    for (let at = 0; at < requestsBurst; at += 1) expect(await anna.known.call(await anna.id(), invite)).toBeDefined();
    const another = anna.known.call(await anna.id(), invite);
    await anna.known.close();
    expect(await another).toBeUndefined();
    expect(ben.requests.length).toBe(requestsBurst);
    expect(stranger.heard).toEqual([]);
  });
});
