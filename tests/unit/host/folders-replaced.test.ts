// The folders of a transfer are the ones that were there at the start: a link, another folder or the mount point below that
// takes their name gets nothing.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk, DiskPath } from '../../../host/disk/disk.ts';
import { type DiskCall, type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { readPublishLog } from '../../../host/sink/publish-log.ts';
import { openReceiveRecords } from '../../../host/sink/receive-record.ts';
import { blockBytes, roomCheckEveryBlocks } from '../../../shared/wire/limits.ts';
import { grant, type Incoming, incoming, prepare, writeBlock } from './receive-steps.ts';
import { hastyClock, openTestHost, outsideOf, outsideUntouched, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost({ clock: hastyClock });
});
afterEach(() => test.close());

const at = (...names: string[]) => path.join(test.downloads, ...names);
const stagingName = () => readdirSync(test.downloads).find((name) => name.startsWith('.tincan-'))!;
const commit = ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });
const start = ({ transfer }: Incoming) => test.host.engine['receive.start']({ transfer, leaveOut: [] });
const large = (...names: string[]) => incoming([{ path: names, bytes: randomBytes(2 * blockBytes) }]);

async function writeAll(offer: Incoming): Promise<void> {
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
}

describe.skipIf(process.platform !== 'linux')('N37 a staging folder whose name another account took', () => {
  it.each(['before the first block', 'before the names are given'])(
    'is written to all the same, and what the link leads to is not: %s',
    async (when) => {
      const keys = path.join(test.outside, 'authorized_keys');
      writeFileSync(keys, 'mine');
      for (const name of ['0.part', 'blocks', 'small.pack']) symlinkSync(keys, path.join(test.outside, name));
      const offer = large('big.bin');
      await prepare(test.host, offer);
      const swap = () => {
        const name = stagingName();
        renameSync(at(name), at('moved'));
        symlinkSync(test.outside, at(name));
      };
      if (when === 'before the first block') swap();
      await writeAll(offer);
      if (when === 'before the names are given') swap();
      await commit(offer);
      expect(readFileSync(at('big.bin')).equals(offer.content)).toBe(true);
      expect([readFileSync(keys, 'utf8'), treeOf(test.outside).length]).toEqual(['mine', 5]);
    },
  );

  it('is not taken for ours at the next start when it is another folder, and nothing in it is touched', async () => {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const name = stagingName();
    await test.restart(() => {
      renameSync(at(name), at('moved'));
      mkdirSync(at(name, 'tree'), { recursive: true });
      writeFileSync(at(name, 'tree', 'precious'), 'x');
    });
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    expect((await start(offer)).have).toEqual([]);
    await writeAll(offer);
    await commit(offer);
    expect(readFileSync(at('big.bin')).equals(offer.content)).toBe(true);
    expect(treeOf(at(name))).toEqual(['tree', 'tree/precious']);
  });

  it.each(['0.part', 'blocks'])(
    'has no %s that leads elsewhere: nothing is written through a link in it',
    async (name) => {
      const offer = large('big.bin');
      await prepare(test.host, offer);
      await writeBlock(test.host, offer, 0);
      const keys = path.join(test.outside, 'authorized_keys');
      writeFileSync(keys, 'mine');
      await test.restart(() => {
        rmSync(at(stagingName(), name));
        symlinkSync(keys, at(stagingName(), name));
      });
      const goOn = async () => {
        await test.host.engine['receive.reopen']({ transfer: offer.transfer });
        await start(offer);
        await writeAll(offer);
        await commit(offer);
      };
      await goOn().catch(() => undefined);
      expect(readFileSync(keys, 'utf8')).toBe('mine');
    },
  );

  it('is not removed for ours when the transfer is thrown away', async () => {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    const name = stagingName();
    await test.restart(() => {
      rmSync(at(name), { recursive: true });
      mkdirSync(at(name));
      writeFileSync(at(name, 'precious'), 'x');
    });
    await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
    expect(treeOf(at(name))).toEqual(['precious']);
  });
});

