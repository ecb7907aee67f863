// What the reader of blocks says of files that cannot be read, whichever blocks are asked for.

import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { type BlockReader, openBlockReader } from '../../../host/source/block-reader.ts';
import { isUnchanged, snapshotOf, walk } from '../../../host/source/walk.ts';
import { layOut } from '../../../shared/model/layout.ts';
import { blockBytes, readAheadBlocks, smallReadsFrom, sourceReadsAtOnce } from '../../../shared/wire/limits.ts';

let folder: string;
let reader: BlockReader;
const sizes = { first: blockBytes, second: (readAheadBlocks + 3) * blockBytes };

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-blocks-'));
  const names = Object.entries(sizes);
  for (const [name, size] of names) writeFileSync(path.join(folder, name), Buffer.alloc(size, name));
  const disk = openRealDisk();
  const snapshots = await Promise.all(
    names.map(async ([name]) => snapshotOf(path.join(folder, name), await disk.facts(path.join(folder, name)))),
  );
  const entries = names.map(([name, size]) => ({
    ...{ kind: 'file' as const, path: [name], size, mtimeMs: 0, executable: false },
  }));
  reader = openBlockReader(disk, layOut(entries, 'all'), (index) => snapshots[index]);
});
const take = (length: number) => new Uint8Array(length);
afterEach(async () => {
  await reader.close();
  rmSync(folder, { recursive: true });
});

it('names a file that failed with the first block of it that is asked for, though another one found out', async () => {
  truncateSync(path.join(folder, 'second'), 100);
  // What follows is read ahead, and the other side has it already.
  expect((await reader.read(0, take)).faults).toEqual([]);
  const asked = await reader.read(readAheadBlocks + 2, take);
  expect(asked.faults).toEqual([{ index: 1, code: 'source-changed' }]);
  expect(asked.isWhole).toBe(false);
  expect((await reader.read(readAheadBlocks + 3, take)).faults).toEqual([]);
});

it('reads no block twice that was asked for a little out of turn', async () => {
  let taken = 0;
  const count = (length: number) => {
    taken += 1;
    return take(length);
  };
  for (const block of [0, 2, 1, 3]) await reader.read(block, count);
  await reader.close();
  expect(taken).toBe(4 + readAheadBlocks);
});

/** Where the system gives no thread, small files are read one by one. */
const withoutThreads: Disk = {
  ...openRealDisk(),
  threads: () => ({
    start: () => undefined,
    do: () => Promise.reject(new Error('no thread')),
    close: async () => undefined,
  }),
};

it.skipIf(process.platform !== 'linux').each([
  ['in a thread', openRealDisk()],
  ['without a thread', withoutThreads],
])('reads a block to its end while it closes, and leaves no file open: %s', async (_how, disk) => {
  const small = Array.from({ length: sourceReadsAtOnce + smallReadsFrom }, (_, at) => `small${at}`);
  for (const name of small) writeFileSync(path.join(folder, name), name);
  const names = [...small, 'second'];
  const snapshots = await Promise.all(
    names.map(async (name) => snapshotOf(path.join(folder, name), await disk.facts(path.join(folder, name)))),
  );
  const entries = snapshots.map(({ size }, at) => ({
    ...{ kind: 'file' as const, path: [names[at]!], size, mtimeMs: 0, executable: false },
  }));
  const closing = openBlockReader(disk, layOut(entries, 'all'), (index) => snapshots[index]);
  const reading = closing.read(0, take);
  await closing.close();
  expect((await reading).faults).toEqual([]);
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  expect(open.filter((name) => name.startsWith(folder))).toEqual([]);
  await expect(closing.read(1, take)).rejects.toMatchObject({ code: 'transfer-unknown' });
});

it('keeps few of the threads of the host where its files are on a share that hangs, however many blocks are asked for', async () => {
  const real = openRealDisk();
  const answering = Promise.withResolvers<void>();
  let asked = 0;
  const hanging: Disk = {
    ...real,
    async open(...how) {
      asked += 1;
      await answering.promise;
      return real.open(...how);
    },
  };
  const names = Array.from({ length: 100 }, (_, nth) => `${nth}`);
  for (const name of names) writeFileSync(path.join(folder, name), Buffer.alloc(blockBytes / 4, name));
  const { entries, snapshots } = await walk(
    real,
    names.map((name) => path.join(folder, name)),
  );
  const waiting = openBlockReader(hanging, layOut(entries, 'all'), (index) => snapshots[index]);
  const reading = Array.from({ length: 16 }, (_, block) => waiting.read(block, take));
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(sourceReadsAtOnce);
  answering.resolve();
  for (const [block, { bytes, isWhole }] of (await Promise.all(reading)).entries()) {
    expect([isWhole, String.fromCharCode(bytes[0]!, bytes.at(-1)!)]).toEqual([
      true,
      `${block * 4}`[0]! + `${block * 4 + 3}`.at(-1)!,
    ]);
  }
  await waiting.close();
});

it.each(['ino', 'ctimeNs', 'mtimeNs', 'size'] as const)(
  'a file with another %s is not the one that was chosen',
  async (which) => {
    const file = path.join(folder, 'first');
    const facts = await openRealDisk().facts(file);
    const chosen = snapshotOf(file, facts);
    expect(isUnchanged(chosen, facts)).toBe(true);
    const other = { ...facts, [which]: typeof facts[which] === 'bigint' ? facts[which] + 1n : facts[which] + 1 };
    expect(isUnchanged(chosen, other)).toBe(process.platform === 'win32' && which === 'ctimeNs');
  },
);

/** `silent`: so often it does not say what it is. */
function diskOfType(type: number, silent = 0): { readonly disk: Disk; asked(): number } {
  const real = openRealDisk();
  let asked = 0;
  const disk: Disk = {
    ...real,
    async room(of) {
      asked += 1;
      if (asked <= silent) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return { ...(await real.room(of)), type };
    },
  };
  return { disk, asked: () => asked };
}

it.skipIf(process.platform !== 'linux')('a disk that does not say once what it is is asked again', async () => {
  const { disk } = diskOfType(0x2011_bab0, 1);
  const { snapshots } = await walk(disk, [folder]);
  const files = snapshots.filter((snapshot) => snapshot !== null);
  expect(files.length).toBeGreaterThan(1);
  expect(files.slice(1).filter(({ ino }) => ino !== undefined)).toEqual([]);
});

/** What a system says of the same file after a while: the disk was plugged in again, or its files were forgotten meanwhile. */
it.skipIf(process.platform !== 'linux').each([
  ['FAT', 0x4d44, ['dev', 'ino', 'ctimeNs']],
  ['exFAT', 0x2011_bab0, ['dev', 'ino', 'ctimeNs']],
  ['a program', 0x6573_5546, ['dev', 'ino']],
  ['btrfs', 0x9123_683e, ['dev']],
] as const)('a file that %s names anew is the one that was chosen', async (_disk, type, anew) => {
  const { asked, disk } = diskOfType(type);
  const { snapshots } = await walk(disk, [folder]);
  expect(asked()).toBe(1);
  const [, chosen] = snapshots;
  const facts = await disk.facts(path.join(folder, 'first'));
  for (const each of anew) expect(isUnchanged(chosen!, { ...facts, [each]: facts[each] + 1n })).toBe(true);
  expect(isUnchanged(chosen!, { ...facts, mtimeNs: facts.mtimeNs + 1n })).toBe(false);
});
