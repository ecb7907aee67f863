// What the real disk refuses, which everything above it counts on: a name that is taken, and a link in the last place.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { syncTogether } from '../../../host/disk/sync-together.ts';

const disk = openRealDisk();
let folder: string;
const at = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-disk-'));
  writeFileSync(at('file'), 'theirs');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('makes no file where there is one', async () => {
  await expect(disk.open(at('file'), 'create')).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(at('file'), 'utf8')).toBe('theirs');
});

it('reads all that is there, also where a network disk answers with a part of it', async () => {
  type Opened = Awaited<ReturnType<typeof fs.promises.open>>;
  const open = async (...how: Parameters<typeof fs.promises.open>): Promise<Opened> => {
    const handle = await fs.promises.open(...how);
    const read = handle.read.bind(handle) as (into: Uint8Array, at: number, most: number, from: number) => unknown;
    return Object.assign(handle, {
      read: (into: Uint8Array, at: number, most: number, from: number) => read(into, at, Math.min(most, 2), from),
    });
  };
  const slow = openRealDisk({ ...fs, promises: { ...fs.promises, open } } as typeof fs);
  const file = await slow.open(at('file'), 'read');
  const into = new Uint8Array(4);
  expect([await file.read(into, 1), Buffer.from(into).toString()]).toEqual([4, 'heir']);
  expect([await file.read(into, 4), Buffer.from(into.subarray(0, 2)).toString()]).toEqual([2, 'rs']);
  await file.close();
});

// Whoever opens a pipe waits until somebody writes to it.
it.skipIf(process.platform === 'win32')('N38 does not wait for a pipe that took the place of a folder', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const synced = disk.syncFolder(at('pipe')).then(
    () => 'synced',
    ({ code }: NodeJS.ErrnoException) => code,
  );
  const waits = setTimeout(2_000, 'waits');
  try {
    expect(await Promise.race([synced, waits])).toBe('ENOTDIR');
  } finally {
    fs.closeSync(fs.openSync(at('pipe'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK));
  }
});

// As some network disks and FUSE say it too.
it.skipIf(process.platform !== 'linux')('has nothing to wait for where a file system cannot sync folders', async () => {
  await disk.syncFolder('/proc');
});

it('syncs nothing of many files any more once it has said that one of them failed', async () => {
  const failing = openFailingDisk(disk, fs);
  const files = Array.from({ length: 4 }, (_, nth) => at(`${nth}`));
  for (const file of files) writeFileSync(file, '');
  failing.fail({ when: ({ name, path: of }) => name === 'open' && of === files[0], errno: 'EIO' });
  let isOver = false;
  let after = 0;
  const slow: Disk = {
    ...failing,
    async open(...args) {
      if (args[0] !== files[0]) await setTimeout(50);
      if (isOver) after += 1;
      return failing.open(...args);
    },
  };
  await expect(syncTogether(slow, folder, { files, folders: [] })).rejects.toMatchObject({ code: 'EIO' });
  isOver = true;
  await setTimeout(200);
  expect(after).toBe(0);
});

// Windows has no such flag: there the folders are judged before.
describe.skipIf(process.platform === 'win32')('a link', () => {
  it.each(['read', 'update', 'append'] as const)('is not opened (%s)', async (as) => {
    symlinkSync('file', at('link'));
    await expect(disk.open(at('link'), as)).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('that leads nowhere is not made a file of', async () => {
    symlinkSync('away', at('link'));
    for (const as of ['create', 'append'] as const) await expect(disk.open(at('link'), as)).rejects.toThrow();
    await expect(disk.facts(at('away'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('to a folder is not entered', async () => {
    symlinkSync('.', at('link'));
    await expect(disk.openFolder(at('link'))).rejects.toThrow();
  });
});