it.skipIf(process.platform !== 'linux')(
  'a transfer that cannot be taken up leaves no file open, however often it is tried',
  async () => {
    await test.close();
    const disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
    const offer = large('big.bin');
    const { transfer } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    await test.host.engine['receive.close']({ transfer, keep: true });
    const open = () => readdirSync('/proc/self/fd').filter((fd) => leadsInto(fd, test.downloads)).length;
    expect(open()).toBe(0);
    const isPart = ({ name, path: at }: DiskCall) => name === 'open' && at.endsWith('0.part');
    const mend = disk.fail({ when: isPart, errno: 'EIO' });
    for (let time = 0; time < 3; time += 1) {
      await test.host.engine['receive.reopen']({ transfer });
      await expect(start(offer)).rejects.toMatchObject({ code: 'disk-error' });
    }
    expect(open()).toBe(0);
    mend();
    await test.host.engine['receive.reopen']({ transfer });
    expect((await start(offer)).have).toEqual([[0, 1]]);
  },
);

function leadsInto(fd: string, folder: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
  } catch {
    return false;
  }
}

describe('N37 a log of names that somebody else wrote, who had the disk in their hands', () => {
  /** As macOS and Windows, which hold no folder by a handle. */
  function withoutHandles(): Disk {
    const real = openRealDisk();
    const openFolder = async <P extends DiskPath>(of: P) => {
      const folder = await real.openFolder(of);
      return { facts: folder.facts, path: of, close: () => folder.close() };
    };
    return { ...real, openFolder };
  }

  /** The program is killed once the new file has its name, and `plant` is what becomes of the log before it starts again. */
  async function killed(plant: (log: string) => void, on = withoutHandles()) {
    await test.close();
    const disk = openFailingDisk(on, fs);
    const trashed: string[] = [];
    test = await openTestHost({ clock: hastyClock, disk, trash: async (file) => void trashed.push(file) });
    const offer = incoming([{ path: ['f'], bytes: Buffer.from('new') }]);
    await prepare(test.host, offer, 'replace');
    await writeAll(offer);
    let isDead = false;
    const revive = disk.fail({
      when: ({ name, path: of }) => (isDead ||= name === 'syncFolder' && existsSync(at('f')) && !of.includes('data')),
      errno: 'EIO',
    });
    await expect(commit(offer)).rejects.toThrow();
    await test.restart(() => {
      revive();
      plant(at(stagingName(), 'placing'));
    });
    return { offer, trashed };
  }

  async function goOn(offer: Incoming): Promise<void> {
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    const { have } = await start(offer);
    if (have.length === 0) await writeAll(offer);
    await commit(offer);
  }

  it.each([
    ['an old file that is to go to the trash', 'published', 'sentinel'],
    ['an old file that is to get its name back', 'replacing', 'sentinel'],
  ])('leads to nothing outside of the destination: %s', async (_, state, old) => {
    const { offer, trashed } = await killed((log) => {
      const where = state === 'published' ? at('f') : path.join(test.outside, 'f');
      writeFileSync(log, `${JSON.stringify([0, where, state, path.join(test.outside, old)])}\n`);
    });
    await goOn(offer);
    const theirs = trashed.filter((file) => !file.startsWith(test.downloads));
    expect([outsideOf(test), theirs]).toEqual([outsideUntouched, []]);
  });

  it.each([
    ['goes on', withoutHandles],
    ['goes on', openRealDisk],
    ['is thrown away', withoutHandles],
    ['is thrown away', openRealDisk],
  ] as const)(
    'leads to no empty file outside, taken for one that reserved a name for an old file: the transfer %s',
    async (what, openDisk) => {
      const { offer } = await killed((log) => {
        const empty = path.join(test.outside, 'empty');
        writeFileSync(empty, '');
        writeFileSync(at('aside'), 'old');
        const kept = path.join('../'.repeat(32), path.relative(path.parse(empty).root, empty));
        writeFileSync(log, JSON.stringify([0, at('f'), 'published', at('aside'), null, null, null, kept]));
      }, openDisk());
      if (what === 'goes on') await goOn(offer);
      else await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
      expect(treeOf(test.outside)).toEqual(['empty', 'sentinel']);
    },
  );

  it.each(['..', '.'])('leads neither to the destination nor to what it is in: %s', async (up) => {
    const { offer, trashed } = await killed((log) =>
      writeFileSync(log, JSON.stringify([0, at('f'), 'published', `${test.downloads}/${up}`])),
    );
    await goOn(offer);
    // It arrived once more, and replaced itself.
    const others = trashed.filter((file) => !path.basename(file).startsWith('f (replaced '));
    expect([others, outsideOf(test)]).toEqual([[], outsideUntouched]);
  });

  it('is read where it names a plain name only, and without a step up after a link', async () => {
    const lines = [
      [0, at('a'), 'published', at('b'), null, null, null, 'c'],
      [1, `${test.downloads}/..`, 'published'],
      [2, `${test.downloads}/.`, 'published'],
      [3, '/', 'published'],
      [4, at('a'), 'published', `${test.downloads}/..`],
      ...['', '.', '..', '../c', `..${path.sep}c`, '/c'].map((kept, nth) => [
        ...[5 + nth, at('a'), 'published', at('b'), null, null, null, kept],
      ]),
      [20, `${test.downloads}/link/../a`, 'published', `${test.downloads}/link/../b`],
    ];
    writeFileSync(at('placing'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect([...(await readPublishLog(openRealDisk(), test.downloads))]).toEqual([
      [0, { where: at('a'), state: 'published', old: at('b'), kept: 'c' }],
      [20, { where: at('a'), state: 'published', old: at('b') }],
    ]);
  });

  it.skipIf(process.platform === 'win32').each(['a pipe', 'a link to a pipe', 'a link to another log', 'a folder'])(
    'is not waited for, and nothing is removed, where it is %s',
    { timeout: 10_000 },
    async (what) => {
      const { offer, trashed } = await killed((log) => {
        const theirs = path.join(test.outside, 'theirs');
        rmSync(log);
        if (what === 'a folder') mkdirSync(log);
        else if (what === 'a pipe') execFileSync('mkfifo', [log]);
        else {
          if (what === 'a link to a pipe') execFileSync('mkfifo', [theirs]);
          else writeFileSync(theirs, JSON.stringify([0, at('f'), 'published', at('precious')]));
          symlinkSync(theirs, log);
        }
        writeFileSync(at('precious'), 'x');
      }, openRealDisk());
      await expect(goOn(offer)).rejects.toThrow();
      await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
      expect([readFileSync(at('precious'), 'utf8'), readFileSync(at('f'), 'utf8'), trashed]).toEqual(['x', 'new', []]);
      expect(stagingName()).toBeDefined();
    },
  );
});

describe.skipIf(process.platform !== 'linux')('N37 a folder below the destination that a link replaced', () => {
  it('is passed through neither for new files nor for one that is to be replaced', async () => {
    mkdirSync(at('sub'));
    writeFileSync(at('sub', 'f'), 'old');
    const offer = incoming([{ path: ['sub', 'f'], bytes: Buffer.from('new') }]);
    await prepare(test.host, offer, 'replace');
    await writeAll(offer);
    renameSync(at('sub'), at('moved'));
    symlinkSync(test.outside, at('sub'));
    await Promise.resolve(commit(offer)).catch(() => undefined);
    expect(outsideOf(test)).toEqual(outsideUntouched);
    expect(lstatSync(at('sub')).isSymbolicLink()).toBe(true);
  });

  /** Files of somebody else with the names that ours have. */
  function leadElsewhere(): () => void {
    const theirs = path.join(test.outside, 'theirs');
    mkdirSync(theirs);
    return () => {
      writeFileSync(path.join(theirs, aside()), 'precious');
      renameSync(at('sub'), at('moved'));
      symlinkSync(theirs, at('sub'));
    };
  }
  const theirs = () => treeOf(path.join(test.outside, 'theirs'));
  /** What the old file is called by then. */
  const aside = (folder = 'sub') => readdirSync(at(folder)).find((name) => name.startsWith('f (replaced'))!;

  async function openReplacing(
    trash: (file: string) => Promise<void>,
  ): Promise<{ disk: FailingDisk; offer: Incoming }> {
    await test.close();
    const disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk, trash });
    mkdirSync(at('sub'));
    writeFileSync(at('sub', 'f'), 'old');
    const offer = incoming([{ path: ['sub', 'f'], bytes: Buffer.from('new') }]);
    await prepare(test.host, offer, 'replace');
    await writeAll(offer);
    return { disk, offer };
  }

  it.each(['goes on', 'is thrown away'])('nor after a crash, when the transfer %s', async (what) => {
    const { disk, offer } = await openReplacing(async () => undefined);
    let isDead = false;
    const isNew = ({ name, path: from }: DiskCall) => name === 'link' && from.includes('ready');
    const mend = disk.fail({ when: (call) => (isDead ||= isNew(call)), errno: 'EIO' });
    await expect(commit(offer)).rejects.toThrow();
    const swap = leadElsewhere();
    await test.restart(() => {
      mend();
      swap();
    });
    const { transfer } = offer;
    if (what === 'goes on') {
      await test.host.engine['receive.reopen']({ transfer });
      await start(offer);
      await Promise.resolve(commit(offer)).catch(() => undefined);
    } else await test.host.ui['unfinished.discard']({ transfer });
    expect(theirs()).toEqual([aside('moved')]);
    expect(readFileSync(at('moved', aside('moved')), 'utf8')).toBe('old');
  });

  it.each([
    ['it', () => leadElsewhere()],
    [
      'another folder in the place of the destination',
      () => () => {
        const name = aside();
        renameSync(test.downloads, `${test.downloads} moved`);
        mkdirSync(at('sub'), { recursive: true });
        writeFileSync(at('sub', name), 'precious');
      },
    ],
  ])('nor is a file that %s leads to taken for the old one and thrown into the trash', async (_what, lead) => {
    const trashed: string[] = [];
    const { disk, offer } = await openReplacing(async (file) => {
      trashed.push(file);
      rmSync(file);
    });
    const swap = lead();
    let isPublished = false;
    let isSwapped = false;
    disk.fail({
      when({ name, path: from }) {
        if (name === 'syncFolder' && isPublished && !isSwapped) {
          isSwapped = true;
          swap();
        }
        isPublished ||= name === 'link' && from.includes('ready');
        return false;
      },
      errno: 'EIO',
    });
    await Promise.resolve(commit(offer)).catch(() => undefined);
    expect([isSwapped, readFileSync(at('sub', aside()), 'utf8'), trashed]).toEqual([true, 'precious', []]);
  });
});

