// The sending half on a real disk: what is walked, what is left out by name, and files that do not hold still.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { type DiskCall, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { walk } from '../../../host/source/walk.ts';
import { blockBytes, pathMaxDepth, skippedNamedMax, sourceFactsAtOnce } from '../../../shared/wire/limits.ts';
import { openTestHost, type TestHost } from './test-host.ts';

let test: TestHost;
let source: string;
async function begin(disk?: Disk): Promise<void> {
  test = await openTestHost(disk && { disk });
  source = path.join(test.folder, 'source');
  mkdirSync(source);
}
beforeEach(() => begin());
afterEach(() => test.close());

const at = (...names: string[]) => path.join(source, ...names);

/** Begins anew on a disk that fails when it is told to. */
async function onFailingDisk() {
  const disk = openFailingDisk(openRealDisk(), fs);
  await test.close();
  await begin(disk);
  return disk;
}

/** Opens a transfer of these paths and chooses all of it. */
async function send(...paths: string[]) {
  const transfer = randomBytes(16).toString('hex');
  const items = (await test.host.stagePaths(paths)).map(({ id }) => id);
  const opened = await test.host.engine['send.open']({ transfer, secret: 'a'.repeat(64), items, peerName: 'p' });
  const { entries } = await test.host.engine['send.manifest']({ transfer, from: 0 });
  await test.host.engine['send.select']({ transfer, selection: 'all' });
  return { transfer, ...opened, entries, names: entries.map(({ path: names }) => names.join('/')) };
}

/** With a time that can be put back to the nanosecond. */
function writeDated(file: string, bytes: string | Uint8Array): void {
  writeFileSync(file, bytes);
  utimesSync(file, 1_600_000_000, 1_600_000_000);
}

/** In place: the file, its size and its time stay the same. */
function writeOver(file: string, from: number): void {
  const { atime, mtime } = statSync(file);
  const open = openSync(file, 'r+');
  writeSync(open, 'XX', from);
  closeSync(open);
  utimesSync(file, atime, mtime);
}

const read = (transfer: string, block: number) => test.host.engine['send.read']({ transfer, block });

