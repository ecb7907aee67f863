// What is checked, awaited and then done: asked at the same moment, it is done once, and counted before it is waited for.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import type { Host } from '../../../host/host.ts';
import { blockBytes, transfersMaxLive } from '../../../shared/wire/limits.ts';
import { grant, type Incoming, incoming, prepare, writeBlock } from './receive-steps.ts';
import { openTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const idOf = (nth: number) => nth.toString(16).padStart(32, '0');
const secret = 'a'.repeat(64);

async function codesOf(calls: readonly Promise<unknown>[]): Promise<(string | undefined)[]> {
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : undefined));
}

it('P5 offers beyond the bound are refused though they come together', async () => {
  const begin = (nth: number) =>
    (async () => test.host.engine['receive.begin']({ transfer: idOf(nth), secret, peerName: 'p', checked: true }))();
  const codes = await codesOf(Array.from({ length: 300 }, (_, nth) => begin(nth)));
  expect(codes.filter((code) => code === undefined)).toHaveLength(2 * transfersMaxLive);
});

it('offers of which the disk does not say whether they are known take up no room', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const own = await openTestHost({ disk });
  const begin = async (nth: number) =>
    own.host.engine['receive.begin']({ transfer: idOf(nth), secret, peerName: 'p', checked: true });
  const mend = disk.fail({ when: ({ name }) => name === 'readText', errno: 'EMFILE' });
  const codes = await codesOf(Array.from({ length: 2 * transfersMaxLive }, (_, nth) => begin(nth)));
  expect(new Set(codes)).toEqual(new Set(['data-unreadable']));
  mend();
  expect(await codesOf([begin(0), begin(2 * transfersMaxLive)])).toEqual([undefined, undefined]);
  await own.close();
});

it('P5 kept transfers beyond the bound are not taken up, though they are together', async () => {
  // Nothing here depends on what a disk keeps, and hundreds of syncs take seconds.
  const own = await openTestHost({ disk: withoutSyncs(openRealDisk()) });
  const { engine } = own.host;
  const offers = Array.from({ length: 2 * transfersMaxLive + 2 }, (_, nth) =>
    incoming([{ path: [`f${nth}`], bytes: Buffer.from(`${nth}`) }]),
  );
  for (const offer of offers) {
    await prepare(own.host, offer);
    await engine['receive.close']({ transfer: offer.transfer, keep: true });
  }
  for (const { transfer } of offers) await engine['receive.reopen']({ transfer });
  const start = (transfer: string) => (async () => engine['receive.start']({ transfer, leaveOut: [] }))();
  const codes = await codesOf(offers.map(({ transfer }) => start(transfer)));
  expect(codes.filter((code) => code === undefined)).toHaveLength(2 * transfersMaxLive);
  expect(codes.filter((code) => code === 'bridge-busy')).toHaveLength(2);
  await own.close();
});

function withoutSyncs(disk: Disk): Disk {
  return {
    ...disk,
    syncFolder: async () => undefined,
    async open(...how) {
      const file = await disk.open(...how);
      return { ...file, sync: async () => undefined, syncData: async () => undefined };
    },
  };
}

it('transfers beyond the bound are refused though they are opened together, and one id is opened once', async () => {
  const file = path.join(test.folder, 'file');
  writeFileSync(file, 'x');
  const [item] = await test.host.stagePaths([file]);
  const open = (nth: number) =>
    (async () => test.host.engine['send.open']({ transfer: idOf(nth), secret, items: [item!.id], peerName: 'p' }))();
  expect(await codesOf([open(1), open(1)])).toEqual([undefined, 'bridge-busy']);
  const [again] = await test.host.stagePaths([file]);
  const openMany = (nth: number) =>
    (async () => test.host.engine['send.open']({ transfer: idOf(nth), secret, items: [again!.id], peerName: 'p' }))();
  const codes = await codesOf(Array.from({ length: 300 }, (_, nth) => openMany(nth + 2)));
  expect(codes.filter((code) => code === 'bridge-busy').length).toBeGreaterThanOrEqual(300 - 2 * transfersMaxLive);
});