describe('a file that is compared with one that is here already', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  let disk: FailingDisk;
  beforeEach(async () => {
    await test.close();
    disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
    mkdirSync(at('sub'));
    writeFileSync(at('sub', 'f'), 'old');
  });

  /** `before` runs once the person has accepted. */
  async function compare(text: string, before: () => void = () => undefined) {
    const offer = incoming([{ path: ['sub', 'f'], bytes: Buffer.from(text) }]);
    const { transfer } = offer;
    await grant(test.host, offer, 'skip');
    before();
    return test.host.engine['receive.compare']({ transfer, digests: [{ index: 0, sha256: sha256(text) }] });
  }

  it.skipIf(process.platform !== 'linux')(
    'N37 is not looked for behind a link that takes its folder away',
    async () => {
      mkdirSync(path.join(test.outside, 'sub'));
      writeFileSync(path.join(test.outside, 'sub', 'f'), 'key');
      let isSwapped = false;
      const swapSoon = () =>
        disk.fail({
          when({ name, path: file }) {
            if (isSwapped || path.basename(file) !== 'f' || !(name === 'facts' || name === 'open')) return false;
            isSwapped = true;
            renameSync(at('sub'), at('moved'));
            symlinkSync(path.join(test.outside, 'sub'), at('sub'));
            return false;
          },
          errno: 'EIO',
        });
      expect([await compare('key', swapSoon), isSwapped]).toEqual([{ same: [] }, true]);
      expect(readFileSync(at('moved', 'f'), 'utf8')).toBe('old');
    },
  );

  it.each(['EACCES', 'EIO'])('is received once more where that one answers %s', async (errno) => {
    disk.fail({ when: ({ name, path: file }) => name === 'open' && path.basename(file) === 'f', errno });
    expect(await compare('old')).toEqual({ same: [] });
  });
});

