// A folder within the destination that is another disk: a mount point, or a subvolume. No name leads there from the staging folder, and
// what is sent into it arrives all the same.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { type DiskCall, type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { type Incoming, incoming, killWhilePublishing, prepare, writeBlock } from './receive-steps.ts';
import { hastyClock, openTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
let disk: FailingDisk;
let trashed: string[];
let hasLinks: boolean;

const at = (...names: string[]) => path.join(test.downloads, ...names);
const read = (...names: string[]) => readFileSync(at(...names), 'utf8');
const commit = ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });

/** A disk on which `sub` in the downloads is another one, as far as names go. */
function openDividedDisk(): Disk {
  const real = openRealDisk();
  const isInSub = (file: string) => `${realpathSync(path.dirname(file))}/`.startsWith(`${realpathSync(at('sub'))}/`);
  const refuse = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  const isAcross = (from: string, to: string) => isInSub(from) !== isInSub(to);
  return {
    ...real,
    link(file, name) {
      if (existsSync(at('sub')) && isAcross(file, name)) return refuse('EXDEV');
      return hasLinks ? real.link(file, name) : refuse('EPERM');
    },
    rename: (from, to) => (existsSync(at('sub')) && isAcross(from, to) ? refuse('EXDEV') : real.rename(from, to)),
  };
}

async function open(of: Disk): Promise<void> {
  disk = openFailingDisk(of, fs);
  trashed = [];
  hasLinks = true;
  const trash = async (file: string) => {
    trashed.push(readFileSync(file, 'utf8'));
    rmSync(file);
  };
  test = await openTestHost({ disk, clock: hastyClock, trash });
  mkdirSync(at('sub'));
}

async function arrive(offer: Incoming, conflict: ConflictPolicy): Promise<void> {
  await prepare(test.host, offer, conflict);
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
}

async function goOn(offer: Incoming): Promise<void> {
  const { transfer } = offer;
  const kept = await test.host.engine['receive.reopen']({ transfer });
  const { have } = await test.host.engine['receive.start']({ transfer, leaveOut: [] });
  const isHeld = (block: number) => have.some(([from, to]) => block >= from && block < to);
  for (let block = 0; kept.published === undefined && block < offer.blocks; block += 1)
    if (!isHeld(block)) await writeBlock(test.host, offer, block);
  await commit(offer);
}

const two = () =>
  incoming([
    { path: ['sub', 'big'], bytes: Buffer.alloc(2 * blockBytes + 5, 'new'), executable: true },
    { path: ['sub', 'deep', 'small'], bytes: randomBytes(1000) },
  ]);

describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('a mount point (needs root)', () => {
  const mount = (...options: string[]) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', ['size=16m', ...options].join(), 'tmpfs', at('sub')]);
  beforeEach(async () => {
    await open(openRealDisk());
    mount();
  });
  afterEach(async () => {
    execFileSync('umount', ['-l', at('sub')]);
    await test.close();
  });

  it.each(['replace', 'skip'] as const)('gets files with their content and times: %s', async (conflict) => {
    if (conflict === 'replace') writeFileSync(at('sub', 'big'), 'old');
    const offer = two();
    await arrive(offer, conflict);
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect(treeOf(test.downloads)).toEqual(['sub', 'sub/big', 'sub/deep', 'sub/deep/small']);
    const all = Buffer.concat([readFileSync(at('sub', 'big')), readFileSync(at('sub', 'deep', 'small'))]);
    expect(all.equals(offer.content)).toBe(true);
    expect(statSync(at('sub', 'big')).mtimeMs).toBe(1_600_000_000_000);
    expect(trashed).toEqual(conflict === 'replace' ? ['old'] : []);
    const synced = disk.calls.filter(({ name }) => name === 'syncFolder').map(({ path: of }) => path.basename(of));
    expect(synced).toContain('deep');
  });

  it('without room keeps nobody else waiting, and gets its file once there is some', async () => {
    const filler = at('sub', 'filler');
    execFileSync('fallocate', ['-l', '15m', filler]);
    const offer = incoming([
      { path: ['sub', 'big'], bytes: randomBytes(2 * blockBytes) },
      { path: ['sub', 'small'], bytes: randomBytes(1000) },
      { path: ['note.txt'], bytes: Buffer.from('note') },
    ]);
    await arrive(offer, 'skip');
    await expect(commit(offer)).rejects.toMatchObject({
      code: 'publish-waiting',
      detail: { files: 1, code: 'disk-full' },
    });
    expect(treeOf(test.downloads).filter((name) => !name.startsWith('.tincan-'))).toEqual([
      ...['note.txt', 'sub', 'sub/filler', 'sub/small'],
    ]);
    rmSync(filler);
    expect(await commit(offer)).toEqual({ published: 3, faults: [] });
    expect(treeOf(test.downloads)).toEqual(['note.txt', 'sub', 'sub/big', 'sub/small']);
  });
});