describe('what is sent', () => {
  it('is a folder with what is in it, parents first and in one order', async () => {
    mkdirSync(at('b', 'empty'), { recursive: true });
    writeFileSync(at('b', '文件.txt'), 'x');
    writeFileSync(at('a.txt'), 'yy');
    const { names, totals } = await send(source);
    expect(names).toEqual(['source', 'source/a.txt', 'source/b', 'source/b/empty', 'source/b/文件.txt']);
    expect(totals).toEqual({ files: 2, folders: 3, bytes: 3 });
  });

  it('is listed as people list it: by name, and by the numbers in names', async () => {
    for (const name of ['photo 10.jpg', 'photo 9.jpg', 'photo 1.jpg', 'Album.txt', 'zebra.txt', 'Ärger.txt']) {
      writeFileSync(at(name), 'x');
    }
    const { names } = await send(source);
    expect(names.slice(1).map((name) => name.slice('source/'.length))).toEqual([
      'Album.txt',
      'Ärger.txt',
      'photo 1.jpg',
      'photo 9.jpg',
      'photo 10.jpg',
      'zebra.txt',
    ]);
  });

  it.each([
    ['a link to a file', 'symlink', () => symlinkSync(path.join(test.outside, 'sentinel'), at('odd'))],
    ['a link to a folder', 'symlink', () => symlinkSync(test.outside, at('odd'))],
    ['a link into nothing', 'symlink', () => symlinkSync('/nowhere', at('odd'))],
    ['a pipe', 'special', () => execFileSync('mkfifo', [at('odd')])],
  ] as const)('leaves out by name and never follows %s', async (_what, why, put) => {
    writeFileSync(at('plain'), 'x');
    put();
    const { names, skipped } = await send(source);
    expect(names).toEqual(['source', 'source/plain']);
    expect(skipped).toEqual([{ path: ['source', 'odd'], why }]);
  });

  it('leaves out what it may not look at, and does not call it gone', async () => {
    const disk = await onFailingDisk();
    for (const name of ['hidden', 'plain']) writeFileSync(at(name), 'x');
    disk.fail({
      when: ({ name, path: file }) => name === 'facts' && path.basename(file) === 'hidden',
      errno: 'EACCES',
    });
    const { names, skipped } = await send(source);
    expect(names).toEqual(['source', 'source/plain']);
    expect(skipped).toEqual([{ path: ['source', 'hidden'], why: 'unreadable' }]);
  });

  it('leaves out by name what lies deeper than an offer may tell, for which the other side would refuse all', async () => {
    const deepest = Array.from({ length: pathMaxDepth }, () => 'd');
    mkdirSync(at(...deepest), { recursive: true });
    writeFileSync(at('plain'), 'x');
    const { names, skipped } = await send(source);
    expect(names.map((name) => name.split('/').length)).toEqual([
      ...Array.from({ length: pathMaxDepth }, (_, depth) => depth + 1),
      2,
    ]);
    expect(skipped).toEqual([{ path: ['source', ...deepest], why: 'deep' }]);
  });

  it('names the first of very many links, and counts all', async () => {
    writeFileSync(at('plain'), 'x');
    for (let nth = 0; nth < skippedNamedMax + 100; nth += 1) symlinkSync('/nowhere', at(`link ${nth}`));
    const { names, skipped, skippedCount } = await send(source);
    expect(names).toEqual(['source', 'source/plain']);
    expect([skipped.length, skippedCount]).toEqual([skippedNamedMax, skippedNamedMax + 100]);
  });

  it('N10 leaves out by name what has no name in Unicode, and sends no other in its place', async () => {
    writeFileSync(at('plain'), 'x');
    writeFileSync(Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0x61, 0xff, 0x62])]), 'y');
    const { names, skipped } = await send(source);
    expect(names).toEqual(['source', 'source/plain']);
    expect(skipped).toEqual([{ path: ['source', 'a\u00ffb'], why: 'name' }]);
  });

  it('leaves out by name what the other side would refuse everything for', async () => {
    for (const name of ['plain', 'a:b?c.txt', 'z']) writeFileSync(at(name), 'x');
    const { names, skipped } = await send(source);
    expect(names).toEqual(['source', 'source/plain', 'source/z']);
    expect(skipped).toEqual([{ path: ['source', 'a:b?c.txt'], why: 'name' }]);
    const picked = await send(at('a:b?c.txt'), at('z'));
    expect(picked.names).toEqual(['z']);
    expect(picked.skipped).toEqual([{ path: ['a:b?c.txt'], why: 'name' }]);
    await expect(send(at('a:b?c.txt'))).rejects.toMatchObject({ code: 'name-unsendable' });
  });

  it('asks the disk about many files at once, within a bound, and lists them as people do', async () => {
    const count = 150;
    for (let number = 1; number <= count; number += 1) writeFileSync(at(`${number}.txt`), 'x');
    const real = openRealDisk();
    const asked = { now: 0, most: 0 };
    const facts: Disk['facts'] = async (where) => {
      asked.now += 1;
      asked.most = Math.max(asked.most, asked.now);
      return real.facts(where).finally(() => {
        asked.now -= 1;
      });
    };
    const { entries } = await walk({ ...real, facts }, [source]);
    const names = Array.from({ length: count }, (_, nth) => `source/${nth + 1}.txt`);
    expect(entries.map(({ path: parts }) => parts.join('/'))).toEqual(['source', ...names]);
    expect(asked.most).toBeGreaterThan(1);
    expect(asked.most).toBeLessThanOrEqual(sourceFactsAtOnce);
  });

  it('does not follow a link that takes the place of a folder while it is being listed', async () => {
    mkdirSync(at('sub'));
    writeFileSync(at('sub', 'mine'), 'x');
    const real = openRealDisk();
    let isSwapped = false;
    const disk: Disk = {
      ...real,
      openFolder(folder) {
        if (String(folder).endsWith('sub') && !isSwapped) {
          isSwapped = true;
          renameSync(at('sub'), at('moved'));
          symlinkSync(test.outside, at('sub'));
        }
        return real.openFolder(folder);
      },
      list(folder) {
        // Once it is open, swapping comes too late.
        if (!isSwapped) {
          isSwapped = true;
          renameSync(source, `${source} moved`);
          symlinkSync(test.outside, source);
        }
        return real.list(folder);
      },
    };
    const late = await walk(disk, [source]);
    expect(late.entries.map(({ path: names }) => names.join('/'))).toEqual(['source', 'source/sub', 'source/sub/mine']);
    rmSync(source);
    renameSync(`${source} moved`, source);
    isSwapped = false;
    const early = await walk({ ...disk, list: (folder) => real.list(folder) }, [source]);
    expect(early.entries.map(({ path: names }) => names.join('/'))).toEqual(['source']);
    expect(early.skipped).toEqual([{ path: ['source', 'sub'], why: 'symlink' }]);
  });

  it('can be looked into for a small picture of it: whole, in pieces, and not once it has changed', async () => {
    const bytes = randomBytes(blockBytes + 1000);
    writeFileSync(at('photo.jpg'), bytes);
    mkdirSync(at('folder'));
    const { transfer, names } = await send(source);
    const index = names.indexOf('source/photo.jpg');
    const piece = async (nth: number, from: number) =>
      (await test.host.engine['send.picture']({ transfer, index: nth, from }))?.bytes;
    const [first, second] = [await piece(index, 0), await piece(index, blockBytes)];
    expect(Buffer.concat([first!, second!]).equals(bytes)).toBe(true);
    expect(await piece(index, bytes.length + 1)).toBeUndefined();
    expect(await piece(names.indexOf('source/folder'), 0)).toBeUndefined();
    expect(await piece(names.length, 0)).toBeUndefined();
    writeOver(at('photo.jpg'), 3);
    expect(await piece(index, 0)).toBeUndefined();
  });

  it('keeps two things of one name apart', async () => {
    mkdirSync(at('one'));
    mkdirSync(at('two'));
    for (const folder of ['one', 'two']) writeFileSync(at(folder, 'x.txt'), folder);
    const { names } = await send(at('one', 'x.txt'), at('two', 'x.txt'));
    expect(names).toEqual(['x.txt', 'x (2).txt']);
  });

  it('is nothing when all of it has gone', async () => {
    writeFileSync(at('x'), 'x');
    const [item] = await test.host.stagePaths([at('x')]);
    rmSync(at('x'));
    const input = { transfer: 'a'.repeat(32), secret: 'a'.repeat(64), items: [item!.id], peerName: 'p' };
    await expect((async () => test.host.engine['send.open'](input))()).rejects.toMatchObject({
      code: 'source-missing',
    });
  });
});