describe.skipIf(process.platform !== 'linux')('a network share that is cut off and comes back', () => {
  let disk: FailingDisk;
  beforeEach(async () => {
    await test.close();
    disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
  });

  /** What is open of it stays unusable until it is `closed`: then its number may be given to something else. */
  function cutOff(): { reconnect(): void; closed(): void } {
    const { path: part } = disk.calls.findLast(({ name }) => name === 'writeParts')!;
    const held = `${path.dirname(part)}/`;
    const isStale = (at = '') => at.startsWith(held);
    const closed = disk.fail({ when: (call) => isStale(call.path) || isStale(call.to), errno: 'ESTALE' });
    renameSync(test.downloads, `${test.downloads} away`);
    return { reconnect: () => renameSync(`${test.downloads} away`, test.downloads), closed };
  }

  it.each(['while blocks come', 'before the names are given'])(
    'is called gone, and opened anew once it is back, with all that had arrived: %s',
    async (when) => {
      const offer = incoming([
        { path: ['big.bin'], bytes: randomBytes(3 * blockBytes) },
        { path: ['small.txt'], bytes: randomBytes(1000) },
      ]);
      const { transfer } = offer;
      await prepare(test.host, offer);
      await writeBlock(test.host, offer, 0);
      await writeBlock(test.host, offer, 1);
      const isPublishing = when === 'before the names are given';
      if (isPublishing) for (const block of [2, 3]) await writeBlock(test.host, offer, block);
      const { reconnect, closed } = cutOff();
      const next = () => (isPublishing ? Promise.resolve(commit(offer)) : writeBlock(test.host, offer, 2));
      await expect(next()).rejects.toMatchObject({ code: 'disk-gone' });
      await expect(next()).rejects.toMatchObject({ code: 'disk-gone' });
      const room = async () => test.host.engine['receive.room']({ transfer });
      await expect(room()).rejects.toMatchObject({ code: 'disk-gone' });
      reconnect();
      expect((await room()).neededBytes).toBe(isPublishing ? 0 : blockBytes + 1000);
      closed();
      if (!isPublishing) for (const block of [2, 3]) await writeBlock(test.host, offer, block);
      expect(await commit(offer)).toEqual({ published: 2, faults: [] });
      expect(readFileSync(at('big.bin')).equals(offer.content.subarray(0, 3 * blockBytes))).toBe(true);
      expect(treeOf(test.downloads)).toEqual(['big.bin', 'small.txt']);
    },
  );

  it('does not forget a file whose trouble is heard of while it is opened anew', async () => {
    const offer = incoming([
      { path: ['big.bin'], bytes: randomBytes(2 * blockBytes) },
      { path: ['changed.txt'], bytes: Buffer.alloc(1000) },
    ]);
    const { transfer } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const { reconnect, closed } = cutOff();
    await expect(writeBlock(test.host, offer, 1)).rejects.toMatchObject({ code: 'disk-gone' });
    reconnect();
    let telling: Promise<void> | undefined;
    disk.fail({
      when({ name, path: read }) {
        if (name === 'read' && path.basename(read) === '0.part')
          telling ??= Promise.resolve(
            test.host.engine['receive.fault']({ transfer, index: 1, code: 'source-changed' }),
          );
        return false;
      },
      errno: 'EIO',
    });
    await writeBlock(test.host, offer, 1);
    closed();
    await writeBlock(test.host, offer, 2);
    expect(telling).toBeDefined();
    expect(await commit(offer)).toEqual({ published: 1, faults: [{ index: 1, code: 'source-changed' }] });
    expect(treeOf(test.downloads)).toEqual(['big.bin']);
  });

  it('has what was written before it in the journal, in the right order', async () => {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const { reconnect, closed } = cutOff();
    await expect(writeBlock(test.host, offer, 1)).rejects.toMatchObject({ code: 'disk-gone' });
    reconnect();
    await writeBlock(test.host, offer, 1);
    closed();
    await test.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
    const isNamed = (name: string) => (call: DiskCall) => path.basename(call.path) === name;
    const wrote = disk.calls.findLastIndex((call) => call.name === 'writeParts' && isNamed('0.part')(call));
    const synced = disk.calls.findLastIndex((call) => call.name === 'syncData' && isNamed('0.part')(call));
    const journaled = disk.calls.findLastIndex((call) => call.name === 'write' && isNamed('blocks')(call));
    expect([wrote < synced, synced < journaled]).toEqual([true, true]);
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    expect((await start(offer)).have).toEqual([[0, 2]]);
  });

  it('that lost what was written is said to have, and only what is missing is received again', async () => {
    const offer = large('big.bin');
    const { transfer } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const staging = stagingName();
    const { reconnect, closed } = cutOff();
    await expect(writeBlock(test.host, offer, 1)).rejects.toMatchObject({ code: 'disk-gone' });
    reconnect();
    truncateSync(at(staging, '0.part'), 10);
    await expect(writeBlock(test.host, offer, 1)).rejects.toMatchObject({ code: 'disk-error' });
    closed();
    await test.host.engine['receive.close']({ transfer, keep: true });
    await test.host.engine['receive.reopen']({ transfer });
    expect((await start(offer)).have).toEqual([]);
    await writeAll(offer);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
  });

  it('gives way to another folder that a person chooses, and is tidied up once it is back', async () => {
    const offer = large('big.bin');
    const { transfer } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const { reconnect, closed } = cutOff();
    await expect(writeBlock(test.host, offer, 1)).rejects.toMatchObject({ code: 'disk-gone' });
    const other = path.join(test.folder, 'other');
    mkdirSync(other);
    test.chosen = other;
    expect(await test.host.ui['unfinished.move']({ transfer })).toEqual({ isMoved: true });
    closed();
    // What is still on its way belongs to the old folder.
    await expect(writeBlock(test.host, offer, 1)).rejects.toMatchObject({ code: 'disk-gone' });
    await test.host.engine['receive.close']({ transfer, keep: true });
    await test.host.engine['receive.reopen']({ transfer });
    expect((await start(offer)).have).toEqual([]);
    await writeAll(offer);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(treeOf(other)).toEqual(['big.bin']);
    await test.restart(reconnect);
    await expect.poll(() => treeOf(test.downloads)).toEqual([]);
  });

  it('is thrown away while it is cut off, and what it left goes when it is back', async () => {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const { reconnect, closed } = cutOff();
    await expect(writeBlock(test.host, offer, 1)).rejects.toMatchObject({ code: 'disk-gone' });
    await test.host.engine['receive.close']({ transfer: offer.transfer, keep: false });
    closed();
    await test.restart(reconnect);
    await expect.poll(() => treeOf(test.downloads)).toEqual([]);
  });
});

