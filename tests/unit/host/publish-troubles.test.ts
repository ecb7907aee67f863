// Publishing on a disk that refuses: nothing that was verified is thrown away, nothing that was there is lost, and what only
// reserved a name is gone again.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DiskCall, type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { blockBytes, publishRetryMs } from '../../../shared/wire/limits.ts';
import { type Incoming, incoming, prepare, writeBlock } from './receive-steps.ts';
import { hastyClock, openTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
let disk: FailingDisk;
let trash: (file: string) => Promise<void>;
beforeEach(async () => {
  disk = openFailingDisk(openRealDisk(), fs);
  trash = async (file) => fs.rmSync(file);
  test = await openTestHost({ disk, clock: hastyClock, trash: (file) => trash(file) });
});
afterEach(() => test.close());

const at = (...names: string[]) => path.join(test.downloads, ...names);
const inPlace = () => treeOf(test.downloads).filter((name) => !name.startsWith('.tincan-'));
const read = (name: string) => readFileSync(at(name), 'utf8');
/** What an old file is called between its own name and the trash. */
const aside = () => readdirSync(test.downloads).find((name) => /\(replaced [0-9a-f]{8}\)/.test(name)) ?? 'nothing';
const commit = ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });
/** As the engine does it after a first refusal. */
const commitTwice = async (offer: Incoming) => {
  try {
    await commit(offer);
  } catch {
    await commit(offer);
  }
};
const one = (name: string, text: string) => incoming([{ path: [name], bytes: Buffer.from(text) }]);
const many = () =>
  incoming([
    { path: ['a'], bytes: randomBytes(1000) },
    { path: ['b'], bytes: randomBytes(blockBytes) },
    { path: ['trip', 'c'], bytes: randomBytes(1000) },
    { path: ['trip', 'd'], bytes: randomBytes(blockBytes) },
  ]);
const everything = ['a', 'b', 'trip', 'trip/c', 'trip/d'];
/** Out of the staging folder, to a name that people see. */
const isFinal = ({ path: from, to }: DiskCall) => to !== undefined && /\/(ready|tree)\//.test(from);

async function arrive(offer: Incoming, conflict: ConflictPolicy = 'keep-both'): Promise<void> {
  await prepare(test.host, offer, conflict);
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
}

/** From that call on nothing works any more, as after a kill. Answers how to bring the disk back. */
function dieAt(when: (call: DiskCall) => boolean): () => void {
  let isDead = false;
  return disk.fail({ when: (call) => (isDead ||= when(call)), errno: 'EIO' });
}

const stagingFolder = () => at(readdirSync(test.downloads).find((name) => name.startsWith('.tincan-'))!);

async function reopen({ transfer }: Incoming, between?: () => void) {
  await test.restart(between);
  await test.host.engine['receive.reopen']({ transfer });
  return test.host.engine['receive.start']({ transfer, leaveOut: [] });
}

function expectBytes(offer: Incoming): void {
  let from = 0;
  for (const entry of offer.entries) {
    const size = entry.kind === 'file' ? entry.size : 0;
    const sent = offer.content.subarray(from, from + size);
    expect(readFileSync(at(...entry.path)).equals(sent), entry.path.join('/')).toBe(true);
    from += size;
  }
}

describe('a disk that refuses for a moment', () => {
  it.each([
    ['link', 'EBUSY'],
    ['link', 'EIO'],
    ['rename', 'EBUSY'],
    ['fchmodSync', 'EIO'],
    ['syncFolder', 'EIO'],
  ])('%s %s: everything is published all the same', async (name, errno) => {
    const offer = many();
    await arrive(offer);
    disk.fail({ when: (call) => call.name === name && (call.to === undefined || isFinal(call)), times: 1, errno });
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
    expectBytes(offer);
  });

  it('twice, and the second time while it is found out which names were taken: everything is published all the same', async () => {
    const offer = many();
    await arrive(offer);
    disk.fail({ when: (call) => call.name === 'link' && isFinal(call), times: 1, errno: 'EBUSY' });
    disk.fail({
      when: ({ name, to }) => name === 'rename' && to?.endsWith('/placing') === true,
      times: 1,
      errno: 'EIO',
    });
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expectBytes(offer);
  });

  // The system has forgotten what it could not write, and calls the next sync of the same file a success.
  it('and makes a file anew that it could not keep', async () => {
    const offer = many();
    await arrive(offer);
    const isMade = ({ path: file }: DiskCall) => /\/(ready|tree)\//.test(file);
    disk.fail({ when: (call) => call.name === 'sync' && isMade(call), times: 1, errno: 'EIO' });
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    const made = disk.calls.filter((call) => isMade(call) && (call.name === 'openSync' || call.name === 'sync'));
    const lost = made.findIndex(({ name }) => name === 'sync');
    expect(lost).toBeGreaterThanOrEqual(0);
    const again = made.slice(lost + 1).map(({ name, path: file }) => `${name} ${file}`);
    expect(again).toContain(`openSync ${made[lost]!.path}`);
    expectBytes(offer);
  });

  it('and takes another name where only this one is refused for good', async () => {
    const offer = one('note.txt', 'new');
    await arrive(offer);
    disk.fail({ when: ({ name, to }) => name === 'link' && path.basename(to ?? '') === 'note.txt', errno: 'EBUSY' });
    expect(await commit(offer)).toMatchObject({ published: 1, faults: [] });
    expect(inPlace()).toEqual(['note (2).txt']);
  });
});

describe('a folder that came whole before a crash', () => {
  it('is known all the same when the first of its files is said to be unreadable after that', async () => {
    const offer = many();
    await arrive(offer);
    const revive = dieAt(({ name }) => name === 'syncFolder' && existsSync(at('trip', 'd')));
    await expect(commit(offer)).rejects.toThrow();
    await reopen(offer, revive);
    const fault = { index: 2, code: 'source-changed' } as const;
    await test.host.engine['receive.fault']({ transfer: offer.transfer, ...fault });
    expect(await commit(offer)).toEqual({ published: 3, faults: [fault] });
    expect(treeOf(test.downloads)).toEqual(everything);
  });
});