describe('a file that does not hold still', () => {
  const size = 3 * blockBytes;
  const rows: readonly [string, string, (file: string) => void][] = [
    ['grew', 'source-changed', (file) => appendFileSync(file, 'x')],
    ['shrank', 'source-changed', (file) => truncateSync(file, blockBytes)],
    ['vanished', 'source-missing', (file) => rmSync(file)],
    [
      'became a folder',
      'source-not-a-file',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
    [
      'became a pipe',
      'source-not-a-file',
      (file) => {
        rmSync(file);
        execFileSync('mkfifo', [file]);
      },
    ],
    [
      'became a link to another file',
      'source-not-a-file',
      (file) => {
        rmSync(file);
        symlinkSync(path.join(test.outside, 'sentinel'), file);
      },
    ],
    [
      'was written over, with its old time put back',
      'source-changed',
      (file) => {
        const { atime, mtime } = statSync(file);
        renameSync(file, `${file}.old`);
        writeFileSync(file, randomBytes(size));
        utimesSync(file, atime, mtime);
      },
    ],
    [
      'was written over in place, with its old time put back',
      'source-changed',
      (file) => writeOver(file, 2 * blockBytes),
    ],
  ];
  it.each(rows)(
    'because it %s fails by name, reads as zeros, and the next one goes on',
    async (_what, code, change) => {
      const next = randomBytes(blockBytes);
      writeDated(at('a'), randomBytes(size));
      writeFileSync(at('b'), next);
      const { transfer } = await send(at('a'), at('b'));
      change(at('a'));
      const blocks = await Promise.all([0, 1, 2, 3].map((block) => read(transfer, block)));
      expect(blocks.flatMap(({ faults }) => faults)).toEqual([{ index: 0, code }]);
      for (const { bytes } of blocks.slice(0, 3)) expect(Buffer.compare(bytes, new Uint8Array(blockBytes))).toBe(0);
      expect(Buffer.compare(blocks[3]!.bytes, next)).toBe(0);
    },
  );

  it.skipIf(process.platform === 'win32').each([0, 1])(
    'never arrives as a mixture: written over in place after block %i was read, time put back',
    async (first) => {
      // So many that those that are read ahead are not all.
      writeDated(at('a'), randomBytes(20 * blockBytes));
      const { transfer } = await send(at('a'));
      for (let block = 0; block <= first; block += 1) expect((await read(transfer, block)).faults).toEqual([]);
      writeOver(at('a'), 10 * blockBytes);
      const faults = [];
      for (let block = first + 1; block < 20; block += 1) faults.push(...(await read(transfer, block)).faults);
      expect(faults).toEqual([{ index: 0, code: 'source-changed' }]);
    },
  );

  it('fails alone among many small ones that are read together', async () => {
    const names = Array.from({ length: 40 }, (_, nth) => `${nth}`.padStart(2, '0'));
    for (const name of names) writeDated(at(name), name.repeat(50));
    const { transfer } = await send(source);
    appendFileSync(at('03'), 'x');
    rmSync(at('11'));
    rmSync(at('20'));
    symlinkSync(path.join(test.outside, 'sentinel'), at('20'));
    rmSync(at('30'));
    execFileSync('mkfifo', [at('30')]);
    if (process.platform !== 'win32') writeOver(at('35'), 10);
    const { bytes, faults } = await read(transfer, 0);
    const lost = new Map([
      ['03', 'source-changed'],
      ['11', 'source-missing'],
      ['20', 'source-not-a-file'],
      ['30', 'source-not-a-file'],
      ...(process.platform === 'win32' ? [] : [['35', 'source-changed'] as const]),
    ]);
    expect(Buffer.from(bytes).toString()).toBe(
      names.map((name) => (lost.has(name) ? '\0\0' : name).repeat(50)).join(''),
    );
    expect(faults.map(({ index, code }) => [names[index - 1], code])).toEqual([...lost]);
    expect((await read(transfer, 0)).faults).toEqual([]);
  });

  it('in the middle of being read fails from there on', async () => {
    const whole = randomBytes(40 * blockBytes);
    writeFileSync(at('a'), whole);
    const { transfer } = await send(at('a'));
    expect(Buffer.compare((await read(transfer, 0)).bytes, whole.subarray(0, blockBytes))).toBe(0);
    truncateSync(at('a'), blockBytes);
    const rest = await Promise.all(Array.from({ length: 39 }, (_, nth) => read(transfer, nth + 1)));
    expect(rest.flatMap(({ faults }) => faults)).toEqual([{ index: 0, code: 'source-changed' }]);
    expect(Buffer.compare(rest.at(-1)!.bytes, new Uint8Array(blockBytes))).toBe(0);
  });

  it('tells nobody the digest of what it has become', async () => {
    writeFileSync(at('a'), 'one');
    writeFileSync(at('b'), 'two');
    const { transfer } = await send(at('a'), at('b'));
    rmSync(at('a'));
    linkSync(path.join(test.outside, 'sentinel'), at('a'));
    const [changed, same] = await test.host.engine['send.digests']({ transfer, indexes: [0, 1] });
    expect([changed, same]).toEqual([null, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('is not read on for its digest once its transfer was put away', async () => {
    const disk = await onFailingDisk();
    const blocks = 64;
    writeFileSync(at('a'), new Uint8Array(blocks * blockBytes));
    writeFileSync(at('b'), 'two');
    const { transfer } = await send(at('a'), at('b'));
    const reads = () => disk.calls.filter(({ name, path: of }) => name === 'read' && of === at('a')).length;
    const asked = test.host.engine['send.digests']({ transfer, indexes: [0, 1] });
    const answer = expect(asked).rejects.toMatchObject({ code: 'transfer-unknown' });
    await expect.poll(reads).toBeGreaterThan(0);
    await test.host.engine['send.close']({ transfer, keep: false });
    const before = reads();
    await answer;
    expect(before).toBeLessThan(blocks);
    expect(reads() - before).toBeLessThanOrEqual(1);
  });
});

describe('what is kept for another day', () => {
  it('comes back with its choice and its hashes, and is gone without a trace once it is thrown away', async () => {
    writeFileSync(at('a'), randomBytes(2 * blockBytes));
    const { transfer, names } = await send(at('a'));
    const hashes: Uint8Array[] = [];
    for (const block of [0, 1]) {
      const { bytes, hash } = await read(transfer, block);
      expect(Buffer.from(hash)).toEqual(createHash('sha256').update(bytes).digest());
      hashes.push(hash);
    }
    await test.restart();
    expect(await test.host.ui['unfinished.list']({})).toMatchObject([{ id: transfer, direction: 'send' }]);
    expect(await test.host.engine['send.reopen']({ transfer })).toMatchObject({ id: transfer, selection: 'all' });
    const { entries } = await test.host.engine['send.manifest']({ transfer, from: 0 });
    expect(entries.map(({ path: sent }) => sent.join('/'))).toEqual(names);
    const known = await test.host.engine['send.known']({ transfer, from: 0, count: 3 });
    expect(Buffer.from(known.hashes)).toEqual(Buffer.concat([...hashes, Buffer.alloc(32)]));
    expect((await read(transfer, 1)).bytes.byteLength).toBe(blockBytes);
    await test.host.engine['send.close']({ transfer, keep: true });
    await test.host.ui['unfinished.discard']({ transfer });
    expect(await test.host.ui['unfinished.list']({})).toEqual([]);
    await expect((async () => test.host.engine['send.reopen']({ transfer }))()).rejects.toMatchObject({
      code: 'transfer-unknown',
    });
  });

  it('comes back with the hash over everything that was announced, for as long as the choice is the same', async () => {
    writeFileSync(at('a'), 'a');
    writeFileSync(at('b'), 'b');
    const { transfer } = await send(at('a'), at('b'));
    const root = 'e'.repeat(64);
    await test.host.engine['send.keepRoot']({ transfer, root });
    await test.restart();
    expect(await test.host.engine['send.reopen']({ transfer })).toMatchObject({ selection: 'all', root });
    await test.host.engine['send.select']({ transfer, selection: 'all' });
    expect(await test.host.engine['send.reopen']({ transfer })).toMatchObject({ root });
    await test.host.engine['send.select']({ transfer, selection: [[0, 1]] });
    expect(await test.host.engine['send.reopen']({ transfer })).not.toHaveProperty('root');
  });

  it('comes back with the hash over everything while this program runs, where it could not be written down', async () => {
    const disk = await onFailingDisk();
    writeFileSync(at('a'), 'a');
    const { transfer } = await send(at('a'));
    const { engine } = test.host;
    const heal = disk.fail({
      when: ({ name, path: file }) => name === 'rename' && file.includes(transfer),
      errno: 'EACCES',
    });
    const root = 'e'.repeat(64);
    await expect(engine['send.keepRoot']({ transfer, root })).rejects.toThrow();
    heal();
    await engine['send.close']({ transfer, keep: true });
    expect(await engine['send.reopen']({ transfer })).toMatchObject({ root });
    await engine['send.close']({ transfer, keep: true });
    await test.restart();
    expect(await test.host.engine['send.reopen']({ transfer })).toMatchObject({ root });
  });

  it('keeps the newer of two hashes over everything, where only the older one could be written down', async () => {
    const disk = await onFailingDisk();
    writeFileSync(at('a'), 'a');
    const { transfer } = await send(at('a'));
    const { engine } = test.host;
    const [older, newer] = ['d'.repeat(64), 'e'.repeat(64)];
    disk.fail({
      when: ({ name, path: file }) => name === 'rename' && file.includes(transfer),
      from: 2,
      times: 1,
      errno: 'EACCES',
    });
    const [, second] = await Promise.allSettled(
      [older, newer].map((root) => engine['send.keepRoot']({ transfer, root })),
    );
    expect(second).toMatchObject({ status: 'rejected' });
    await engine['send.close']({ transfer, keep: true });
    expect(await engine['send.reopen']({ transfer })).toMatchObject({ root: newer });
  });

  it('keeps the choice and the hash over everything, also where both are written down at once', async () => {
    writeFileSync(at('a'), '');
    const transfer = randomBytes(16).toString('hex');
    const items = (await test.host.stagePaths([at('a')])).map(({ id }) => id);
    const { engine } = test.host;
    await engine['send.open']({ transfer, secret: 'a'.repeat(64), items, peerName: 'p' });
    const root = 'e'.repeat(64);
    await Promise.all([
      engine['send.select']({ transfer, selection: 'all' }),
      engine['send.keepRoot']({ transfer, root }),
    ]);
    await test.restart();
    expect(await test.host.engine['send.reopen']({ transfer })).toMatchObject({ selection: 'all', root });
  });

  it('has no hash of a block that a file is missing in, however often it was read', async () => {
    writeFileSync(at('a'), 'here');
    writeFileSync(at('b'), 'gone soon');
    const { transfer } = await send(at('a'), at('b'));
    rmSync(at('b'));
    for (let time = 0; time < 2; time += 1) await read(transfer, 0);
    const { hashes } = await test.host.engine['send.known']({ transfer, from: 0, count: 1 });
    expect(Buffer.from(hashes)).toEqual(Buffer.alloc(32));
  });

  describe('whose list is damaged', () => {
    const damages: Readonly<Record<string, (file: string) => void>> = {
      'cut short': (file) => truncateSync(file, 20),
      missing: (file) => rmSync(file),
      'with a size that is wrong': (file) =>
        writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"size":4', '"size":5')),
      'with a path that is wrong': (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"b"', '"c"')),
    };
    async function damaged(how: string, between: () => void = () => undefined) {
      mkdirSync(at('folder'));
      writeFileSync(at('folder', 'b'), 'bbbb');
      writeFileSync(at('a'), 'aaaa');
      const sent = await send(at('folder'), at('a'));
      const { hash } = await read(sent.transfer, 0);
      await test.restart(() => {
        damages[how]!(path.join(test.folder, 'data', 'sends', `${sent.transfer}.manifest`));
        between();
      });
      return { ...sent, hash };
    }

    it.each(Object.keys(damages))('%s: it is made anew, and the transfer goes on with what is there', async (how) => {
      const { transfer, entries, hash } = await damaged(how);
      expect(await test.host.engine['send.reopen']({ transfer })).toMatchObject({ id: transfer, selection: 'all' });
      expect((await test.host.engine['send.manifest']({ transfer, from: 0 })).entries).toEqual(entries);
      expect(await test.host.engine['send.known']({ transfer, from: 0, count: 1 })).toEqual({ hashes: hash });
      expect(await read(transfer, 0)).toMatchObject({ hash, faults: [] });
    });

    it('says so where the files are not the same any more', async () => {
      const { transfer } = await damaged('cut short', () => writeFileSync(at('a'), 'AAAA'));
      const reopen = (async () => test.host.engine['send.reopen']({ transfer }))();
      await expect(reopen).rejects.toMatchObject({ code: 'journal-damaged' });
    });
  });

  it('does not know the hashes that cannot be read, and goes on without them', async () => {
    const disk = await onFailingDisk();
    writeFileSync(at('a'), 'aaaa');
    const { transfer } = await send(at('a'));
    await read(transfer, 0);
    disk.fail({ when: ({ name, path: file }) => name === 'read' && file.endsWith('.hashes'), errno: 'EIO' });
    const { hashes } = await test.host.engine['send.known']({ transfer, from: 0, count: 1 });
    expect(Buffer.from(hashes)).toEqual(Buffer.alloc(32));
  });

  it('opens a file of a network share anew once the share is back, and names it where it is not the same any more', async () => {
    const disk = await onFailingDisk();
    const bytes = randomBytes(12 * blockBytes);
    writeFileSync(at('a'), bytes);
    const { transfer } = await send(at('a'));
    await read(transfer, 0);
    const opened = () => disk.calls.filter(({ name, path: file }) => name === 'open' && file === at('a')).length;
    const before = opened();
    const back = disk.fail({
      when: ({ name, path: file }) => name === 'read' && file === at('a'),
      errno: 'ESTALE',
      times: 1,
    });
    const got = [];
    for (let block = 1; block < 12; block += 1) got.push(await read(transfer, block));
    back();
    expect(got.flatMap(({ faults }) => faults)).toEqual([]);
    expect(Buffer.concat(got.map((one) => one.bytes)).equals(bytes.subarray(blockBytes))).toBe(true);
    expect(opened()).toBe(before + 1);
    // For good: the share came back without the file.
    disk.fail({ when: ({ name, path: file }) => name === 'read' && file === at('a'), errno: 'ESTALE' });
    await test.host.engine['send.select']({ transfer, selection: 'all' });
    expect((await read(transfer, 0)).faults).toEqual([{ index: 0, code: 'source-missing' }]);
  });

  it.each([
    ['small', 4],
    ['large', 3 * blockBytes],
  ])('waits for a handle where the system has too many files open, and loses no %s file', async (_size, bytes) => {
    const disk = await onFailingDisk();
    writeFileSync(at('a'), randomBytes(bytes));
    const { transfer } = await send(at('a'));
    const isSource = ({ name, path: file }: DiskCall) => /^open/.test(name) && file === at('a');
    const none = disk.fail({ when: isSource, errno: 'EMFILE' });
    await expect(read(transfer, 0)).rejects.toMatchObject({ code: 'source-too-many-open' });
    none();
    disk.fail({ when: isSource, errno: 'EMFILE', times: 2 });
    for (let block = 0; block < bytes / blockBytes; block += 1) {
      const sent = await read(transfer, block);
      expect(sent.faults).toEqual([]);
      const [from, to] = [block * blockBytes, (block + 1) * blockBytes];
      expect(Buffer.from(sent.bytes).equals(readFileSync(at('a')).subarray(from, to))).toBe(true);
    }
  });

  it('leaves no list and no hashes behind once its record is damaged', async () => {
    writeFileSync(at('a'), 'x');
    const { transfer } = await send(at('a'));
    const sends = path.join(test.folder, 'data', 'sends');
    await test.restart(() => writeFileSync(path.join(sends, `${transfer}.json`), '{'));
    expect(await test.host.ui['unfinished.list']({})).toEqual([]);
    await test.restart();
    expect(readdirSync(sends)).toEqual([`${transfer}.json.damaged`]);
  });

  it('is set aside when it is damaged, and nothing else suffers', async () => {
    writeFileSync(at('a'), 'x');
    writeFileSync(at('b'), 'x');
    const [bad, good] = [await send(at('a')), await send(at('b'))];
    await test.host.close();
    const record = path.join(test.folder, 'data', 'sends', `${bad.transfer}.json`);
    writeFileSync(record, readFileSync(record).subarray(0, 20));
    await test.restart();
    expect(await test.host.ui['unfinished.list']({})).toMatchObject([{ id: good.transfer }]);
  });
});
