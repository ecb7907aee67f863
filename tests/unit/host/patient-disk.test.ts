// Windows renames and removes nothing that another program has open, and scanners open each new file for a moment.

import * as fs from 'node:fs';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from '../../../host/disk/atomic-file.ts';
import type { Disk } from '../../../host/disk/disk.ts';
import { type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openPatientDisk } from '../../../host/disk/patient-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openSettings } from '../../../host/settings.ts';
import { openPublishLog, readPublishLog } from '../../../host/sink/publish-log.ts';
import type { Clock } from '../../../shared/model/clock.ts';

let folder: string;
let failing: FailingDisk;
let disk: Disk;
/** Waits end at once, and are written down. */
let waitedMs: number[];
/** What others do meanwhile. */
let meanwhile: () => void;
const clock: Clock = {
  now: () => 0,
  wallClockMs: () => 0,
  after(ms, task) {
    waitedMs.push(ms);
    meanwhile();
    queueMicrotask(task);
    return () => undefined;
  },
};
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-patient-'));
  failing = openFailingDisk(openRealDisk(), fs);
  disk = openPatientDisk(failing, clock);
  waitedMs = [];
  meanwhile = () => undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string) => path.join(folder, name);
const write = (name: string, content: string) => writeFileSync(inFolder(name), content);
const held = (name: string, errno: string, times: number) =>
  failing.fail({ when: (call) => call.name === name, errno, times });

describe.each(['EBUSY', 'EPERM', 'EACCES'])('a file that somebody has open (%s)', (errno) => {
  it('is replaced once they let go', async () => {
    write('settings', 'old');
    held('rename', errno, 3);
    await replaceFile(disk, inFolder('settings'), 'new');
    expect(readFileSync(inFolder('settings'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['settings']);
    expect(waitedMs).toHaveLength(3);
  });

  it('is removed once they let go, alone, as an empty folder, or with all that is below', async () => {
    write('file', '');
    mkdirSync(inFolder('empty'));
    mkdirSync(inFolder('full/deep'), { recursive: true });
    for (const name of ['removeFile', 'removeEmptyFolder', 'removeAll']) held(name, errno, 2);
    await disk.removeFile(inFolder('file'));
    await disk.removeEmptyFolder(inFolder('empty'));
    await disk.removeAll(inFolder('full'));
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('is given up after a second and a half', async () => {
  write('from', '');
  held('rename', 'EBUSY', 100);
  await expect(disk.rename(inFolder('from'), inFolder('to'))).rejects.toMatchObject({ code: 'EBUSY' });
  const sum = waitedMs.reduce((all, ms) => all + ms, 0);
  expect(sum).toBeGreaterThan(1_000);
  expect(sum).toBeLessThan(2_000);
});

it.each(['ENOSPC', 'EIO', 'ENOENT', 'ENOTEMPTY'])(
  'fails at once with %s, which waiting does not help',
  async (errno) => {
    write('from', '');
    held('rename', errno, 1);
    await expect(disk.rename(inFolder('from'), inFolder('to'))).rejects.toMatchObject({ code: errno });
    expect(waitedMs).toEqual([]);
  },
);

it('replaces nothing that somebody put there, or wrote into, while it waited', async () => {
  write('from', 'ours');
  write('empty', '');
  for (const to of ['nobody', 'empty']) {
    held('rename', 'EPERM', 1);
    meanwhile = () => write(to, 'theirs');
    await expect(disk.rename(inFolder('from'), inFolder(to))).rejects.toMatchObject({ code: 'EPERM' });
    expect(readFileSync(inFolder(to), 'utf8')).toBe('theirs');
  }
  expect(readFileSync(inFolder('from'), 'utf8')).toBe('ours');
});

it('removes no file that somebody put there, or wrote into, while it waited', async () => {
  for (const how of ['put', 'wrote']) {
    write('file', 'old');
    held('removeFile', 'EBUSY', 1);
    meanwhile = () => {
      if (how === 'wrote') return write('file', 'theirs');
      write('new', 'theirs');
      renameSync(inFolder('new'), inFolder('file'));
    };
    await expect(disk.removeFile(inFolder('file'))).rejects.toMatchObject({ code: 'EBUSY' });
    expect(readFileSync(inFolder('file'), 'utf8')).toBe('theirs');
  }
});

it('keeps a change of the settings that an indexer was in the way of', async () => {
  await (await openSettings(disk, folder, '/d')).write({ deviceName: 'Anna' });
  held('rename', 'EPERM', 2);
  await (await openSettings(disk, folder, '/d')).write({ theme: 'dark' });
  expect((await openSettings(disk, folder, '/d')).get()).toMatchObject({ deviceName: 'Anna', theme: 'dark' });
});

/** As `MoveFileEx` of Windows does it: no file is replaced that anybody has open, this program included. */
function withoutReplacingOpenFiles(plain: Disk): Disk {
  const open = new Map<string, number>();
  return {
    ...plain,
    async open(file, as, mode) {
      const opened = await plain.open(file, as, mode);
      const name = String(file);
      open.set(name, (open.get(name) ?? 0) + 1);
      return {
        ...opened,
        async close() {
          await opened.close();
          open.set(name, open.get(name)! - 1);
        },
      };
    },
    async rename(from, to) {
      if ((open.get(to) ?? 0) > 0) throw Object.assign(new Error('EPERM: open'), { code: 'EPERM' });
      await plain.rename(from, to);
    },
  };
}

it('writes the log of a publishing anew while that publishing goes on', async () => {
  const log = await openPublishLog(withoutReplacingOpenFiles(openRealDisk()), folder);
  await log.note(0, { where: '/d/a', state: 'reserving' });
  await log.note(1, { where: '/d/b', state: 'published' });
  await log.rewrite(new Map([[1, { where: '/d/b', state: 'published' }]]));
  await Promise.all([2, 3].map((index) => log.note(index, { where: `/d/${index}`, state: 'taking' })));
  await log.close();
  const kept = [...(await readPublishLog(openRealDisk(), folder))].map(([index, { state }]) => [index, state]);
  expect(kept.toSorted()).toEqual([
    [1, 'published'],
    [2, 'taking'],
    [3, 'taking'],
  ]);
});