describe('a folder for what waits to be put in place', () => {
  it.each(['comes', 'goes'])('%s between two attempts, and large files find their way all the same', async (how) => {
    const offer = incoming([{ path: ['trip', 'c'], bytes: randomBytes(blockBytes) }]);
    if (how === 'goes') mkdirSync(at('trip'));
    await arrive(offer, 'replace');
    const mend = disk.fail({ when: isFinal, errno: 'EACCES' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
    mend();
    if (how === 'goes') rmSync(at('trip'), { recursive: true });
    else mkdirSync(at('trip'));
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(inPlace()).toEqual(['trip', 'trip/c']);
    expectBytes(offer);
  });
});

describe('a full disk', () => {
  const steps: Readonly<Record<string, (call: DiskCall) => boolean>> = {
    'the journal': ({ name, path: file }) => name === 'write' && file.endsWith('/blocks'),
    'the log of publishing is opened': ({ name, path: file }) => name === 'open' && file.endsWith('/placing'),
    'a note in it': ({ name, path: file }) => name === 'append' && file.endsWith('/placing'),
    'a file is made': ({ name, path: file }) => name === 'openSync' && /\/(ready|tree)\//.test(file),
    'a file is filled': ({ name, path: file }) => name === 'writeSync' && /\/(ready|tree)\//.test(file),
    'link to the final name': (call) => call.name === 'link' && isFinal(call),
    'the name of a folder': ({ name, path: file }) => name === 'makeFolder' && path.basename(file) === 'trip',
    'rename to the final name': (call) => call.name === 'rename' && isFinal(call),
    sync: ({ name }) => name === 'syncWholeDisk' || name === 'syncFolder',
  };

  it.each(
    Object.keys(steps).flatMap((step) => [
      [step, 'ENOSPC', 'disk-full'],
      [step, 'EDQUOT', 'disk-quota'],
    ]),
  )('%s: %s ends nothing, and the same call goes on once there is room', async (step, errno, code) => {
    const offer = many();
    // Small files are made while the rest still arrives.
    const isEarly = step === 'the journal' || step.startsWith('a file');
    if (!isEarly) await arrive(offer);
    const makeRoom = disk.fail({ when: steps[step]!, errno });
    if (isEarly) await arrive(offer);
    await expect(commit(offer)).rejects.toMatchObject({ code });
    await expect(commit(offer)).rejects.toMatchObject({ code });
    makeRoom();
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
    expectBytes(offer);
  });

  it('ends it for the files beside it too: nothing goes on after the answer', async () => {
    const offer = incoming(
      Array.from({ length: 60 }, (_, nth) => ({ path: [`${nth}`], bytes: Buffer.from(`${nth}`) })),
    );
    await arrive(offer);
    const makeRoom = disk.fail({ when: (call) => call.name === 'link' && isFinal(call), errno: 'ENOSPC', times: 1 });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-full' });
    const { length } = disk.calls;
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(disk.calls.slice(length)).toEqual([]);
    makeRoom();
    expect(await commit(offer)).toEqual({ published: 60, faults: [] });
    expectBytes(offer);
  });

  it('of the data folder is told as such, and nothing is published twice', async () => {
    const offer = many();
    await arrive(offer);
    const makeRoom = disk.fail({ when: ({ path: file }) => /\/data\/receives\/.*tmp$/.test(file), errno: 'ENOSPC' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'data-folder-full' });
    makeRoom();
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
    expectBytes(offer);
  });

  it.each([
    ['in a new folder', 'asks again', 'c', 2],
    ['in a new folder', 'starts again', 'c', 2],
    ['alone', 'asks again', '0', 0],
    ['alone', 'starts again', '0', 0],
  ])('of the data folder hides no file that cannot be created here at all: %s, and somebody %s', async (...of) => {
    const [, how, created, index] = of;
    const offer = many();
    disk.fail({
      when: ({ name, path: file }) => name === 'openSync' && path.basename(file) === created,
      errno: 'ENAMETOOLONG',
    });
    await arrive(offer);
    const makeRoom = disk.fail({ when: ({ path: file }) => /\/data\/receives\/.*tmp$/.test(file), errno: 'ENOSPC' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'data-folder-full' });
    makeRoom();
    if (how === 'starts again') {
      await test.restart();
      await test.host.engine['receive.reopen'](offer);
      await test.host.engine['receive.start']({ transfer: offer.transfer, leaveOut: [] });
    }
    expect(await commit(offer)).toEqual({ published: 3, faults: [{ index, code: 'disk-name-too-long' }] });
    const missing = index === 2 ? 'trip/c' : 'a';
    expect(treeOf(test.downloads)).toEqual(everything.filter((name) => name !== missing));
  });
});

describe('a transfer that is thrown away while it waits to be put in place', () => {
  const throwAway = ({ transfer }: Incoming) =>
    (async () => test.host.engine['receive.close']({ transfer, keep: false }))();

  it.each([
    ['everything', 4, everything, 'write', (file: string) => /\/data\/receives\/.*tmp$/.test(file)],
    ['a new folder, built whole', 2, ['trip', 'trip/c', 'trip/d'], 'link', () => true],
    ['single files', 2, ['a', 'b'], 'rename', (file: string) => /\/tree\//.test(file)],
    ['nothing', 0, [], 'append', () => true],
  ] as const)('says how many files are in place all the same: %s', async (_what, count, left, name, isOf) => {
    const offer = many();
    await arrive(offer);
    const allow = disk.fail({ when: (call) => call.name === name && isOf(call.path), errno: 'EBUSY' });
    await expect(commit(offer)).rejects.toThrow();
    allow();
    expect(await throwAway(offer)).toEqual({ inPlace: count });
    expect(treeOf(test.downloads)).toEqual(left);
  });

  it('counts none of one that had not begun to be put in place', async () => {
    const offer = many();
    await arrive(offer);
    expect(await throwAway(offer)).toEqual({ inPlace: 0 });
  });
});

describe('a disk that refuses for good', () => {
  it.each([
    ['link', 'EBUSY', ['trip', 'trip/c', 'trip/d']],
    ['link', 'EIO', ['trip', 'trip/c', 'trip/d']],
    ['rename', 'EBUSY', ['a', 'b']],
    ['syncFolder', 'EIO', undefined],
  ] as const)('%s %s: what is verified is kept, and published once it is tried again', async (name, errno, some) => {
    const offer = many();
    await arrive(offer);
    const mend = disk.fail({ when: (call) => call.name === name && (call.to === undefined || isFinal(call)), errno });
    await expect(commit(offer)).rejects.toMatchObject({ code: some === undefined ? 'disk-error' : 'publish-waiting' });
    if (some !== undefined) expect(inPlace()).toEqual(some);
    mend();
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
    expectBytes(offer);
  });

  it('is tried again after a restart too', async () => {
    const offer = many();
    await arrive(offer);
    const mend = disk.fail({ when: (call) => ['link', 'rename'].includes(call.name) && isFinal(call), errno: 'EBUSY' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting', detail: { code: 'disk-error' } });
    mend();
    expect((await reopen(offer)).have).toEqual([[0, offer.blocks]]);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
    expectBytes(offer);
  });

  it.each(['EMFILE', 'EACCES'])('%s while it is taken up again throws nothing of it away', async (errno) => {
    const offer = incoming([{ path: ['big'], bytes: randomBytes(2 * blockBytes) }]);
    await arrive(offer);
    const heal = disk.fail({ when: isFinal, errno: 'EIO' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
    heal();
    disk.fail({ when: ({ name, path: of }) => name === 'facts' && /\/ready\/0$/.test(of), times: 1, errno });
    await expect(reopen(offer)).rejects.toThrow();
    expect(await reopen(offer)).toMatchObject({ have: [[0, offer.blocks]] });
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expectBytes(offer);
  });

  it('is put in place without the sender, and only what had arrived and was checked', async () => {
    const [offer, half] = [many(), one('half.txt', 'half')];
    await arrive(offer);
    await prepare(test.host, half);
    const mend = disk.fail({ when: (call) => ['link', 'rename'].includes(call.name) && isFinal(call), errno: 'EBUSY' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
    await test.restart(mend);
    const list = await test.host.ui['unfinished.list']({});
    expect(new Map(list.map(({ id, isReady }) => [id, isReady]))).toEqual(
      new Map([
        [offer.transfer, true],
        [half.transfer, undefined],
      ]),
    );
    const publish = (transfer: string) => (async () => test.host.ui['unfinished.publish']({ transfer }))();
    await expect(publish(half.transfer)).rejects.toMatchObject({ code: 'transfer-refused' });
    expect(await publish(offer.transfer)).toEqual({ published: 4 });
    expect(inPlace()).toEqual(everything);
    expectBytes(offer);
    expect(await test.host.ui['history.list']({})).toMatchObject([{ id: offer.transfer, state: 'done', files: 4 }]);
    // The sender may hear of it when it is there again.
    expect(await test.host.engine['unfinished.claims']({})).toHaveLength(2);
    expect(await test.host.engine['receive.reopen']({ transfer: offer.transfer })).toMatchObject({
      published: { root: offer.root, faults: [] },
    });
  });

  it.each([0, 10])(
    'is put in place once, where the sender comes back %i turns after a person asked for that',
    async (turns) => {
      const offer = many();
      const { transfer, root } = offer;
      await arrive(offer);
      const mend = disk.fail({
        when: (call) => ['link', 'rename'].includes(call.name) && isFinal(call),
        errno: 'EBUSY',
      });
      await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
      await test.restart(mend);
      const { engine, ui } = test.host;
      await engine['receive.reopen']({ transfer });
      const takeUp = async () => {
        for (let turn = 0; turn < turns; turn += 1) await setImmediate();
        await engine['receive.start']({ transfer, leaveOut: [] });
        return engine['receive.commit']({ transfer, root });
      };
      const [published] = await Promise.allSettled([ui['unfinished.publish']({ transfer }), takeUp()]);
      expect(published).toMatchObject({ value: { published: 4 } });
      await engine['receive.close']({ transfer, keep: true });
      expect([treeOf(test.downloads), test.host.isBusy()]).toEqual([everything, false]);
      expectBytes(offer);
    },
  );

  it.each(['ENOSPC', 'EDQUOT'])('pauses when it is full at the link: %s', async (errno) => {
    const offer = many();
    await arrive(offer);
    const mend = disk.fail({ when: (call) => call.name === 'link' && isFinal(call), errno });
    await expect(commit(offer)).rejects.toMatchObject({ code: errno === 'ENOSPC' ? 'disk-full' : 'disk-quota' });
    mend();
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
  });

  it('shows nothing as unfinished that is in place and whose sender has not heard of it, also after a restart', async () => {
    const offer = many();
    await arrive(offer);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    await test.restart();
    expect(await test.host.ui['unfinished.list']({})).toEqual([]);
    const claims = await test.host.engine['unfinished.claims']({});
    expect(claims.map(({ id }) => id)).toEqual([offer.transfer]);
  });

  it('does not make a published transfer a failed one when the staging folder cannot be removed; the next start does', async () => {
    const offer = many();
    await arrive(offer);
    const mend = disk.fail({
      when: ({ name }) => name === 'removeAll' || name === 'removeEmptyFolder',
      errno: 'EBUSY',
    });
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    await test.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
    expect(inPlace()).toEqual(everything);
    mend();
    await test.restart();
    await expect.poll(() => treeOf(test.downloads)).toEqual(everything);
  });
});

describe('replacing', () => {
  beforeEach(() => writeFileSync(at('note.txt'), 'old'));

  it('gives the old file its name back when the new one does not come', async () => {
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    const mend = disk.fail({
      when: ({ name, path: from, to }) =>
        name === 'link' && from.includes('ready') && to?.endsWith('note.txt') === true,
      errno: 'EIO',
    });
    const mendOther = disk.fail({
      when: ({ name, path: from }) => name === 'link' && from.includes('ready'),
      errno: 'EIO',
    });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
    expect([inPlace(), read('note.txt')]).toEqual([['note.txt'], 'old']);
    mend();
    mendOther();
    await commit(offer);
    expect([inPlace(), read('note.txt')]).toEqual([['note.txt'], 'new']);
  });

  it.each(['is killed', 'fails'])('leaves no second name of the old file when it %s between the two', async (how) => {
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    const isFirstName = (call: DiskCall) => call.name === 'removeFile' && call.path.endsWith('note.txt');
    // A kill between the two names, and a first name that cannot be removed.
    const mend = how === 'is killed' ? dieAt(isFirstName) : disk.fail({ when: isFirstName, errno: 'EBUSY' });
    await expect(commit(offer)).rejects.toThrow();
    await reopen(offer, mend);
    await commit(offer);
    expect([treeOf(test.downloads), read('note.txt')]).toEqual([['note.txt'], 'new']);
  });

  it('keeps both where there is no trash', async () => {
    trash = async () => {
      throw new Error('no trash');
    };
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect([read('note.txt'), read('note (replaced).txt')]).toEqual(['new', 'old']);
  });

  it.each(['while the new one gets its name', 'once the new one is on the disk'])(
    'does not trash a file that another program put in the place of the old one %s',
    async (when) => {
      const trashed: string[] = [];
      trash = async (file) => {
        trashed.push(readFileSync(file, 'utf8'));
        rmSync(file);
      };
      const offer = one('note.txt', 'new');
      await arrive(offer, 'replace');
      let theirs: string | undefined;
      disk.fail({
        when({ name, path: from }) {
          const isNow = when.startsWith('while') ? name === 'link' && from.includes('ready') : name === 'syncFolder';
          const old = inPlace().find((file) => file.includes('(replaced'));
          if (
            !isNow ||
            old === undefined ||
            theirs !== undefined ||
            (name === 'syncFolder' && read('note.txt') !== 'new')
          )
            return false;
          theirs = old;
          writeFileSync(path.join(test.folder, 'theirs'), 'theirs');
          fs.renameSync(path.join(test.folder, 'theirs'), at(old));
          return false;
        },
        errno: 'EIO',
      });
      expect(await commit(offer)).toEqual({ published: 1, faults: [] });
      expect([read('note.txt'), read(theirs!), trashed]).toEqual(['new', 'theirs', []]);
    },
  );

  it('does not trash the old file before the new one is on the disk', async () => {
    const order: string[] = [];
    trash = async () => void order.push('trash');
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    const before = disk.calls.length;
    trash = async () => {
      order.push(...disk.calls.slice(before).map(({ name }) => name), 'trash');
    };
    await commit(offer);
    expect(order.lastIndexOf('syncFolder')).toBeGreaterThan(order.lastIndexOf('link'));
    expect(order.at(-1)).toBe('trash');
  });

  it('that is killed between the two leaves the old file where it was, once the transfer is thrown away', async () => {
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    const dead = dieAt(
      ({ name, path: from, to }) => name === 'link' && from.includes('ready') && to?.endsWith('note.txt') === true,
    );
    await expect(commit(offer)).rejects.toThrow();
    expect([existsSync(at('note.txt')), read(aside())]).toEqual([false, 'old']);
    await test.restart(dead);
    await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
    expect([treeOf(test.downloads), read('note.txt')]).toEqual([['note.txt'], 'old']);
  });

  it.each([
    ['the log', 'read', 'placing', 'EIO'],
    ['the list', 'readText', '.manifest', 'EMFILE'],
    ['the folder', 'openFolder', 'downloads', 'EMFILE'],
  ])(
    'gives the old file its name back, though %s cannot be read when the transfer is thrown away',
    async (...where) => {
      const [, call, end, errno] = where;
      const offer = one('note.txt', 'new');
      await arrive(offer, 'replace');
      const dead = dieAt(
        ({ name, path: from, to }) => name === 'link' && from.includes('ready') && to?.endsWith('note.txt') === true,
      );
      await expect(commit(offer)).rejects.toThrow();
      await test.restart(dead);
      disk.fail({ when: ({ name, path: at }) => name === call && at.endsWith(end), times: 1, errno });
      await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
      expect(await test.host.ui['unfinished.list']({})).toEqual([]);
      await test.restart();
      await expect.poll(() => treeOf(test.downloads)).toEqual(['note.txt']);
      expect(read('note.txt')).toBe('old');
    },
  );
});

// Mounted for everybody, with files that belong to root: `umask=000` without `uid`.
describe('a disk that takes neither times nor modes', () => {
  it.each(['EPERM', 'ENOTSUP'])('gets everything all the same: %s', async (errno) => {
    const files = many();
    const folder = { kind: 'folder', path: ['trip', 'empty'], mtimeMs: 0 } as const;
    const offer = { ...files, entries: [...files.entries, folder] };
    await arrive(offer);
    disk.fail({ when: ({ name }) => ['futimesSync', 'fchmodSync', 'setTime'].includes(name), errno });
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expectBytes(files);
    expect(inPlace()).toEqual([...everything, 'trip/empty']);
  });
});

describe('a name as long as a disk takes', () => {
  const long = `${'n'.repeat(251)}.txt`;

  it.each(['keep-both', 'replace'] as const)(
    'that is in use is cut for the next one, and nothing is lost: %s',
    async (how) => {
      const trashed: string[] = [];
      trash = async (file) => {
        trashed.push(readFileSync(file, 'utf8'));
        rmSync(file);
      };
      writeFileSync(at(long), 'old');
      const offer = one(long, 'new');
      await arrive(offer, how);
      expect(await commit(offer)).toEqual({ published: 1, faults: [] });
      const isReplacing = how === 'replace';
      expect([inPlace().length, read(long), trashed]).toEqual(isReplacing ? [1, 'new', ['old']] : [2, 'old', []]);
      expect(inPlace().map(read)).toContain('new');
    },
  );

  it('of a folder, too', async () => {
    const folder = 'n'.repeat(255);
    mkdirSync(at(folder));
    const offer = incoming([{ path: [folder, 'a'], bytes: Buffer.from('new') }]);
    await arrive(offer);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(inPlace().map((name) => path.basename(name))).toContain('a');
  });
});

// EISDIR: exFAT and FAT under Windows, as Node calls it.
describe.each(['EPERM', 'EISDIR'])('a disk without hard links (%s)', (errno) => {
  beforeEach(() => {
    disk.fail({ when: ({ name }) => name === 'link', errno });
  });

  it('gets everything all the same, and never writes over what is there', async () => {
    writeFileSync(at('a'), 'there before');
    const offer = many();
    await arrive(offer);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(['a', 'a (2)', ...everything.slice(1)]);
    expect(read('a')).toBe('there before');
  });

  it.each([
    ['throws it away', 1],
    ['goes on', 1],
    ['throws it away', 3],
    ['goes on', 3],
  ] as const)('keeps no reserved name after a kill, whoever then %s (%i)', async (what, nth) => {
    const offer = many();
    await arrive(offer);
    let renames = 0;
    const dead = dieAt((call) => call.name === 'rename' && isFinal(call) && ++renames === nth);
    await expect(commit(offer)).rejects.toThrow();
    const isEmpty = (name: string) =>
      statSync(at(name)).isFile() ? statSync(at(name)).size === 0 : !treeOf(at(name))[0];
    expect(inPlace().some(isEmpty)).toBe(true);
    if (what === 'goes on') {
      await reopen(offer, dead);
      expect(await commit(offer)).toEqual({ published: 4, faults: [] });
      expectBytes(offer);
      expect(treeOf(test.downloads)).toEqual(everything);
    } else {
      const there = inPlace().filter((name) => !isEmpty(name));
      await test.restart(dead);
      await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
      expect(treeOf(test.downloads)).toEqual(there);
    }
  });
});

describe('replacing on a disk without hard links', () => {
  let trashed: string[];
  beforeEach(() => {
    disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
    writeFileSync(at('note.txt'), 'old');
    trashed = [];
    trash = async (file) => {
      trashed.push(readFileSync(file, 'utf8'));
      rmSync(file);
    };
  });

  it('keeps the old file, whatever the disk says about removing its first name', async () => {
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    disk.fail({ when: ({ name, path: file }) => name === 'removeFile' && file.endsWith('note.txt'), errno: 'EBUSY' });
    await commitTwice(offer);
    expect([inPlace(), read('note.txt'), trashed]).toEqual([['note.txt'], 'new', ['old']]);
  });

  it('leaves no empty file where it was killed while the name for the old one was reserved', async () => {
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    const dead = dieAt(({ name, to }) => name === 'rename' && /\(replaced [0-9a-f]{8}\)\.txt$/.test(to ?? ''));
    await expect(commit(offer)).rejects.toThrow();
    expect([read('note.txt'), read(aside())]).toEqual(['old', '']);
    await reopen(offer, dead);
    await commit(offer);
    expect([treeOf(test.downloads), read('note.txt'), trashed]).toEqual([['note.txt'], 'new', ['old']]);
  });

  it.each([1, 2, 3, 4])('comes to its end where the log of names fails once, at line %i', async (nth) => {
    const offer = one('note.txt', 'new');
    await arrive(offer, 'replace');
    let lines = 0;
    disk.fail({ when: ({ name }) => name === 'append' && ++lines === nth, errno: 'EIO' });
    await commitTwice(offer);
    expect([treeOf(test.downloads), read('note.txt'), trashed]).toEqual([['note.txt'], 'new', ['old']]);
  });
});

// A network disk that lost the answer, or asked its server twice.
describe('what is done, though the disk says that it failed', () => {
  let trashed: string[];
  beforeEach(() => {
    writeFileSync(at('note.txt'), 'old');
    trashed = [];
    trash = async (file) => {
      trashed.push(readFileSync(file, 'utf8'));
      rmSync(file);
    };
  });
  const isNote = (file: string | undefined) => file?.endsWith('/note.txt') === true;

  it.each<[what: string, hasLinks: boolean, errno: string, when: (call: DiskCall) => boolean]>([
    ['removing its first name', true, 'EIO', ({ name, path: of }) => name === 'removeFile' && isNote(of)],
    ['giving it another name', false, 'EIO', ({ name, path: of }) => name === 'rename' && isNote(of)],
    ['giving it a second name', true, 'EEXIST', ({ name, path: of }) => name === 'link' && isNote(of)],
    ['giving the new one its name', false, 'EIO', ({ name, to }) => name === 'rename' && isNote(to)],
    ['linking the new one', true, 'EEXIST', ({ name, to }) => name === 'link' && isNote(to)],
  ])('an old file is not lost, nor the new one, by %s', async (_, hasLinks, errno, when) => {
    if (!hasLinks) disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
    const offer = incoming([{ path: ['note.txt'], bytes: Buffer.alloc(blockBytes, 'new') }]);
    await arrive(offer, 'replace');
    disk.fail({ when, times: 1, errno, after: true });
    await commitTwice(offer);
    expect([inPlace(), trashed]).toEqual([['note.txt'], ['old']]);
    expectBytes(offer);
  });

  it('a folder that came whole hides nothing that was left out of it, by giving it its name', async () => {
    const offer = many();
    disk.fail({
      when: ({ name, path: file }) => name === 'openSync' && path.basename(file) === 'c',
      errno: 'ENAMETOOLONG',
    });
    await arrive(offer);
    disk.fail({ when: (call) => call.name === 'rename' && isFinal(call), times: 1, errno: 'EIO', after: true });
    const makeRoom = disk.fail({ when: ({ path: file }) => /\/data\/receives\/.*tmp$/.test(file), errno: 'ENOSPC' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'data-folder-full' });
    makeRoom();
    expect(await commit(offer)).toEqual({ published: 3, faults: [{ index: 2, code: 'disk-name-too-long' }] });
    expect(inPlace()).toEqual(['a', 'b', 'note.txt', 'trip', 'trip/d']);
  });

  it('a folder that reserved a name is not left behind, by making it', async () => {
    const offer = many();
    await arrive(offer);
    disk.fail({
      when: ({ name, path: of }) => name === 'makeFolder' && path.basename(of) === 'trip',
      times: 1,
      errno: 'EIO',
      after: true,
    });
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(inPlace()).toEqual(['a', 'b', 'note.txt', 'trip', 'trip/c', 'trip/d']);
  });

  it('an empty file that reserved a name, and was filled by somebody before the disk refused, stays', async () => {
    disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
    const offer = one('other.txt', 'new');
    await arrive(offer);
    disk.fail({
      when: ({ name, to }) => {
        const is = name === 'rename' && to?.endsWith('/other.txt') === true;
        if (is) writeFileSync(at('other.txt'), 'theirs');
        return is;
      },
      times: 1,
      errno: 'EBUSY',
    });
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect([read('other.txt'), read('other (2).txt')]).toEqual(['theirs', 'new']);
  });
});

describe('a look that fails for a moment', () => {
  it.each(['EMFILE', 'EACCES', 'EIO'])('gives no other name to what replaces a file: %s', async (errno) => {
    writeFileSync(at('a.txt'), 'old');
    const offer = one('a.txt', 'new');
    await arrive(offer, 'replace');
    disk.fail({ when: ({ name, path: of }) => name === 'facts' && of.endsWith('/a.txt'), times: 1, errno });
    await commitTwice(offer);
    expect([inPlace(), read('a.txt')]).toEqual([['a.txt'], 'new']);
  });

  it.each(['EMFILE', 'EIO'])(
    'gives no other name to a folder that is put into one that is there: %s',
    async (errno) => {
      mkdirSync(at('trip'));
      const offer = incoming([{ path: ['trip', 'c'], bytes: randomBytes(blockBytes) }]);
      await arrive(offer, 'replace');
      disk.fail({ when: ({ name, path: of }) => name === 'facts' && of.endsWith('/trip'), times: 1, errno });
      await commitTwice(offer);
      expect(inPlace()).toEqual(['trip', 'trip/c']);
    },
  );
});

describe('a folder whose name was reserved', () => {
  it.each(['EEXIST', 'ENOTEMPTY', 'EACCES', 'EISDIR'])(
    'takes that name on a disk that puts no folder in the place of another one: %s',
    async (errno) => {
      const offer = incoming([{ path: ['trip', 'c'], bytes: randomBytes(1000) }]);
      await arrive(offer);
      disk.fail({ when: (call) => call.name === 'rename' && isFinal(call) && existsSync(call.to!), errno });
      let made = 0;
      disk.fail({ when: ({ name }) => name === 'makeFolder' && ++made > 20, errno: 'ENOSPC' });
      expect(await commit(offer)).toEqual({ published: 1, faults: [] });
      expect(treeOf(test.downloads)).toEqual(['trip', 'trip/c']);
    },
  );

  it('and then filled by somebody else stays theirs', async () => {
    const offer = incoming([{ path: ['trip', 'c'], bytes: randomBytes(1000) }]);
    await arrive(offer);
    const dead = disk.fail({
      when: (call) => (call.name === 'rename' && isFinal(call)) || call.name === 'removeEmptyFolder',
      errno: 'EIO',
    });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
    for (const name of readdirSync(test.downloads)) if (name.startsWith('trip')) writeFileSync(at(name, 'theirs'), 'x');
    dead();
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    const ours = readdirSync(test.downloads).filter((name) => existsSync(at(name, 'c')));
    expect([ours.length, treeOf(at('trip'))]).toEqual([1, ['theirs']]);
  });

  it('and is an empty one of somebody else, is left to them: after a kill, too', async () => {
    mkdirSync(at('trip'));
    const offer = incoming([{ path: ['trip', 'c'], bytes: randomBytes(1000) }]);
    await arrive(offer);
    const dead = dieAt(
      ({ name, path: of }) => name === 'makeFolder' && /trip( \(2\))?$/.test(of) && !of.includes('/tree/'),
    );
    await expect(commit(offer)).rejects.toThrow();
    await test.restart(dead);
    await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
    expect(treeOf(test.downloads)).toEqual(['trip']);
  });

  it('before a kill, and filled by somebody else since, is given up at once for the next name', async () => {
    await test.close();
    let pauses = 0;
    const clock: Clock = {
      ...hastyClock,
      after(ms, task) {
        if (publishRetryMs.includes(ms)) pauses += 1;
        return hastyClock.after(ms, task);
      },
    };
    test = await openTestHost({ disk, clock });
    const offer = incoming([{ path: ['trip', 'c'], bytes: randomBytes(1000) }]);
    await arrive(offer);
    const dead = dieAt((call) => call.name === 'rename' && isFinal(call));
    await expect(commit(offer)).rejects.toThrow();
    await reopen(offer, () => {
      dead();
      writeFileSync(at('trip', 'theirs'), 'x');
    });
    pauses = 0;
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect([pauses, treeOf(at('trip')), treeOf(at('trip (2)'))]).toEqual([0, ['theirs'], ['c']]);
  });
});

describe('files that wait in the staging folder after a crash', () => {
  it.each(['small', 'large'] as const)(
    'are proven again: a bit that flipped in a %s one is asked for again',
    async (which) => {
      const offer = many();
      await arrive(offer);
      const dead = disk.fail({ when: (call) => call.name === 'link' && isFinal(call), errno: 'EIO' });
      await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
      dead();
      const staging = at(readdirSync(test.downloads).find((name) => name.startsWith('.tincan-'))!);
      const file = which === 'small' ? path.join(staging, 'small.pack') : path.join(staging, 'ready', '1');
      const bytes = readFileSync(file);
      bytes[100]! ^= 1;
      await test.host.close();
      writeFileSync(file, bytes);
      const { have } = await reopen(offer);
      expect(have).not.toEqual([[0, offer.blocks]]);
      const held = new Set(have.flatMap(([from, to]) => Array.from({ length: to - from }, (_, nth) => from + nth)));
      for (let block = 0; block < offer.blocks; block += 1)
        if (!held.has(block)) await writeBlock(test.host, offer, block);
      expect(await commit(offer)).toEqual({ published: 4, faults: [] });
      expect(treeOf(test.downloads)).toEqual(everything);
      expectBytes(offer);
    },
  );

  it.each([
    ['is gone', (file: string) => rmSync(file)],
    ['has lost its bytes', (file: string) => writeFileSync(file, '')],
    ['has lost some of its bytes', (file: string) => fs.truncateSync(file, 10)],
  ])('a file that the log calls published, and that %s after a power cut, is there in the end', async (_, cut) => {
    const offer = many();
    await arrive(offer);
    // Both files at the top have their names by then.
    const revive = dieAt((call) => isFinal(call) && call.to!.endsWith('trip'));
    await expect(commit(offer)).rejects.toThrow();
    expect(inPlace()).toContain('b');
    const { have } = await reopen(offer, () => {
      revive();
      cut(at('b'));
    });
    const held = new Set(have.flatMap(([from, to]) => Array.from({ length: to - from }, (_, nth) => from + nth)));
    for (let block = 0; block < offer.blocks; block += 1)
      if (!held.has(block)) await writeBlock(test.host, offer, block);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    const sent = offer.content.subarray(1000, 1000 + blockBytes);
    expect(inPlace().some((name) => name.startsWith('b') && readFileSync(at(name)).equals(sent))).toBe(true);
  });

  it('a folder that the log calls published, and that a power cut left as its empty name, is there in the end', async () => {
    const offer = many();
    await arrive(offer);
    const revive = dieAt(({ name }) => name === 'syncFolder' && existsSync(at('trip', 'd')));
    await expect(commit(offer)).rejects.toThrow();
    const { have } = await reopen(offer, () => {
      revive();
      fs.renameSync(at('trip'), path.join(stagingFolder(), 'tree', 'trip'));
      mkdirSync(at('trip'));
    });
    expect(have).toEqual([[0, offer.blocks]]);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
    expectBytes(offer);
  });

  const note = () => at('note.txt');
  const old = () => at(aside());
  const ready = () => path.join(stagingFolder(), 'ready', '0');

  // The log is newer than the names that it speaks of; the old file is as long as the new one.
  it.each<[what: string, hasLinks: boolean, cut: () => unknown]>([
    ['the old file back under its name', true, () => [rmSync(note()), fs.linkSync(old(), note())]],
    ['the old file aside and nothing in its place', true, () => rmSync(note())],
    ['everything as it was', false, () => [fs.renameSync(note(), ready()), fs.renameSync(old(), note())]],
    ['the old file aside and nothing of the new one', false, () => fs.truncateSync(note(), 0)],
    [
      'the old file aside and an empty one in its place',
      false,
      () => [fs.renameSync(note(), ready()), writeFileSync(note(), '')],
    ],
  ])(
    'a file that the log calls replaced: a power cut leaves %s, and it is replaced in the end',
    async (_, hasLinks, cut) => {
      if (!hasLinks) disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
      const trashed: string[] = [];
      trash = async (file) => {
        trashed.push(readFileSync(file, 'utf8'));
        rmSync(file);
      };
      const bytes = Buffer.alloc(blockBytes, 'new');
      writeFileSync(note(), bytes.fill('old'));
      const offer = incoming([{ path: ['note.txt'], bytes: Buffer.alloc(blockBytes, 'new') }]);
      await arrive(offer, 'replace');
      const revive = dieAt(
        ({ name }) =>
          name === 'syncFolder' && existsSync(old()) && existsSync(note()) && read('note.txt').startsWith('new'),
      );
      await expect(commit(offer)).rejects.toThrow();
      const { have } = await reopen(offer, () => {
        revive();
        cut();
      });
      if (have.length === 0) await writeBlock(test.host, offer, 0);
      expect(await commit(offer)).toEqual({ published: 1, faults: [] });
      expect([treeOf(test.downloads), trashed.map((text) => text.slice(0, 3))]).toEqual([['note.txt'], ['old']]);
      expectBytes(offer);
    },
  );

  it('what has its name is known, though a power cut tore the line before it', async () => {
    const offer = many();
    await arrive(offer);
    let revive = dieAt(({ name, path: of }) => name === 'append' && of.endsWith('/placing'));
    await expect(commit(offer)).rejects.toThrow();
    await reopen(offer, () => {
      revive();
      writeFileSync(path.join(stagingFolder(), 'placing'), '[0,"/somewh');
    });
    revive = dieAt(({ name, path: of }) => name === 'append' && of.endsWith('/placing') && existsSync(at('b')));
    await expect(commit(offer)).rejects.toThrow();
    const { have } = await reopen(offer, revive);
    expect(have).toEqual([[0, offer.blocks]]);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expect(treeOf(test.downloads)).toEqual(everything);
  });

  it('a log of an earlier version is understood', async () => {
    const offer = one('note.txt', 'new');
    await arrive(offer);
    await test.host.close();
    const staging = at(readdirSync(test.downloads)[0]!);
    // As it linked: the final name first, then the one in the staging folder went.
    mkdirSync(path.join(staging, 'ready'), { recursive: true });
    rmSync(path.join(staging, 'ready', '0'), { force: true });
    writeFileSync(at('note.txt'), 'new');
    writeFileSync(path.join(staging, 'placing'), `${JSON.stringify([0, at('note.txt')])}\n`);
    await reopen(offer);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(treeOf(test.downloads)).toEqual(['note.txt']);
  });
});

describe('an empty folder that cannot be made', () => {
  const trip = (): Incoming => {
    const files = incoming([{ path: ['trip', 'a'], bytes: Buffer.from('a') }]);
    const folder = { kind: 'folder', path: ['trip', 'empty'], mtimeMs: 0 } as const;
    return { ...files, entries: [...files.entries, folder] };
  };
  const told = async (offer: Incoming, code: string) => {
    const faults = [{ index: 1, code, isFolder: true }];
    expect(await commit(offer)).toEqual({ published: 1, faults });
    await test.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
    const { transfer } = offer;
    const published = { root: offer.root, files: 1, faults };
    expect(await test.host.engine['receive.reopen']({ transfer })).toMatchObject({ published });
    expect(await test.host.engine['receive.start']({ transfer, leaveOut: [] })).toMatchObject({ files: 1 });
    await test.restart();
    expect(await test.host.engine['receive.reopen']({ transfer })).toMatchObject({ published });
  };

  it('is told as a folder, and counts as no file: something else has its name', async () => {
    mkdirSync(at('trip'));
    writeFileSync(at('trip', 'empty'), 'a file');
    const offer = trip();
    await arrive(offer, 'skip');
    await told(offer, 'destination-refused');
    expect(read('trip/empty')).toBe('a file');
  });

  it('is tried for a while, and then told instead of keeping the files waiting', async () => {
    mkdirSync(at('trip'));
    const offer = trip();
    await arrive(offer, 'skip');
    const isIt = ({ name, path: folder }: DiskCall) => name === 'makeFolder' && folder.endsWith('/empty');
    disk.fail({ when: isIt, errno: 'EACCES' });
    await told(offer, 'disk-denied');
    expect(disk.calls.filter(isIt)).toHaveLength(publishRetryMs.length + 1);
    expect(read('trip/a')).toBe('a');
  });

  it('is no file of which somebody may say that it cannot be read', async () => {
    const offer = trip();
    await prepare(test.host, offer);
    const fault = { transfer: offer.transfer, index: 1, code: 'source-missing' };
    await expect(async () => test.host.engine['receive.fault'](fault)).rejects.toMatchObject({
      code: 'transfer-refused',
    });
  });
});

describe('a folder in a new one whose name is too long for this disk', () => {
  const trip = (): Incoming => {
    const files = incoming([
      { path: ['trip', 'a'], bytes: randomBytes(1000) },
      { path: ['trip', 'long', 'b'], bytes: randomBytes(blockBytes) },
      { path: ['trip', 'long', 'in', 'c'], bytes: randomBytes(1000) },
    ]);
    const folder = { kind: 'folder', path: ['trip', 'long', 'empty'], mtimeMs: 0 } as const;
    return { ...files, entries: [...files.entries, folder] };
  };
  const code = 'disk-name-too-long';
  const faults = [
    { index: 1, code },
    { index: 2, code },
    { index: 3, code, isFolder: true },
  ];
  beforeEach(() => {
    const isLong = (of = '') => /\/trip\/long(\/|$)/.test(of);
    disk.fail({ when: ({ path: of, to }) => isLong(of) || isLong(to), errno: 'ENAMETOOLONG' });
  });

  it('costs what would be in it, and nothing else of the folder', async () => {
    const offer = trip();
    await arrive(offer);
    const told = await commit(offer);
    expect([told.published, told.faults.toSorted((a, b) => a.index - b.index)]).toEqual([1, faults]);
    expect(treeOf(test.downloads)).toEqual(['trip', 'trip/a']);
    expect(readFileSync(at('trip', 'a')).equals(offer.content.subarray(0, 1000))).toBe(true);
  });

  it.each(['asks again', 'starts again'])('is told of all the same by whoever %s', async (how) => {
    const offer = trip();
    await arrive(offer);
    const makeRoom = disk.fail({ when: ({ path: file }) => /\/data\/receives\/.*tmp$/.test(file), errno: 'ENOSPC' });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'data-folder-full' });
    makeRoom();
    if (how === 'starts again') await reopen(offer);
    const told = await commit(offer);
    expect([told.published, told.faults.toSorted((a, b) => a.index - b.index)]).toEqual([1, faults]);
    expect(treeOf(test.downloads)).toEqual(['trip', 'trip/a']);
  });

  it('costs nothing more where a file in it could not be read by its sender', async () => {
    const offer = trip();
    await prepare(test.host, offer);
    await test.host.engine['receive.fault']({ transfer: offer.transfer, index: 2, code: 'source-missing' });
    for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
    expect(await commit(offer)).toMatchObject({ published: 1 });
    expect(treeOf(test.downloads)).toEqual(['trip', 'trip/a']);
  });
});