describe('a drive that was pulled out', () => {
  it('is called gone once its folder is, whatever the error was', async () => {
    await test.close();
    const disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
    const offer = large('big.bin');
    await prepare(test.host, offer);
    const mend = disk.fail({ when: ({ name }) => name === 'writeParts', errno: 'EIO' });
    await expect(writeBlock(test.host, offer, 0)).rejects.toMatchObject({ code: 'disk-error' });
    renameSync(test.downloads, `${test.downloads} away`);
    await expect(writeBlock(test.host, offer, 0)).rejects.toMatchObject({ code: 'disk-gone' });
    renameSync(`${test.downloads} away`, test.downloads);
    mend();
    await writeAll(offer);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
  });
});

describe('a destination that goes away', () => {
  it('is said to be gone, is not made again, and the transfer goes on when it is back', async () => {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeAll(offer);
    renameSync(test.downloads, `${test.downloads} moved`);
    await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-gone' });
    expect(existsSync(test.downloads)).toBe(false);
    renameSync(`${test.downloads} moved`, test.downloads);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(readFileSync(at('big.bin')).equals(offer.content)).toBe(true);
  });

  it('gets nothing under its name any more once it was moved before publishing', async () => {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeAll(offer);
    const moved = `${test.downloads} moved`;
    renameSync(test.downloads, moved);
    await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-gone' });
    expect(treeOf(moved)).not.toContain('big.bin');
  });

  it('that is moved away while names are given is not said to hold what arrived', async () => {
    await test.host.close();
    const real = openRealDisk();
    const disk = {
      ...real,
      async link(from: string, to: string) {
        await real.link(from, to);
        renameSync(test.downloads, `${test.downloads} moved`);
      },
    };
    test = await openTestHost({ clock: hastyClock, disk });
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeAll(offer);
    await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-gone' });
  });

  it('is noticed while blocks still come', async () => {
    const offer = incoming([{ path: ['big.bin'], bytes: randomBytes((2 * roomCheckEveryBlocks + 1) * blockBytes) }]);
    await prepare(test.host, offer);
    renameSync(test.downloads, `${test.downloads} moved`);
    mkdirSync(test.downloads);
    await expect(writeAll(offer)).rejects.toMatchObject({ code: 'disk-gone' });
    expect(treeOf(test.downloads)).toEqual([]);
  });

  it('is not thrown away with its transfer for ever: what is left there goes when it is back', async () => {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const away = `${test.downloads} away`;
    await test.restart(() => {
      renameSync(test.downloads, away);
      mkdirSync(test.downloads);
    });
    await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
    expect(await test.host.ui['unfinished.list']({})).toEqual([]);
    await test.restart(() => {
      rmSync(test.downloads, { recursive: true });
      renameSync(away, test.downloads);
    });
    await expect.poll(() => treeOf(test.downloads)).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'a disk that is unmounted (needs root)',
  () => {
    beforeEach(() => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', test.downloads]);
    });
    afterEach(() => {
      try {
        execFileSync('umount', ['-l', test.downloads], { stdio: 'ignore' });
      } catch {
        // It is not mounted any more.
      }
    });

    it('leaves its mount point empty, while receiving, publishing and after a restart', async () => {
      const offer = incoming([{ path: ['big.bin'], bytes: randomBytes((roomCheckEveryBlocks + 2) * blockBytes) }]);
      await prepare(test.host, offer);
      await writeBlock(test.host, offer, 0);
      execFileSync('umount', ['-l', test.downloads]);
      const trouble = writeAll(offer).then(() => commit(offer));
      await expect(trouble).rejects.toMatchObject({ code: 'disk-gone' });
      await test.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
      await test.restart();
      await test.host.engine['receive.reopen']({ transfer: offer.transfer });
      await expect(start(offer)).rejects.toMatchObject({ code: 'disk-gone' });
      expect(treeOf(test.downloads)).toEqual([]);
    });

    it('pauses a transfer when it has no room for another name', async () => {
      execFileSync('mount', ['-o', 'remount,nr_inodes=12', test.downloads]);
      const offer = incoming(
        Array.from({ length: 20 }, (_, nth) => ({ path: ['many', `${nth}`], bytes: randomBytes(100) })),
      );
      await prepare(test.host, offer);
      await writeAll(offer);
      await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-full' });
      execFileSync('mount', ['-o', 'remount,nr_inodes=100', test.downloads]);
      expect(await commit(offer)).toEqual({ published: 20, faults: [] });
      expect(readdirSync(at('many'))).toHaveLength(20);
    });
  },
);

describe('a transfer that failed and goes to another folder', () => {
  async function half() {
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    await test.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
    const other = path.join(test.folder, 'other');
    mkdirSync(other);
    return { offer, other };
  }
  const move = ({ transfer }: Incoming) => (async () => test.host.ui['unfinished.move']({ transfer }))();

  it('is received there from the beginning, and leaves nothing where it was', async () => {
    const { offer, other } = await half();
    test.chosen = other;
    expect(await move(offer)).toEqual({ isMoved: true });
    expect(treeOf(test.downloads)).toEqual([]);
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    expect((await start(offer)).have).toEqual([]);
    await writeAll(offer);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(readFileSync(path.join(other, 'big.bin')).equals(offer.content)).toBe(true);
    expect([treeOf(test.downloads), treeOf(other)]).toEqual([[], ['big.bin']]);
  });

  it('loses nothing that had arrived where the person chooses the folder that it is in', async () => {
    const { offer } = await half();
    test.chosen = test.downloads;
    expect(await move(offer)).toEqual({ isMoved: true });
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    expect((await start(offer)).have).toEqual([[0, 1]]);
    await writeBlock(test.host, offer, 1);
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(treeOf(test.downloads)).toEqual(['big.bin']);
  });

  it('begins anew in the folder that it was in where what had arrived is not there any more', async () => {
    const { offer } = await half();
    rmSync(at(stagingName()), { recursive: true });
    test.chosen = test.downloads;
    expect(await move(offer)).toEqual({ isMoved: true });
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    expect((await start(offer)).have).toEqual([]);
  });

  it('removes what it left on a disk that was away once that disk is back', async () => {
    const { offer, other } = await half();
    const away = path.join(test.folder, 'away');
    renameSync(test.downloads, away);
    mkdirSync(test.downloads);
    test.chosen = other;
    expect(await move(offer)).toEqual({ isMoved: true });
    expect(treeOf(away)).not.toEqual([]);
    await test.restart(() => {
      rmSync(test.downloads, { recursive: true });
      renameSync(away, test.downloads);
    });
    await expect.poll(() => treeOf(test.downloads)).toEqual([]);
    expect(treeOf(other)).toHaveLength(2);
  });

  it.each(['is refused', 'dies'])('keeps all that had arrived where moving it %s half-way', async (how) => {
    await test.close();
    const disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
    const { offer, other } = await half();
    test.chosen = other;
    let isDead = false;
    const mend = disk.fail({
      when: ({ name, to, path: of }) => {
        const is = name === 'makeFolder' && path.basename(to ?? of).startsWith('.tincan-');
        isDead ||= is;
        return how === 'dies' ? isDead : is;
      },
      errno: 'EACCES',
    });
    await expect(move(offer)).rejects.toMatchObject({ code: 'disk-denied' });
    await test.restart(mend);
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    expect((await start(offer)).have).toEqual([[0, 1]]);
    // Once nobody uses it any more, it goes.
    await test.host.engine['receive.close']({ transfer: offer.transfer, keep: false });
    await test.restart();
    await expect.poll(() => [treeOf(test.downloads), treeOf(other)]).toEqual([[], []]);
    await expect.poll(() => treeOf(path.join(test.folder, 'data', 'receives'))).toEqual([]);
  });

  it('keeps all that had arrived where moving it came to nothing, and its record cannot be read at the next start', async () => {
    await test.close();
    const disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
    const { offer, other } = await half();
    test.chosen = other;
    const isStaging = (folder: string) => path.basename(folder).startsWith('.tincan-');
    disk.fail({ when: ({ name, path: of }) => name === 'makeFolder' && isStaging(of), errno: 'EACCES' });
    await expect(move(offer)).rejects.toMatchObject({ code: 'disk-denied' });
    await test.host.close();
    const records = openReceiveRecords(disk, path.join(test.folder, 'data'));
    const orphans = async () => (await records.findLeftovers()).orphans.map(({ destination }) => destination);
    const allow = disk.fail({
      when: ({ name, path: of }) => name === 'readText' && of.endsWith(`${offer.transfer}.json`),
      errno: 'EIO',
    });
    expect(await orphans()).toEqual([]);
    allow();
    expect(await orphans()).toEqual([other]);
  });

  it('goes on where it was once its disk is back, where moving it came to nothing while it waited for that', async () => {
    await test.close();
    const disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
    const offer = large('big.bin');
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const room = async () => test.host.engine['receive.room']({ transfer: offer.transfer });
    const away = path.join(test.folder, 'away');
    renameSync(test.downloads, away);
    await expect(room()).rejects.toMatchObject({ code: 'disk-gone' });
    const other = path.join(test.folder, 'other');
    mkdirSync(other);
    test.chosen = other;
    disk.fail({ when: ({ name }) => name === 'makeFolder', errno: 'EACCES', times: 1 });
    await expect(move(offer)).rejects.toMatchObject({ code: 'disk-denied' });
    await expect(room()).rejects.toMatchObject({ code: 'disk-gone' });
    renameSync(away, test.downloads);
    expect(await room()).toMatchObject({ neededBytes: blockBytes });
    await writeBlock(test.host, offer, 1);
    await commit(offer);
    await test.host.engine['receive.close']({ transfer: offer.transfer, keep: true });
    expect([treeOf(test.downloads), treeOf(other), test.host.isBusy()]).toEqual([['big.bin'], [], false]);
  });

  it('gives an old file its name back where it was, also when the disk refuses that at first', async () => {
    await test.close();
    const disk = openFailingDisk(openRealDisk(), fs);
    test = await openTestHost({ clock: hastyClock, disk });
    writeFileSync(at('note.txt'), 'old');
    const offer = incoming([{ path: ['note.txt'], bytes: randomBytes(blockBytes) }]);
    await grant(test.host, offer, 'replace');
    await start(offer);
    await writeAll(offer);
    let isDead = false;
    const revive = disk.fail({
      when: ({ name, to }) => (isDead ||= name === 'link' && to?.endsWith('/note.txt') === true),
      errno: 'EIO',
    });
    await expect(commit(offer)).rejects.toThrow();
    await test.restart(revive);
    expect(treeOf(test.downloads).join()).toContain('note (replaced ');
    const other = path.join(test.folder, 'other');
    mkdirSync(other);
    test.chosen = other;
    disk.fail({ when: ({ name, path: of }) => name === 'read' && of.endsWith('/placing'), times: 1, errno: 'EIO' });
    expect(await move(offer)).toEqual({ isMoved: true });
    await test.restart();
    await expect.poll(() => treeOf(test.downloads)).toEqual(['note.txt']);
    expect(readFileSync(at('note.txt'), 'utf8')).toBe('old');
    expect(await test.host.ui['unfinished.list']({})).toHaveLength(1);
  });

  it('stays as it is when the person thinks better of it, and while it is under way', async () => {
    const { offer, other } = await half();
    test.chosen = undefined;
    expect(await move(offer)).toEqual({ isMoved: false });
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    expect((await start(offer)).have).toEqual([[0, 1]]);
    test.chosen = other;
    await expect(move(offer)).rejects.toMatchObject({ code: 'transfer-refused' });
  });
});
