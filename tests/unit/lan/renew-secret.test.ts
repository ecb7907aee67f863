// The secret of two remembered computers, made anew at every meeting: over real datagrams and real files, with meetings that
// only one side heard the end of, and with somebody who copied a file.

import { createSocket } from 'node:dgram';
import * as fs from 'node:fs';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openRememberedComputers, type RememberedComputers } from '../../../host/lan/remembered-computers.ts';
import { inviteAt, replyOf } from './lan-codes.ts';

const firstSecret = 'cd'.repeat(32);
const invite = inviteAt(50_000);
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Side = {
  readonly known: RememberedComputers;
  readonly dataDir: string;
  /** Requests that were heard, newest last. */
  readonly requests: string[];
  close(): Promise<void>;
};
type Pair = { readonly anna: Side; readonly ben: Side; readonly port: number };

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Answers every request at once, as a page would. */
async function open(
  port: number,
  dataDir: string,
  hears: boolean | (() => boolean),
  disk = openRealDisk(),
): Promise<Side> {
  const requests: string[] = [];
  const known = await openRememberedComputers({
    disk,
    dataDir,
    isOn: typeof hears === 'function' ? hears : () => hears,
    onChange: () => undefined,
    onRequest: ({ request }) => {
      requests.push(request);
      void known.answer(request, replyOf());
    },
    place: { group: '239.255.84.67', port },
    rules: { loopback: true },
  });
  closing.push(() => known.close());
  return { known, dataDir, requests, close: () => known.close() };
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-renew-'));
  closing.unshift(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function pair(bensDisk = openRealDisk()): Promise<Pair> {
  const port = await freePort();
  const anna = await open(port, newFolder(), false);
  const ben = await open(port, newFolder(), true, bensDisk);
  await anna.known.remember({ secret: firstSecret, side: 'inviter', name: 'Ben', code: inviteAt(50_001) });
  await ben.known.remember({ secret: firstSecret, side: 'replier', name: 'Anna', code: inviteAt(50_002) });
  return { anna, ben, port };
}

const idOf = async ({ known }: Side) => (await known.list())[0]!.id;
const call = async (from: Side) => (await from.known.call(await idOf(from), invite)) !== undefined;

/** A link of the two, of whose end each side hears or not. */
async function meet({ anna, ben }: Pair, { annaHears = true, benHears = true, value = 'aa' } = {}): Promise<void> {
  expect(await call(anna)).toBe(true);
  const renewal = value.repeat(32);
  if (annaHears) await anna.known.renew({ id: await idOf(anna) }, renewal);
  if (benHears) await ben.known.renew({ request: ben.requests.at(-1)! }, renewal);
}

/** Somebody who has a copy of Anna's file as it is now. */
async function thief({ anna, port }: Pair): Promise<Side> {
  const folder = newFolder();
  cpSync(anna.dataDir, folder, { recursive: true });
  return open(port, folder, false);
}

/** Of the one computer in that file. */
function secretsIn(dataDir: string): { readonly secret: string; readonly next?: string } {
  const { peers } = JSON.parse(readFileSync(path.join(dataDir, 'known-computers.json'), 'utf8')) as {
    peers: { secret: string; next?: string }[];
  };
  const { secret, next } = peers[0]!;
  return next === undefined ? { secret } : { secret, next };
}

describe('the secret of two remembered computers', () => {
  it('is another one after two meetings, so that a copied file is worth nothing then', async () => {
    const two = await pair();
    const copied = await thief(two);
    await meet(two, { value: 'aa' });
    await meet(two, { value: 'bb' });
    expect(await call(copied)).toBe(false);
    expect(await call(two.anna)).toBe(true);
  }, 30_000);

  it('stays the old one until the new one was used: a meeting whose end only one side heard parts nobody', async () => {
    for (const [annaHears, benHears] of [
      [true, false],
      [false, true],
    ] as const) {
      const two = await pair();
      await meet(two, { annaHears, benHears, value: 'aa' });
      await meet(two, { annaHears: benHears, benHears: annaHears, value: 'bb' });
      await meet(two, { value: 'cc' });
      const copied = await thief(two);
      await meet(two, { value: 'dd' });
      await meet(two, { value: 'ee' });
      expect(await call(two.anna)).toBe(true);
      expect(await call(copied)).toBe(false);
      await Promise.all([two.anna.close(), two.ben.close(), copied.close()]);
    }
  }, 60_000);

  it('is found after a restart of either side, with the new one not used yet', async () => {
    const two = await pair();
    await meet(two);
    await Promise.all([two.anna.close(), two.ben.close()]);
    const anna = await open(two.port, two.anna.dataDir, false);
    const ben = await open(two.port, two.ben.dataDir, true);
    await meet({ anna, ben, port: two.port });
  }, 30_000);

  it('is not used before it is on the disk: a data folder that refuses writes for a while, and a restart, part nobody', async () => {
    const disk = openFailingDisk(openRealDisk(), fs);
    const two = await pair(disk);
    const mend = disk.fail({ when: ({ name }) => name === 'rename', errno: 'ENOSPC' });
    expect(await call(two.anna)).toBe(true);
    await two.anna.known.renew({ id: await idOf(two.anna) }, 'aa'.repeat(32));
    await expect(two.ben.known.renew({ request: two.ben.requests[0]! }, 'aa'.repeat(32))).rejects.toThrow();
    // As with every change of the network: the names that it listens to are made anew.
    two.ben.known.refresh();
    expect(await call(two.anna)).toBe(true);
    await two.ben.close();
    mend();
    const ben = await open(two.port, two.ben.dataDir, true, disk);
    await meet({ ...two, ben }, { value: 'bb' });
    const copied = await thief(two);
    await meet({ ...two, ben }, { value: 'cc' });
    await meet({ ...two, ben }, { value: 'dd' });
    expect(await call(two.anna)).toBe(true);
    expect(await call(copied)).toBe(false);
  }, 30_000);

  it('is not called under before it is on the disk, and is once the disk has taken it after all', async () => {
    const port = await freePort();
    const disk = openFailingDisk(openRealDisk(), fs);
    const anna = await open(port, newFolder(), false, disk);
    const ben = await open(port, newFolder(), true);
    await anna.known.remember({ secret: firstSecret, side: 'inviter', name: 'Ben', code: inviteAt(50_001) });
    await ben.known.remember({ secret: firstSecret, side: 'replier', name: 'Anna', code: inviteAt(50_002) });
    const bensSecret = () => secretsIn(ben.dataDir);
    const mend = disk.fail({ when: ({ name }) => name === 'rename', errno: 'ENOSPC' });
    expect(await call(anna)).toBe(true);
    await expect(anna.known.renew({ id: await idOf(anna) }, 'aa'.repeat(32))).rejects.toThrow();
    await ben.known.renew({ request: ben.requests[0]! }, 'aa'.repeat(32));
    const { next } = bensSecret();
    expect(await call(anna)).toBe(true);
    expect(bensSecret()).toEqual({ secret: firstSecret, next });
    mend();
    // The call after which it is seen stores it too.
    expect(await call(anna)).toBe(true);
    expect(secretsIn(anna.dataDir)).toEqual({ secret: firstSecret, next });
    expect(await call(anna)).toBe(true);
    expect(bensSecret()).toEqual({ secret: next });
  }, 30_000);

  it('parts nobody where a listener that opens while it is being called receives both requests at once', async () => {
    const port = await freePort();
    let isOn = true;
    const anna = await open(port, newFolder(), false);
    const ben = await open(port, newFolder(), () => isOn);
    await anna.known.remember({ secret: firstSecret, side: 'inviter', name: 'Ben', code: inviteAt(50_001) });
    await ben.known.remember({ secret: firstSecret, side: 'replier', name: 'Anna', code: inviteAt(50_002) });
    await meet({ anna, ben, port });
    isOn = false;
    ben.known.refresh();
    const calling = call(anna);
    await new Promise((resolve) => setTimeout(resolve, 400));
    isOn = true;
    ben.known.refresh();
    expect(await calling).toBe(true);
    await anna.known.renew({ id: await idOf(anna) }, 'bb'.repeat(32));
    await ben.known.renew({ request: ben.requests.at(-1)! }, 'bb'.repeat(32));
    expect(secretsIn(anna.dataDir)).toEqual(secretsIn(ben.dataDir));
    expect(await call(anna)).toBe(true);
  }, 30_000);

  it('stays as it is with an older version, which makes none', async () => {
    const two = await pair();
    for (const value of ['aa', 'bb', 'cc']) await meet(two, { benHears: false, value });
    for (const value of ['dd', 'ee', 'ff']) await meet(two, { annaHears: false, value });
  }, 30_000);

  it('is made for nobody who is not remembered', async () => {
    const { anna } = await pair();
    await expect(anna.known.renew({ request: 'ab'.repeat(16) }, 'aa'.repeat(32))).rejects.toMatchObject({
      code: 'bridge-refused',
    });
  });

  it('that is used for the first time while others are no longer to find this computer brings nobody in', async () => {
    const port = await freePort();
    const anna = await open(port, newFolder(), false);
    const real = openRealDisk();
    const gates: (() => void)[] = [];
    let isOn = true;
    let isArmed = false;
    const ben = await open(port, newFolder(), () => isOn, {
      ...real,
      async rename(from, to) {
        if (isArmed) await new Promise<void>((resolve) => gates.push(resolve));
        return real.rename(from, to);
      },
    });
    await anna.known.remember({ secret: firstSecret, side: 'inviter', name: 'Ben', code: inviteAt(50_001) });
    await ben.known.remember({ secret: firstSecret, side: 'replier', name: 'Anna', code: inviteAt(50_002) });
    await meet({ anna, ben, port });
    isArmed = true;
    const calling = call(anna);
    await vi.waitFor(() => expect(gates).toHaveLength(1), { timeout: 5_000 });
    isOn = false;
    ben.known.refresh();
    isArmed = false;
    gates[0]!();
    expect(await calling).toBe(false);
    expect(ben.requests).toHaveLength(1);
  }, 30_000);
});