it('a transfer whose files are being listed while its page goes is not left behind', async () => {
  const file = path.join(test.folder, 'file');
  writeFileSync(file, 'x');
  const [item] = await test.host.stagePaths([file]);
  const opening = Promise.allSettled([
    test.host.engine['send.open']({ transfer: idOf(1), secret, items: [item!.id], peerName: 'p' }),
  ]);
  await test.host.engineGone();
  expect(await opening).toMatchObject([{ status: 'rejected', reason: { code: 'bridge-closed' } }]);
  expect(test.host.isBusy()).toBe(false);
  expect(await test.host.ui['unfinished.list']({})).toEqual([]);
});

it('a choice that is made twice, or beside the end of its page, leaves no reader open', async () => {
  const real = openRealDisk();
  let open = 0;
  const disk: Disk = {
    ...real,
    threads(work, count) {
      const threads = real.threads(work, count);
      open += 1;
      return { ...threads, close: () => threads.close().finally(() => (open -= 1)) };
    },
  };
  const own = await openTestHost({ disk });
  const file = path.join(own.folder, 'file');
  writeFileSync(file, 'x');
  const { engine } = own.host;
  const [item] = await own.host.stagePaths([file]);
  await engine['send.open']({ transfer: idOf(1), secret, items: [item!.id], peerName: 'p' });
  const choose = (async () => engine['send.select']({ transfer: idOf(1), selection: 'all' })) as () => Promise<unknown>;
  await Promise.all([choose(), choose(), choose()]);
  expect(open).toBe(1);
  const last = choose();
  await own.host.engineGone();
  await Promise.allSettled([last]);
  expect(open).toBe(0);
  const reopen = () => engine['send.reopen']({ transfer: idOf(1) });
  await Promise.all([reopen(), reopen(), reopen()]);
  expect(open).toBe(1);
  await engine['send.close']({ transfer: idOf(1), keep: false });
  expect(open).toBe(0);
  await own.close();
});

it('a transfer that is laid out while its page goes is put away all the same, and can be taken up', async () => {
  const offer = incoming([{ path: ['big'], bytes: randomBytes(blockBytes + 5) }]);
  const { transfer } = offer;
  const { engine, ui } = test.host;
  await grant(test.host, offer);
  const starting = engine['receive.start']({ transfer, leaveOut: [] });
  await test.host.engineGone();
  await starting;
  expect((await ui['unfinished.list']({})).map(({ id }) => id)).toEqual([transfer]);
});

it('a transfer that is started twice has one staging folder, and leaves nothing behind', async () => {
  const offer = incoming([{ path: ['big'], bytes: randomBytes(blockBytes + 5) }]);
  const { transfer } = offer;
  const { engine } = test.host;
  await grant(test.host, offer);
  const start = () => engine['receive.start']({ transfer, leaveOut: [] });
  const [one, other] = await Promise.all([start(), start()]);
  expect(one).toEqual(other);
  expect(readdirSync(test.downloads)).toHaveLength(1);
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
  await engine['receive.commit']({ transfer, root: offer.root });
  await engine['receive.close']({ transfer, keep: false });
  expect(treeOf(test.downloads)).toEqual(['big']);
});

it('a transfer that is thrown away while it is taken up again leaves nothing open and nothing behind', async () => {
  const offer = incoming([{ path: ['big'], bytes: randomBytes(blockBytes + 5) }]);
  const { transfer } = offer;
  const { engine, ui } = test.host;
  await prepare(test.host, offer);
  await writeBlock(test.host, offer, 0);
  await engine['receive.close']({ transfer, keep: true });
  await engine['receive.reopen']({ transfer });
  await Promise.allSettled([
    engine['receive.start']({ transfer, leaveOut: [] }),
    ui['unfinished.discard']({ transfer }),
  ]);
  expect(test.host.isBusy()).toBe(false);
  expect([await ui['unfinished.list']({}), readdirSync(test.downloads)]).toEqual([[], []]);
});

