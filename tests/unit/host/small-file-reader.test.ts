// Small files as a thread reads them: real files, one of which changes between two of its calls.

import * as fs from 'node:fs';
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { readSmallFiles } from '../../../host/source/small-file-reader.ts';
import { snapshotOf } from '../../../host/source/walk.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-small-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.skipIf(process.platform === 'win32')(
  'a file that is written over after it was read, with its time put back, is refused, and the next one is not',
  async () => {
    const disk = openRealDisk();
    const files = await Promise.all(
      ['one', 'two'].map(async (name, nth) => {
        const full = path.join(folder, name);
        writeFileSync(full, name);
        return { snapshot: snapshotOf(full, await disk.facts(full)), blockOffset: nth * 3 };
      }),
    );
    let reads = 0;
    const readSync = (...args: Parameters<typeof fs.readSync>) => {
      const count = fs.readSync(...args);
      if (reads++ === 0) writeOver(files[0]!.snapshot.full, 'eno');
      return count;
    };
    const { bytes, troubles } = readSmallFiles({ ...fs, readSync } as typeof fs, { blockBytes: 6, files });
    expect(troubles).toEqual([[0, 'source-changed']]);
    expect(Buffer.from(bytes).toString()).toBe('\0\0\0two');
  },
);

it('a file is read of which the disk says nothing that lasts but its size and its time', async () => {
  const disk = openRealDisk();
  const full = path.join(folder, 'one');
  writeFileSync(full, 'one');
  const facts = await disk.facts(full);
  const before = { ...facts, ino: facts.ino + 1n, ctimeNs: facts.ctimeNs + 1n };
  const snapshot = snapshotOf(full, before, { inodes: false, changeTimes: false });
  const read = readSmallFiles(fs, { blockBytes: 3, files: [{ snapshot, blockOffset: 0 }] });
  expect([read.troubles, Buffer.from(read.bytes).toString()]).toEqual([[], 'one']);
});

function writeOver(file: string, text: string): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(file, text);
  utimesSync(file, atime, mtime);
}
