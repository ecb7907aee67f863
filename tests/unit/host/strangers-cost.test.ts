// What a stranger's offer or a person's choice costs the host grows with its length, and with nothing else.

import * as fs from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { countClaimed } from '../../../host/sink/block-journal.ts';
import { foldersIn } from '../../../host/sink/disk-path.ts';
import { openFailedFiles } from '../../../host/sink/failed-files.ts';
import type { KeptReceive } from '../../../host/sink/receive-record.ts';
import { type Interrupted, syncPublishedNames } from '../../../host/sink/settle-publish-log.ts';
import { walk } from '../../../host/source/walk.ts';
import type { FaultCode } from '../../../shared/model/fault.ts';
import { sortInSlices } from '../../../shared/model/sort-in-slices.ts';
import { planNames } from '../../../shared/model/wire-path.ts';
import { sortSliceItems } from '../../../shared/wire/limits.ts';
import { settled, VirtualClock } from '../link/virtual-clock.ts';
import { incoming, prepare, writeBlock } from './receive-steps.ts';
import { hastyClock, openTestHost } from './test-host.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-cost-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function cpuMsOf(task: () => unknown): number {
  const began = process.threadCpuUsage();
  task();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}

describe('the folders of an offer', () => {
  const plan = (paths: readonly string[][]) => [
    ...planNames(
      paths.map((one) => ({ kind: 'file', path: one, size: 1, mtimeMs: 0, executable: false })),
      'posix',
    ),
  ];

  it('come parents first, each once', () => {
    const entries = plan([['a', 'b', 'x'], ['c', 'x'], ['a', 'b', 'd', 'e', 'x'], ['y'], ['a', 'z']]);
    expect([...foldersIn('/t', entries)]).toEqual(['/t/a', '/t/a/b', '/t/c', '/t/a/b/d', '/t/a/b/d/e']);
  });

  it('are found in seconds at most where long paths take turns', () => {
    const long = (name: string) => Array.from({ length: 60 }, () => name.repeat(50));
    const entries = plan(Array.from({ length: 9_000 }, (_, nth) => [...long(nth % 2 ? 'a' : 'b'), `${nth}`]));
    expect(cpuMsOf(() => foldersIn('/t', entries))).toBeLessThan(1_500);
  });
});

it('the folders of what is to be put in place for good are found in seconds at most, however deep and many they are', async () => {
  const disk = openRealDisk();
  const plan = { disk, planned: [], destination: folder, folders: { destination: folder } } as unknown as Interrupted;
  const deep = path.join(folder, ...Array.from({ length: 62 }, () => 'aaaa'));
  const noteOf = (file: string) => ({ where: path.join(deep, file), state: 'published' }) as const;
  const notes = new Map(Array.from({ length: 100_000 }, (_, nth) => [nth, noteOf(`${nth % 20_000}/${nth}`)]));
  // The folders are not there: nothing is synced.
  let done: Promise<void> | undefined;
  const ms = cpuMsOf(() => {
    done = syncPublishedNames(plan, notes);
  });
  await done;
  expect(ms).toBeLessThan(1_500);
});

describe('files that the sender names one after the other as unreadable', () => {
  const failing = () => ({ record: { id: 'ab'.repeat(16) } as KeptReceive, failed: new Map<number, FaultCode>() });

  it('C19 are written down together, a tenth of the time at most, and at once where that is awaited', async () => {
    const clock = new VirtualClock();
    let saved = 0;
    let listed = 0;
    const files = openFailedFiles(
      {
        async save({ failed = [] }) {
          saved += 1;
          listed = failed.length;
          clock.advance(20);
        },
      },
      clock,
    );
    const transfer = failing();
    for (let nth = 0; nth < 1_000; nth += 1) {
      files.note(transfer, nth, 'source-unreadable');
      await settled();
      clock.advance(1);
    }
    expect(saved).toBeLessThan(10);
    files.note(transfer, 1_000, 'source-unreadable');
    await files.written(transfer.record.id);
    expect(listed).toBe(1_001);
  });

  it('are written down at once where they come together, and with each other', async () => {
    const clock = new VirtualClock();
    const lists: number[] = [];
    const files = openFailedFiles({ save: async ({ failed = [] }) => void lists.push(failed.length) }, clock);
    const transfer = failing();
    for (let nth = 0; nth < 1_000; nth += 1) files.note(transfer, nth, 'source-unreadable');
    await files.written(transfer.record.id);
    expect(lists).toEqual([1_000]);
  });
});

it('thousands of files of one name are chosen in seconds at most, and each gets a name', async () => {
  const file = path.join(folder, 'index.html');
  writeFileSync(file, '');
  const real = openRealDisk();
  const known = await real.facts(file);
  const disk: Disk = { ...real, facts: async () => known };
  const began = process.cpuUsage();
  const { entries } = await walk(
    disk,
    Array.from({ length: 30_000 }, () => file),
  );
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(5_000);
  expect(new Set(entries.map(({ path: names }) => names[0])).size).toBe(30_000);
  expect(entries.at(-1)!.path).toEqual(['index (30000).html']);
});