it.each([
  ['its end', (host: Host, transfer: string) => host.engine['receive.close']({ transfer, keep: false })],
  ['the person', (host: Host, transfer: string) => host.ui['unfinished.discard']({ transfer })],
])('a transfer that is taken up while %s throws it away, on a slow disk, is gone for good', async (_who, throwAway) => {
  const gates: (() => void)[] = [];
  const own = await openTestHost({ disk: slowToRemove(openRealDisk(), gates) });
  const offer = incoming([{ path: ['big'], bytes: randomBytes(blockBytes + 5) }]);
  const { transfer } = offer;
  const { engine, ui } = own.host;
  await prepare(own.host, offer);
  await engine['receive.close']({ transfer, keep: true });
  const removing = (async () => throwAway(own.host, transfer))();
  await vi.waitFor(() => expect(gates).not.toEqual([]));
  const resuming = codesOf([
    (async () => {
      await engine['receive.reopen']({ transfer });
      await engine['receive.start']({ transfer, leaveOut: [] });
    })(),
  ]);
  // Whoever does not wait has its folder open by then.
  for (let turn = 0; turn < 100; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  for (const open of gates) open();
  await removing;
  expect(await resuming).toEqual(['transfer-unknown']);
  expect([await ui['unfinished.list']({}), readdirSync(own.downloads)]).toEqual([[], []]);
  await own.close();
});

/** Its first removal of a journal waits for its gate. */
function slowToRemove(disk: Disk, gates: (() => void)[]): Disk {
  return {
    ...disk,
    async removeAll(what) {
      if (gates.length === 0 && path.basename(String(what)) === 'blocks')
        await new Promise<void>((resolve) => gates.push(resolve));
      return disk.removeAll(what);
    },
  };
}

it('the same of one that is sent', async () => {
  const file = path.join(test.folder, 'file');
  writeFileSync(file, 'x');
  const [item] = await test.host.stagePaths([file]);
  const { engine, ui } = test.host;
  const transfer = idOf(1);
  await engine['send.open']({ transfer, secret, items: [item!.id], peerName: 'p' });
  await engine['send.select']({ transfer, selection: 'all' });
  await engine['send.close']({ transfer, keep: true });
  await Promise.allSettled([engine['send.reopen']({ transfer }), ui['unfinished.discard']({ transfer })]);
  expect(test.host.isBusy()).toBe(false);
  expect(await ui['unfinished.list']({})).toEqual([]);
});

it.each([0, 1])(
  'a block that comes twice with other bytes is on the disk as its hash is remembered (%i)',
  async (first) => {
    const sent = [0, 1].map(() => incoming([{ path: ['lone'], bytes: randomBytes(blockBytes) }]));
    const { transfer } = sent[0]!;
    await prepare(test.host, sent[0]!);
    await Promise.all([first, 1 - first].map((nth) => writeBlock(test.host, { ...sent[nth]!, transfer }, 0)));
    const commit = (nth: number) =>
      (async () => test.host.engine['receive.commit']({ transfer, root: sent[nth]!.root }))();
    // Whichever was first.
    const outcomes = await Promise.allSettled([commit(0)]);
    const taken = outcomes[0]!.status === 'fulfilled' ? 0 : 1;
    if (taken === 1) await commit(1);
    await test.host.engine['receive.close']({ transfer, keep: false });
    expect(readFileSync(path.join(test.downloads, 'lone')).equals(sent[taken]!.content)).toBe(true);
  },
);

it.each(['by its link', 'with its page'])(
  'a transfer that is put away %s while a block is being written is taken up once that is over',
  async (how) => {
    const { promise: isSlow, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: isWriting, resolve: begins } = Promise.withResolvers<void>();
    const real = openRealDisk();
    let isFirst = true;
    const disk: Disk = {
      ...real,
      async open(...args) {
        const file = await real.open(...args);
        return {
          ...file,
          async writeParts(parts, position) {
            if (isFirst) {
              isFirst = false;
              begins();
              await isSlow;
            }
            return file.writeParts(parts, position);
          },
        };
      },
    };
    const own = await openTestHost({ disk });
    const [before, after] = [0, 1].map(() => incoming([{ path: ['lone'], bytes: randomBytes(blockBytes) }]));
    const { transfer } = before!;
    const { engine } = own.host;
    await prepare(own.host, before!);
    const writing = writeBlock(own.host, before!, 0);
    await isWriting;
    const leaving = how === 'by its link' ? engine['receive.close']({ transfer, keep: true }) : own.host.engineGone();
    const goingOn = (async () => {
      await engine['receive.reopen']({ transfer });
      await engine['receive.start']({ transfer, leaveOut: [] });
      await writeBlock(own.host, { ...after!, transfer }, 0);
    })();
    await Promise.race([goingOn, setTimeout(200)]);
    goOn();
    await Promise.allSettled([writing, leaving, goingOn]);
    // What is on the disk is what somebody vouches for.
    const commit = async ({ root }: Incoming) => engine['receive.commit']({ transfer, root });
    const [isAfter] = await Promise.allSettled([commit(after!)]);
    if (isAfter.status === 'rejected') await commit(before!);
    const vouched = isAfter.status === 'fulfilled' ? after! : before!;
    expect(readFileSync(path.join(own.downloads, 'lone')).equals(vouched.content)).toBe(true);
    await own.close();
  },
);

it.each([
  ['at once', async () => undefined],
  [
    'once the move has begun',
    () => vi.waitFor(() => expect(readdirSync(path.join(test.folder, 'other'))).not.toEqual([])),
  ],
])(
  'a transfer that is taken up while it goes to another folder is in one of the two, and whole: %s',
  async (_when, waitFor) => {
    const offer = incoming([{ path: ['big'], bytes: randomBytes(blockBytes + 5) }]);
    const { transfer } = offer;
    const { engine, ui } = test.host;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    await engine['receive.close']({ transfer, keep: true });
    await engine['receive.reopen']({ transfer });
    const other = path.join(test.folder, 'other');
    mkdirSync(other);
    test.chosen = other;
    const moving = (async () => ui['unfinished.move']({ transfer }))();
    await waitFor();
    const [moved] = await Promise.allSettled([moving, engine['receive.start']({ transfer, leaveOut: [] })]);
    for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
    await engine['receive.commit']({ transfer, root: offer.root });
    await engine['receive.close']({ transfer, keep: false });
    const places = [treeOf(test.downloads), treeOf(other)];
    // It had begun here already, and stays; or it begins there.
    expect(places).toEqual(moved.status === 'rejected' ? [['big'], []] : [[], ['big']]);
  },
);

it('a file that cannot be read, heard of while its transfer goes to another folder, does not take the transfer back', async () => {
  const real = openRealDisk();
  const gates: (() => void)[] = [];
  let isSlow = false;
  const disk: Disk = {
    ...real,
    async rename(from, to) {
      if (isSlow && to.endsWith('.json')) {
        isSlow = false;
        await new Promise<void>((resolve) => gates.push(resolve));
      }
      return real.rename(from, to);
    },
  };
  const { offer, own } = await withFolderAway(disk);
  const { transfer } = offer;
  const { engine, ui } = own.host;
  const other = otherFolderOf(own);
  isSlow = true;
  void engine['receive.fault']({ transfer, index: 1, code: 'source-missing' });
  await vi.waitFor(() => expect(gates).toHaveLength(1));
  const moving = (async () => ui['unfinished.move']({ transfer }))();
  await Promise.race([moving, setTimeout(200)]);
  for (const open of gates) open();
  await moving;
  await engine['receive.close']({ transfer, keep: true });
  renameSync(`${own.downloads} away`, own.downloads);
  await engine['receive.reopen']({ transfer });
  await engine['receive.start']({ transfer, leaveOut: [] });
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(own.host, offer, block);
  const { faults } = await engine['receive.commit']({ transfer, root: offer.root });
  expect([treeOf(other), faults]).toEqual([['big'], [{ index: 1, code: 'source-missing' }]]);
  await own.close();
});

/** The first call of which `isIt` says so waits, once it is done, until the gate is opened. */
function openGate(isIt: (name: keyof Disk, file: string) => boolean): {
  readonly disk: Disk;
  readonly isWaiting: () => boolean;
  readonly open: () => void;
} {
  const real = openRealDisk();
  const { promise, resolve } = Promise.withResolvers<void>();
  let isWaiting = false;
  async function done<T>(name: keyof Disk, file: unknown, call: Promise<T>): Promise<T> {
    const answer = await call;
    if (!isWaiting && isIt(name, String(file))) {
      isWaiting = true;
      await promise;
    }
    return answer;
  }
  const disk: Disk = {
    ...real,
    readText: (file) => done('readText', file, real.readText(file)),
    rename: (from, to) => done('rename', to, real.rename(from, to)),
    open: (file, ...how) => done('open', file, real.open(file, ...how)),
  };
  return { disk, isWaiting: () => isWaiting, open: resolve };
}

/** One that arrived by half and was put away. */
async function half(own: TestHost): Promise<Incoming> {
  const offer = incoming([{ path: ['big'], bytes: randomBytes(blockBytes + 5) }]);
  await prepare(own.host, offer);
  await writeBlock(own.host, offer, 0);
  await own.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
  return offer;
}

/** A transfer that waits for its folder. */
async function withFolderAway(disk: Disk): Promise<{ readonly offer: Incoming; readonly own: TestHost }> {
  const own = await openTestHost({ disk });
  const offer = incoming([
    { path: ['big'], bytes: randomBytes(blockBytes) },
    { path: ['missing'], bytes: Buffer.alloc(5) },
  ]);
  await prepare(own.host, offer);
  renameSync(own.downloads, `${own.downloads} away`);
  expect(await codesOf([writeBlock(own.host, offer, 0)])).toEqual(['disk-gone']);
  return { offer, own };
}

function otherFolderOf(own: TestHost): string {
  const other = path.join(own.folder, 'other');
  mkdirSync(other);
  own.chosen = other;
  return other;
}

const isRecord = (file: string) => path.basename(path.dirname(file)) === 'receives' && file.endsWith('.json');

it('a transfer that is thrown away while it goes to another folder is not taken up by who waits for the move', async () => {
  let isArmed = false;
  const gate = openGate((name, file) => isArmed && name === 'rename' && isRecord(file));
  const own = await openTestHost({ disk: gate.disk });
  const { transfer } = await half(own);
  const { engine, ui } = own.host;
  await engine['receive.reopen']({ transfer });
  const other = otherFolderOf(own);
  isArmed = true;
  const moving = (async () => ui['unfinished.move']({ transfer }))();
  await vi.waitFor(() => expect(gate.isWaiting()).toBe(true));
  const starting = codesOf([(async () => engine['receive.start']({ transfer, leaveOut: [] }))()]);
  const discarding = (async () => ui['unfinished.discard']({ transfer }))();
  await setTimeout(20);
  gate.open();
  await Promise.all([moving, discarding]);
  expect(await starting).toEqual(['transfer-unknown']);
  expect(own.host.isBusy()).toBe(false);
  expect([await ui['unfinished.list']({}), treeOf(own.downloads), treeOf(other)]).toEqual([[], [], []]);
  await own.close();
});

it('a transfer that its page puts away while it goes to another folder goes there, whatever is still to be written of it', async () => {
  let isArmed = false;
  let isHeld = false;
  const { promise: opened, resolve: openHeld } = Promise.withResolvers<void>();
  const gate = openGate((name, file) => isArmed && name === 'readText' && isRecord(file));
  const disk: Disk = {
    ...gate.disk,
    async rename(from, to) {
      if (isArmed && !isHeld && isRecord(to)) {
        isHeld = true;
        await opened;
      }
      return gate.disk.rename(from, to);
    },
  };
  const { offer, own } = await withFolderAway(disk);
  const { transfer } = offer;
  const { engine, ui } = own.host;
  const other = otherFolderOf(own);
  isArmed = true;
  void engine['receive.fault']({ transfer, index: 1, code: 'source-missing' });
  await vi.waitFor(() => expect(isHeld).toBe(true));
  const moving = (async () => ui['unfinished.move']({ transfer }))();
  await vi.waitFor(() => expect(gate.isWaiting()).toBe(true));
  const closing = (async () => engine['receive.close']({ transfer, keep: true }))();
  gate.open();
  await Promise.race([moving, setTimeout(200)]);
  openHeld();
  await Promise.all([moving, closing]);
  renameSync(`${own.downloads} away`, own.downloads);
  await engine['receive.reopen']({ transfer });
  await engine['receive.start']({ transfer, leaveOut: [] });
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(own.host, offer, block);
  const { faults } = await engine['receive.commit']({ transfer, root: offer.root });
  expect([treeOf(other), faults]).toEqual([['big'], [{ index: 1, code: 'source-missing' }]]);
  await own.close();
});

it('a transfer that is looked up while it goes to another folder is taken up there', async () => {
  let isArmed = false;
  const gate = openGate((name, file) => isArmed && name === 'readText' && isRecord(file));
  const own = await openTestHost({ disk: gate.disk });
  const offer = await half(own);
  const { transfer } = offer;
  const { engine, ui } = own.host;
  const other = otherFolderOf(own);
  isArmed = true;
  const reopening = (async () => engine['receive.reopen']({ transfer }))();
  await vi.waitFor(() => expect(gate.isWaiting()).toBe(true));
  const moving = codesOf([(async () => ui['unfinished.move']({ transfer }))()]);
  await Promise.race([moving, setTimeout(200)]);
  gate.open();
  await reopening;
  const [code] = await moving;
  await engine['receive.start']({ transfer, leaveOut: [] });
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(own.host, offer, block);
  await engine['receive.commit']({ transfer, root: offer.root });
  // It was refused, or it counts.
  expect([treeOf(own.downloads), treeOf(other)]).toEqual(code === undefined ? [[], ['big']] : [['big'], []]);
  await own.close();
});

it('a transfer whose start waits for something else when its page goes is not started for nobody', async () => {
  const journals: (() => void)[] = [];
  let isMoving = false;
  let isArmed = false;
  const { promise: isMoved, resolve: goOn } = Promise.withResolvers<void>();
  const real = openRealDisk();
  const own = await openTestHost({
    disk: {
      ...real,
      async rename(from, to) {
        if (isArmed && isRecord(to)) {
          isMoving = true;
          await isMoved;
        }
        return real.rename(from, to);
      },
      async open(file, ...how) {
        if (isMoving && path.basename(String(file)) === 'blocks' && how[0] === 'update')
          await new Promise<void>((resolve) => journals.push(resolve));
        return real.open(file, ...how);
      },
    },
  });
  const [slow, waiting] = [await half(own), await half(own)];
  const { engine, ui } = own.host;
  for (const { transfer } of [slow, waiting]) await engine['receive.reopen']({ transfer });
  otherFolderOf(own);
  isArmed = true;
  const moving = (async () => ui['unfinished.move']({ transfer: waiting.transfer }))();
  await vi.waitFor(() => expect(isMoving).toBe(true));
  const starting = codesOf(
    [slow, waiting].map(async ({ transfer }) => engine['receive.start']({ transfer, leaveOut: [] })),
  );
  await vi.waitFor(() => expect(journals).toHaveLength(1));
  const leaving = own.host.engineGone();
  await setTimeout(20);
  goOn();
  await moving;
  await setTimeout(50);
  journals[0]!();
  await leaving;
  for (const open of journals) open();
  await starting;
  expect(own.host.isBusy()).toBe(false);
  expect(await ui['unfinished.list']({})).toHaveLength(2);
  await own.close();
});

it.skipIf(process.platform !== 'linux')(
  'a transfer that is put away while its disk comes back is opened again only once that is over',
  async () => {
    let isArmed = false;
    const gate = openGate((name, file) => isArmed && name === 'open' && path.basename(file) === 'blocks');
    let journals = 0;
    let most = 0;
    const own = await openTestHost({
      disk: {
        ...gate.disk,
        async open(what, ...how) {
          const file = await gate.disk.open(what, ...how);
          if (path.basename(String(what)) !== 'blocks' || how[0] === 'read') return file;
          journals += 1;
          most = Math.max(most, journals);
          return { ...file, close: () => file.close().finally(() => (journals -= 1)) };
        },
      },
    });
    const offer = incoming([{ path: ['big'], bytes: randomBytes(2 * blockBytes) }]);
    const { transfer } = offer;
    const { engine } = own.host;
    await prepare(own.host, offer);
    renameSync(own.downloads, `${own.downloads} away`);
    expect(await codesOf([writeBlock(own.host, offer, 0)])).toEqual(['disk-gone']);
    renameSync(`${own.downloads} away`, own.downloads);
    isArmed = true;
    const writing = codesOf([writeBlock(own.host, offer, 0)]);
    await vi.waitFor(() => expect(gate.isWaiting()).toBe(true));
    const goingOn = (async () => {
      await engine['receive.close']({ transfer, keep: true });
      await engine['receive.reopen']({ transfer });
      await engine['receive.start']({ transfer, leaveOut: [] });
    })();
    await Promise.race([goingOn, setTimeout(200)]);
    gate.open();
    await Promise.all([goingOn, writing]);
    expect([most, journals]).toEqual([1, 1]);
    await own.close();
  },
);

async function keptSend(own: TestHost): Promise<string> {
  const file = path.join(own.folder, 'file');
  writeFileSync(file, 'x');
  const [item] = await own.host.stagePaths([file]);
  await own.host.engine['send.open']({ transfer: idOf(1), secret, items: [item!.id], peerName: 'p' });
  await own.host.engine['send.close']({ transfer: idOf(1), keep: true });
  return idOf(1);
}

it('what is sent and called off while the choice is being kept is gone for good', async () => {
  const gate = openGate((name, file) => name === 'open' && file.endsWith('.hashes'));
  const own = await openTestHost({ disk: gate.disk });
  const { engine, ui } = own.host;
  const transfer = await keptSend(own);
  await engine['send.reopen']({ transfer });
  const choosing = (async () => engine['send.select']({ transfer, selection: 'all' }))();
  await vi.waitFor(() => expect(gate.isWaiting()).toBe(true));
  const ending = (async () => engine['send.close']({ transfer, keep: false }))();
  await setTimeout(20);
  gate.open();
  await Promise.allSettled([choosing, ending]);
  expect(readdirSync(path.join(own.folder, 'data', 'sends'))).toEqual([]);
  expect(await ui['unfinished.list']({})).toEqual([]);
  await own.close();
});

it('what is sent is not taken up while the person throws it away', async () => {
  const real = openRealDisk();
  const gates: (() => void)[] = [];
  const disk: Disk = {
    ...real,
    async removeAll(what) {
      if (gates.length === 0 && path.basename(what).endsWith('.json'))
        await new Promise<void>((resolve) => gates.push(resolve));
      return real.removeAll(what);
    },
  };
  const own = await openTestHost({ disk });
  const { engine, ui } = own.host;
  const transfer = await keptSend(own);
  const discarding = (async () => ui['unfinished.discard']({ transfer }))();
  await vi.waitFor(() => expect(gates).toHaveLength(1));
  const resuming = codesOf([(async () => engine['send.reopen']({ transfer }))()]);
  await Promise.race([resuming, setTimeout(200)]);
  gates[0]!();
  await discarding;
  expect(await resuming).toEqual(['transfer-unknown']);
  expect(own.host.isBusy()).toBe(false);
  expect(readdirSync(path.join(own.folder, 'data', 'sends'))).toEqual([]);
  await own.close();
});

it('what is sent is taken up by a page though the one before it was just about to', async () => {
  let isArmed = false;
  const gate = openGate((name, file) => isArmed && name === 'readText' && file.endsWith('.manifest'));
  const own = await openTestHost({ disk: gate.disk });
  const { engine } = own.host;
  const transfer = await keptSend(own);
  isArmed = true;
  const before = codesOf([(async () => engine['send.reopen']({ transfer }))()]);
  await vi.waitFor(() => expect(gate.isWaiting()).toBe(true));
  await own.host.engineGone();
  const after = codesOf([(async () => engine['send.reopen']({ transfer }))()]);
  gate.open();
  expect([await before, await after]).toEqual([['bridge-closed'], [undefined]]);
  expect(own.host.isBusy()).toBe(true);
  await own.close();
});