describe('another disk', () => {
  beforeEach(() => open(openDividedDisk()));
  afterEach(() => test.close());

  it.each([true, false])(
    'never has its files written over, and keeps their names free of ours (links: %s)',
    async (links) => {
      hasLinks = links;
      writeFileSync(at('sub', 'big'), 'theirs');
      const offer = two();
      await arrive(offer, 'skip');
      expect(await commit(offer)).toEqual({ published: 2, faults: [] });
      expect(treeOf(test.downloads)).toEqual(['sub', 'sub/big', 'sub/big (2)', 'sub/deep', 'sub/deep/small']);
      expect(read('sub', 'big')).toBe('theirs');
    },
  );

  it('keeps no copy that could not be removed at once', async () => {
    writeFileSync(at('sub', 'big'), 'old');
    const offer = two();
    await arrive(offer, 'replace');
    const isCopy = ({ name, path: of }: DiskCall) => name === 'removeFile' && path.basename(of).startsWith('.tincan-');
    disk.fail({ when: isCopy, times: 1, errno: 'EIO' });
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect(treeOf(test.downloads)).toEqual(['sub', 'sub/big', 'sub/deep', 'sub/deep/small']);
    expect([read('sub', 'big').length, trashed]).toEqual([2 * blockBytes + 5, ['old']]);
  });

  it('gets a file whose name was only reserved there', async () => {
    hasLinks = false;
    const offer = two();
    await arrive(offer, 'skip');
    const isOf = (what: string) => (call: DiskCall) =>
      call.name === what && path.basename(call.to ?? call.path) === 'big';
    disk.fail({ when: (call) => isOf('rename')(call) && call.path.includes('.tincan-'), times: 1, errno: 'EIO' });
    disk.fail({ when: isOf('removeFile'), times: 1, errno: 'EIO' });
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect(read('sub', 'big').length).toBe(2 * blockBytes + 5);
    expect(treeOf(test.downloads)).toEqual(['sub', 'sub/big', 'sub/deep', 'sub/deep/small']);
  });

  it('has no file taken for ours that could not be looked at for a moment', async () => {
    writeFileSync(at('sub', 'big'), 'theirs');
    const offer = two();
    await arrive(offer, 'skip');
    let isCopied = false;
    const isIts = (call: DiskCall) => {
      isCopied ||= call.name === 'setTime';
      return isCopied && path.basename(call.to ?? call.path) === 'big';
    };
    for (const name of ['facts', 'link'])
      disk.fail({ when: (call) => isIts(call) && call.name === name, times: 1, errno: 'EIO' });
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect([read('sub', 'big'), read('sub', 'big (2)').length]).toEqual(['theirs', 2 * blockBytes + 5]);
    expect(treeOf(test.downloads)).toEqual(['sub', 'sub/big', 'sub/big (2)', 'sub/deep', 'sub/deep/small']);
  });

  it.each(['goes on', 'is thrown away'])('gets no copy back by a power cut, whose transfer %s', async (what) => {
    const offer = two();
    await arrive(offer, 'skip');
    const changes: string[] = [];
    const isOfCopy = ({ path: of }: DiskCall) => path.basename(of).startsWith('.tincan-') && !of.includes('/data/');
    const isInSub = (folder: string) => existsSync(folder) && realpathSync(folder) === realpathSync(at('sub'));
    let isDead = false;
    const revive = disk.fail({
      when: (call) => (isDead ||= call.name === 'write' && isOfCopy(call)),
      errno: 'EIO',
    });
    await expect(commit(offer)).rejects.toThrow();
    await test.restart(revive);
    expect(treeOf(at('sub')).some((name) => name.startsWith('.tincan-'))).toBe(true);
    disk.fail({
      when({ name, path: of, to }) {
        if (name === 'removeFile' && isOfCopy({ name, path: of })) changes.push('copy removed');
        if (name === 'syncFolder' && isInSub(of)) changes.push('its folder synced');
        const isLog = path.basename(to ?? of) === 'placing';
        if (isLog && (name === 'rename' || name === 'removeAll')) changes.push('log says nothing of it');
        return false;
      },
      errno: 'EIO',
    });
    if (what === 'goes on') await goOn(offer);
    else await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
    expect(changes.slice(0, 3)).toEqual(['copy removed', 'its folder synced', 'log says nothing of it']);
  });

  it('is left by a copy that takes long when its transfer is put away', async () => {
    const offer = two();
    await arrive(offer, 'skip');
    let closing: unknown;
    disk.fail({
      when({ name, path: of }) {
        const isCopy = name === 'write' && path.basename(of).startsWith('.tincan-');
        if (isCopy) closing ??= test.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
        return false;
      },
      errno: 'EIO',
    });
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
    await closing;
    expect(treeOf(at('sub')).filter((name) => name !== 'deep' && name !== 'deep/small')).toEqual([]);
    await goOn(offer);
    expect(treeOf(test.downloads)).toEqual(['sub', 'sub/big', 'sub/deep', 'sub/deep/small']);
  });

  it.each([
    ['goes on', true],
    ['goes on', false],
    ['is thrown away', true],
    ['is thrown away', false],
  ])(
    'has each file once and whole, wherever the program is killed, and the transfer then %s (links: %s)',
    async (what, links) => {
      hasLinks = links;
      const changes = new Set(['append', 'link', 'rename', 'write', 'removeFile']);
      const isChange = ({ name, to }: DiskCall) => changes.has(name) || (name === 'open' && to === 'create');
      const bytes = Buffer.alloc(blockBytes, 'new');
      for (let nth = 1; ; nth += 1) {
        rmSync(at('sub'), { recursive: true });
        mkdirSync(at('sub'));
        writeFileSync(at('sub', 'note.txt'), 'old');
        trashed = [];
        const offer = incoming([{ path: ['sub', 'note.txt'], bytes }]);
        await arrive(offer, 'replace');
        let seen = 0;
        const isIt = (call: DiskCall) => isChange(call) && !call.path.includes('/data/') && ++seen >= nth;
        const isOver = await killWhilePublishing(test, disk, offer, isIt);
        if (what === 'goes on') await goOn(offer);
        else await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
        await test.host.engine['receive.close']({ transfer: offer.transfer, keep: false });
        await test.restart();
        const isNew = read('sub', 'note.txt') !== 'old';
        const after = {
          nth,
          tree: treeOf(test.downloads),
          isWhole: !isNew || readFileSync(at('sub', 'note.txt')).equals(bytes),
        };
        expect(after).toEqual({ nth, tree: ['sub', 'sub/note.txt'], isWhole: true });
        expect([nth, trashed]).toEqual([nth, isNew ? ['old'] : []]);
        if (what === 'goes on') expect([nth, isNew]).toEqual([nth, true]);
        if (isOver) return;
      }
    },
    120_000,
  );
});

describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0 || !hasExt4())(
  'a disk of its own that is away when its transfer is settled (needs root, mkfs.ext4 and loop devices)',
  () => {
    let image: string;
    let isMounted: boolean;
    const mount = () => {
      execFileSync('mount', ['-o', 'loop', image, at('sub')]);
      isMounted = true;
    };
    const unmount = () => {
      execFileSync('umount', [at('sub')]);
      isMounted = false;
    };
    beforeEach(async () => {
      await open(openRealDisk());
      image = path.join(test.folder, 'image');
      execFileSync('mkfs.ext4', ['-q', '-m', '0', image, '16m']);
      mount();
      rmSync(at('sub', 'lost+found'), { recursive: true });
    });
    afterEach(async () => {
      if (isMounted) execFileSync('umount', ['-l', at('sub')]);
      await test.close();
    });

    const inSub = ({ path: of, to = '' }: DiskCall, end: string) =>
      [of, to].some((file) => file.endsWith(end) && !file.includes('/ready/'));
    it.each<[where: string, isIt: (call: DiskCall) => boolean]>([
      ['while a file is copied', ({ name, path: of }) => name === 'write' && isOwn(of)],
      ['while an old file is aside', (call) => call.name === 'link' && isOwn(call.path) && inSub(call, 'note.txt')],
      ['once it has its name', ({ name, path: of }) => name === 'removeFile' && isOwn(of)],
      ['before the old one is in the trash', ({ name }) => name === 'syncFolder' && trashable()],
    ])('is waited for, and keeps nothing of ours: killed %s', async (_, isIt) => {
      for (const what of ['goes on', 'is thrown away']) {
        for (const name of treeOf(at('sub'))) rmSync(at('sub', name), { recursive: true });
        trashed = [];
        writeFileSync(at('sub', 'note.txt'), 'old');
        const offer = incoming([{ path: ['sub', 'note.txt'], bytes: Buffer.alloc(blockBytes, 'new') }]);
        const { transfer } = offer;
        await arrive(offer, 'replace');
        let isDead = false;
        const revive = disk.fail({ when: (call) => (isDead ||= isIt(call)), errno: 'EIO' });
        await expect(commit(offer)).rejects.toThrow();
        await test.restart(() => {
          revive();
          unmount();
        });
        if (what === 'goes on') {
          await test.host.engine['receive.reopen']({ transfer });
          await expect(test.host.engine['receive.start']({ transfer, leaveOut: [] })).rejects.toMatchObject({
            code: 'disk-gone',
          });
        } else await test.host.ui['unfinished.discard']({ transfer });
        expect(treeOf(at('sub'))).toEqual([]);
        await test.restart(mount);
        if (what === 'goes on') {
          await goOn(offer);
          await test.host.engine['receive.close']({ transfer, keep: false });
        }
        await expect.poll(() => treeOf(test.downloads), { timeout: 10_000 }).toEqual(['sub', 'sub/note.txt']);
        const isNew = read('sub', 'note.txt') !== 'old';
        expect([what, trashed]).toEqual([what, isNew ? ['old'] : []]);
        if (what === 'goes on') expect(readFileSync(at('sub', 'note.txt')).equals(offer.content)).toBe(true);
      }
    });

    it('is not said to have a file whose name was not on it when it was pulled out', async () => {
      writeFileSync(at('sub', 'note.txt'), 'old');
      const offer = incoming([{ path: ['sub', 'note.txt'], bytes: Buffer.alloc(blockBytes, 'new') }]);
      await arrive(offer, 'replace');
      disk.fail({
        when({ name, path: of }) {
          if (isMounted && name === 'removeFile' && isOwn(of)) {
            execFileSync('umount', ['-l', at('sub')]);
            isMounted = false;
          }
          return false;
        },
        errno: 'EIO',
      });
      await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting', detail: { code: 'disk-gone' } });
      expect([isMounted, treeOf(at('sub')), trashed]).toEqual([false, [], []]);
      mount();
      expect(await commit(offer)).toEqual({ published: 1, faults: [] });
      expect([treeOf(at('sub')), trashed]).toEqual([['note.txt'], ['old']]);
      expect(readFileSync(at('sub', 'note.txt')).equals(offer.content)).toBe(true);
    });
  },
);

const isOwn = (file: string) => path.basename(file).startsWith('.tincan-') && !file.includes('/data/');

/** The new file has its name, and its copy is gone. */
function trashable(): boolean {
  const names = existsSync(at('sub')) ? treeOf(at('sub')) : [];
  return names.length === 2 && names.every((name) => !name.startsWith('.tincan-'));
}

function hasExt4(): boolean {
  try {
    execFileSync('mkfs.ext4', ['-V'], { stdio: 'ignore' });
    execFileSync('losetup', ['-f'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