it('a long list is sorted as a short one is, a little at a time', async () => {
  const order = new Intl.Collator('en', { numeric: true });
  const names = Array.from(
    { length: 5 * sortSliceItems + 7 },
    (_, nth) => [`IMG ${(nth * 7919) % 3001}`, nth] as const,
  );
  const compare = ([one]: (typeof names)[number], [other]: (typeof names)[number]) => order.compare(one, other);
  let turns = 0;
  let isOver = false;
  const sorting = sortInSlices(names, compare, setImmediate).finally(() => {
    isOver = true;
  });
  for (; !isOver; turns += 1) await setImmediate();
  expect(await sorting).toEqual(names.toSorted(compare));
  expect(turns).toBeGreaterThan(10);
});

it('the list of what is unfinished reads journals in pieces, however long their transfers are', async () => {
  writeFileSync(path.join(folder, 'blocks'), '');
  const real = openRealDisk();
  let most = 0;
  const disk: Disk = {
    ...real,
    async open(...how) {
      const file = await real.open(...how);
      return {
        ...file,
        close: () => file.close(),
        read(into, position) {
          most = Math.max(most, into.byteLength);
          return file.read(into, position);
        },
      };
    },
  };
  expect(await countClaimed(disk, folder, 4_000_000)).toBe(0);
  expect(most).toBeLessThan(1024 * 1024);
});

it('an offer below a folder that is not there asks the disk once for it', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const test = await openTestHost({ disk });
  fs.mkdirSync(path.join(test.downloads, 'top'));
  const files = Array.from({ length: 500 }, (_, nth) => ({ path: ['top', 'new', `${nth}`], bytes: Buffer.from('x') }));
  const { transfer, entries } = incoming(files);
  await test.host.engine['receive.begin']({ transfer, secret: 'a'.repeat(64), peerName: 'p', checked: true });
  await test.host.engine['receive.entries']({ transfer, entries: [...entries] });
  const before = disk.calls.length;
  await test.host.engine['receive.plan']({ transfer });
  const asked = disk.calls.slice(before).filter(({ path: file }) => file.includes('top'));
  expect(asked.map(({ path: file }) => path.relative(test.downloads, file))).toEqual(['top', 'top/new']);
  await test.close();
});

it('each folder of files that their sender could not read is looked at once, however many of them are in it', async () => {
  const disk = openFailingDisk(openRealDisk(), fs);
  const test = await openTestHost({ disk });
  try {
    const deep = Array.from({ length: 40 }, (_, nth) => `${nth}`);
    const offer = incoming([
      { path: ['trip', 'here'], bytes: Buffer.from('here') },
      ...Array.from({ length: 50 }, (_, nth) => ({ path: ['trip', ...deep, `${nth}`], bytes: Buffer.from('gone') })),
    ]);
    const { transfer, root } = offer;
    await prepare(test.host, offer);
    for (let index = 1; index <= 50; index += 1) {
      await test.host.engine['receive.fault']({ transfer, index, code: 'source-missing' });
    }
    await writeBlock(test.host, offer, 0);
    expect(await test.host.engine['receive.commit']({ transfer, root })).toMatchObject({ published: 1 });
    const looks = disk.calls.filter(({ name, path: of }) => name === 'removeEmptyFolder' && of.includes('/tree/trip'));
    expect(looks.length).toBeLessThanOrEqual(deep.length + 1);
    expect(fs.readdirSync(path.join(test.downloads, 'trip'))).toEqual(['here']);
  } finally {
    await test.close();
  }
});

describe('N41 long names that are cut to one where a number goes', () => {
  const names = Array.from({ length: 150 }, (_, nth) => `${'x'.repeat(250)}${`${nth}`.padStart(5, '0')}`);
  it.each([
    ['files', 'keep-both', names.map((name) => [name])],
    ['folders', 'keep-both', names.map((name) => [name, 'a'])],
    ['old files that no trash takes', 'replace', names.map((name) => [name])],
  ] as const)('cost no more for each than others do: %s', async (_, conflict, paths) => {
    const disk = openFailingDisk(openRealDisk(), fs);
    const trash = () => Promise.reject(new Error('no trash'));
    const test = await openTestHost({ disk, clock: hastyClock, trash });
    try {
      const looks: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const offer = incoming(paths.map((one) => ({ path: one, bytes: Buffer.alloc(0) })));
        const { transfer, root } = offer;
        await prepare(test.host, offer, conflict);
        const before = disk.calls.length;
        const answer = await test.host.engine['receive.commit']({ transfer, root });
        expect(answer).toEqual({ published: paths.length, faults: [] });
        looks.push(disk.calls.slice(before).filter(({ name }) => name === 'facts').length);
        await test.host.engine['receive.close']({ transfer, keep: false });
      }
      expect(Math.max(...looks)).toBeLessThan(20 * paths.length);
      expect(fs.readdirSync(test.downloads)).toHaveLength(3 * paths.length);
    } finally {
      await test.close();
    }
  });
});
