// A disk or the data folder is full before all is in place and written down. The person moves what came to make room: it is the person's,
// arrives no second time, and the rest goes on.

import * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskCall, FailingDisk } from '../../../host/disk/failing-disk.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { arrive as arriveAt, type Incoming } from './receive-steps.ts';
import { openFailingTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
let disk: FailingDisk;

beforeEach(async () => {
  ({ disk, test } = await openFailingTestHost());
});

afterEach(() => test.close());

const at = (...names: string[]) => path.join(test.downloads, ...names);
const commit = async ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });
const publishByItself = async ({ transfer }: Incoming) => test.host.ui['unfinished.publish']({ transfer });
const published = (count: number) => ({ published: count, faults: [] });

const arrive = (sizes: Readonly<Record<string, number>>, conflict?: ConflictPolicy) =>
  arriveAt(test.host, sizes, conflict);

function moveElsewhere(name: string): void {
  fs.renameSync(at(name), path.join(test.folder, 'elsewhere'));
}

/** As many as are synced with the whole disk. */
const smallFiles = Array.from({ length: 100 }, (_, nth) => [`trip/${nth}`, 10] as const);
const withSmallFiles = { ...Object.fromEntries(smallFiles), other: blockBytes };

/** Of a new log in place of the one before. */
const isNewLog = ({ path: file }: DiskCall) => /\/placing\.[0-9a-f]+\.tmp$/.test(file);

/** Of `other`, once the folder is in place. */
const isOther = ({ name, to = '' }: DiskCall) =>
  name === 'renameSync' && /\/ready\/\d+$/.test(to) && fs.existsSync(at('trip'));

it('the disk is full when a transfer is put in place by itself, and a folder is moved', async () => {
  const offer = await arrive({ 'Film/film.mkv': 2 * blockBytes, 'Photos/a.jpg': 1000, 'Photos/b.jpg': 1000 });
  const heal = disk.fail({ when: ({ name, path: from }) => name === 'rename' && /\/tree\//.test(from), errno: 'EIO' });
  await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
  await test.restart(heal);
  const makeRoom = disk.fail({
    when: ({ name, path: file }) => name === 'writeSync' && file.includes('/Photos/'),
    errno: 'ENOSPC',
  });
  await expect(publishByItself(offer)).rejects.toMatchObject({ code: 'disk-full' });
  moveElsewhere('Film');
  makeRoom();
  expect(await publishByItself(offer)).toMatchObject({ published: 3 });
  expect(treeOf(test.downloads)).toEqual(['Photos', 'Photos/a.jpg', 'Photos/b.jpg']);
});

describe.each([
  ['and a new log fits', () => false],
  ['and no new log fits', isNewLog],
])('the disk is full %s', (_how, isFull) => {
  const fill = (when: (call: DiskCall) => boolean) =>
    disk.fail({ when: (call) => when(call) || isFull(call), errno: 'ENOSPC' });

  it.each([
    ['a folder with a large file', { 'trip/big': blockBytes, other: blockBytes }],
    ['a folder of small files', withSmallFiles],
  ])('and %s is moved', async (_what, sizes) => {
    const offer = await arrive(sizes);
    const makeRoom = fill(isOther);
    await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-full' });
    moveElsewhere('trip');
    makeRoom();
    expect(await commit(offer)).toEqual(published(Object.keys(sizes).length));
    expect(treeOf(test.downloads).filter((name) => !name.startsWith('.'))).toEqual(['other']);
  });

  it.each(['at once', 'after a restart'])('and a file is moved on a disk without links: %s', async (when) => {
    disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
    const offer = await arrive({ big: blockBytes, other: blockBytes });
    const makeRoom = fill(({ name, to = '' }) => /^(open|rename)$/.test(name) && path.basename(to).startsWith('other'));
    await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-full' });
    moveElsewhere('big');
    if (when === 'at once') makeRoom();
    else await test.restart(makeRoom);
    expect(await (when === 'at once' ? commit(offer) : publishByItself(offer))).toMatchObject({ published: 2 });
    expect(treeOf(test.downloads).filter((name) => !name.startsWith('.'))).toEqual(['other']);
  });

  it('and the folder that files went into is renamed', async () => {
    fs.mkdirSync(at('trip'));
    const offer = await arrive({ 'trip/big': blockBytes, 'trip/other': blockBytes }, 'replace');
    const makeRoom = fill(({ name, to = '' }) => name === 'link' && path.basename(to).startsWith('other'));
    await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-full' });
    fs.renameSync(at('trip'), at('trip-old'));
    makeRoom();
    expect(await commit(offer)).toEqual(published(2));
    expect(treeOf(test.downloads).filter((name) => !name.startsWith('.'))).toEqual([
      'trip',
      'trip-old',
      'trip-old/big',
      'trip/other',
    ]);
  });
});

it('the disk is full, and nothing more can be written into the log: a folder that was moved comes once more, and not empty', async () => {
  const offer = await arrive(withSmallFiles);
  const isLog = ({ name, path: file }: DiskCall) =>
    name === 'append' && file.endsWith('/placing') && fs.existsSync(at('trip', '99'));
  const makeRoom = disk.fail({ when: (call) => isOther(call) || isNewLog(call) || isLog(call), errno: 'ENOSPC' });
  await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-full' });
  moveElsewhere('trip');
  makeRoom();
  expect(await commit(offer)).toEqual(published(101));
  expect(fs.readdirSync(at('trip'))).toHaveLength(100);
});

describe.each(['EIO', 'ENOSPC'])('what is in place cannot be written down in the data folder: %s', (errno) => {
  it.each([
    ['a folder', { 'trip/small': 10, 'trip/big': blockBytes }, 'trip'],
    ['a file', { big: blockBytes }, 'big'],
  ])('%s is moved', async (_what, sizes, name) => {
    const offer = await arrive(sizes);
    const heal = disk.fail({
      when: ({ name: call, path: file }) => call === 'open' && /\/receives\/[0-9a-f]+\.json\..*tmp$/.test(file),
      errno,
    });
    await expect(commit(offer)).rejects.toMatchObject({ code: errno === 'EIO' ? 'disk-error' : 'data-folder-full' });
    moveElsewhere(name);
    heal();
    expect(await commit(offer)).toEqual(published(Object.keys(sizes).length));
    expect(treeOf(test.downloads).filter((each) => !each.startsWith('.'))).toEqual([]);
  });
});

it('all is in place and written down, the log cannot be closed, and the folder is moved', async () => {
  const offer = await arrive({ 'trip/small': 10, 'trip/big': blockBytes });
  disk.fail({
    when: ({ name, path: file }) => name === 'close' && file.endsWith('/placing') && fs.existsSync(at('trip')),
    errno: 'EIO',
  });
  expect(await commit(offer)).toEqual(published(2));
  moveElsewhere('trip');
  expect(await commit(offer)).toEqual(published(2));
});
