// Small files are made while the rest still travels, and nothing depends on it: whatever was interrupted, changed, heard
// of late or not made at all, what is published is what was sent.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { type EarlyCreation, openEarlyCreation } from '../../../host/sink/early-creation.ts';
import { openStaging } from '../../../host/sink/staging.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { layOut } from '../../../shared/model/layout.ts';
import { planNames } from '../../../shared/model/wire-path.ts';
import { blockBytes, filesMadeAtOnce, filesMadeBehindMax, syncEveryFiles } from '../../../shared/wire/limits.ts';
import { type Incoming, incoming, prepare, writeBlock } from './receive-steps.ts';
import { hastyClock, openTestHost, type TestHost, treeOf } from './test-host.ts';

const disk = openRealDisk();
let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const at = (...names: string[]) => path.join(test.downloads, ...names);
const staging = () => at(readdirSync(test.downloads).find((name) => name.startsWith('.tincan-'))!);
const early = (...names: string[]) => path.join(staging(), 'tree', 'trip', ...names);

/** Three small files fill most of the first block; the large one ends in the second. */
function trip(): Incoming & { readonly sent: ReadonlyMap<string, Buffer> } {
  const files = [
    { path: ['trip', 'a.txt'], bytes: randomBytes(50_000) },
    { path: ['trip', 'sub', 'b.sh'], bytes: randomBytes(50_000), executable: true },
    { path: ['trip', 'sub', 'empty'], bytes: Buffer.alloc(0) },
    { path: ['trip', 'large.bin'], bytes: randomBytes(blockBytes) },
  ];
  return { ...incoming(files), sent: new Map(files.map(({ path: names, bytes }) => [names.join('/'), bytes])) };
}

async function firstBlockOf(offer: Incoming, conflict: ConflictPolicy = 'keep-both'): Promise<void> {
  await prepare(test.host, offer, conflict);
  await writeBlock(test.host, offer, 0);
  await expect
    .poll(() => ['a.txt', 'sub/b.sh', 'sub/empty'].map((name) => existsSync(early(name))))
    .not.toContain(false);
}

async function reopen({ transfer }: Incoming) {
  await test.restart();
  await test.host.engine['receive.reopen']({ transfer });
  return test.host.engine['receive.start']({ transfer, leaveOut: [] });
}

const commit = ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });

function expectArrived(sent: ReadonlyMap<string, Buffer>): void {
  const files = treeOf(test.downloads).filter((name) => statSync(at(name)).isFile());
  expect(files.filter((name) => !name.startsWith('.tincan-'))).toEqual([...sent.keys()].sort());
  for (const [name, bytes] of sent) expect(readFileSync(at(name)).equals(bytes), name).toBe(true);
}

describe('small files that are whole', () => {
  it('are made while the rest travels, out of sight, and are then in place with it', async () => {
    const offer = trip();
    await firstBlockOf(offer);
    expect(readFileSync(early('a.txt')).equals(offer.sent.get('trip/a.txt')!)).toBe(true);
    expect([existsSync(early('large.bin')), existsSync(at('trip'))]).toEqual([false, false]);
    const made = statSync(early('a.txt')).ino;
    await writeBlock(test.host, offer, 1);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expectArrived(offer.sent);
    expect(statSync(at('trip', 'a.txt')).ino).toBe(made);
  });

  it('of which a fault is heard later do not come into place, nor does a folder that would be empty', async () => {
    const offer = trip();
    await firstBlockOf(offer);
    for (const index of [1, 2]) {
      await test.host.engine['receive.fault']({ transfer: offer.transfer, index, code: 'source-changed' });
    }
    await writeBlock(test.host, offer, 1);
    expect(await commit(offer)).toMatchObject({ published: 2, faults: [{ index: 1 }, { index: 2 }] });
    expect(treeOf(at('trip'))).toEqual(['a.txt', 'large.bin']);
  });

  it('may be run if that is allowed by the time they are published, and only then', async () => {
    const offer = trip();
    await firstBlockOf(offer);
    await test.host.ui['settings.write']({ keepExecutable: true });
    await writeBlock(test.host, offer, 1);
    await commit(offer);
    expect(['a.txt', 'sub/b.sh'].map((name) => statSync(at('trip', name)).mode & 0o100)).toEqual([0, 0o100]);
    expectArrived(offer.sent);
  });
});

describe('what an earlier run made', () => {
  it('is thrown away when its transfer is opened again, with whatever was put beside it', async () => {
    const offer = trip();
    await firstBlockOf(offer);
    await test.host.close();
    writeFileSync(early('a.txt'), 'not what was sent');
    writeFileSync(early('planted'), 'nobody sent this');
    expect((await reopen(offer)).have).toEqual([[0, 1]]);
    expect(existsSync(path.join(staging(), 'tree'))).toBe(false);
    await writeBlock(test.host, offer, 1);
    expect(await commit(offer)).toEqual({ published: 4, faults: [] });
    expectArrived(offer.sent);
  });

  it('is no proof: bytes of the pack that changed are asked for again', async () => {
    const offer = trip();
    await firstBlockOf(offer);
    await test.host.close();
    const pack = readFileSync(path.join(staging(), 'small.pack'));
    pack[7]! ^= 1;
    writeFileSync(path.join(staging(), 'small.pack'), pack);
    expect((await reopen(offer)).have).toEqual([]);
    for (const block of [0, 1]) await writeBlock(test.host, offer, block);
    await commit(offer);
    expectArrived(offer.sent);
  });

  it.each(['half of it there', 'changed', 'gone'] as const)(
    'is made again after a crash at the very moment of publishing: %s',
    async (what) => {
      const offer = trip();
      await firstBlockOf(offer);
      await writeBlock(test.host, offer, 1);
      await test.host.close();
      writeFileSync(path.join(staging(), 'placing'), '');
      if (what === 'changed') writeFileSync(early('a.txt'), 'not what was sent');
      if (what === 'half of it there') rmSync(early('sub'), { recursive: true });
      if (what === 'gone') rmSync(path.join(staging(), 'tree'), { recursive: true });
      expect((await reopen(offer)).have).toEqual([[0, 2]]);
      expect(await commit(offer)).toEqual({ published: 4, faults: [] });
      expectArrived(offer.sent);
    },
  );

  it.each(['keep-both', 'replace', 'skip'] as const)(
    'is in place once, when the crash came after its rename (%s)',
    async (conflict) => {
      const offer = trip();
      const { transfer } = offer;
      await firstBlockOf(offer, conflict);
      await writeBlock(test.host, offer, 1);
      await test.host.close();
      const record = path.join(test.folder, 'data', 'receives', `${transfer}.json`);
      const [where, before, kept] = [staging(), path.join(test.folder, 'before'), readFileSync(record)];
      cpSync(where, before, { recursive: true });
      await reopen(offer);
      await commit(offer);
      await test.host.close();
      // As the disk was after the rename, before anything else was written down.
      rmSync(path.join(before, 'tree'), { recursive: true, force: true });
      for (const part of readdirSync(before).filter((name) => name.endsWith('.part'))) rmSync(path.join(before, part));
      cpSync(before, where, { recursive: true });
      rmSync(before, { recursive: true });
      writeFileSync(path.join(where, 'placing'), `${JSON.stringify([0, at('trip')])}\n`);
      writeFileSync(record, kept);
      await reopen(offer);
      expect(await commit(offer)).toEqual({ published: 4, faults: [] });
      expectArrived(offer.sent);
    },
  );
});

describe('how far ahead files are made', () => {
  /** With a maker that is told when it is done, and says what it was given. */
  async function openWith(
    count: number,
    size: number,
    { errno, on = disk }: { readonly errno?: string; readonly on?: Disk } = {},
  ) {
    const { entries } = incoming(
      Array.from({ length: count }, (_, nth) => ({ path: ['trip', `${nth}`], bytes: Buffer.alloc(size) })),
    );
    const staging = await openStaging(disk, test.downloads, layOut(entries, 'all'), systemClock);
    const given: number[] = [];
    const ends: (() => void)[] = [];
    const early = openEarlyCreation({
      disk: on,
      staging,
      entries,
      planned: [...planNames(entries, 'posix')],
      destination: test.downloads,
      conflict: 'keep-both',
      keepExecutable: false,
      marks: { beside: null, together: async () => undefined },
      empty: [],
      packed: entries.map((_, index) => index),
      creator: {
        start: () => undefined,
        create({ files }) {
          given.push(files.length);
          return new Promise((resolve) => {
            ends.push(() => resolve(errno === undefined ? [] : [[0, errno]]));
          });
        },
        close: async () => undefined,
      },
    });
    /** Ends what is under way, and what follows from it, until nothing is. */
    const settle = async (stopping: Promise<void>) => {
      let isOver = false;
      const over = stopping.then(() => {
        isOver = true;
      });
      while (!isOver) {
        for (const end of ends.splice(0)) end();
        await Promise.race([over, new Promise((resolve) => setImmediate(resolve))]);
      }
      await staging.close();
      return given;
    };
    return { early, given, ends, settle };
  }

  const all = (count: number) => Array.from({ length: count }, (_, index) => index);
  const isCreated = (early: EarlyCreation, index: number) => early.isCreated(index, 'tree', false);

  it.each([
    [2 * 8192 - 1, []],
    [2 * 8192, [2]],
  ])('is not at all where the disk has no room for them twice: %i bytes to spare', async (spareBytes, wanted) => {
    const { early, settle } = await openWith(2, 5000);
    early.whole([0, 1]);
    early.allow(spareBytes);
    expect(await settle(early.stop())).toEqual(wanted);
    expect(isCreated(early, 1)).toBe(wanted.length > 0);
  });

  it('ends where the disk is full, and the file it had no room for is not made', async () => {
    const { early, given, ends, settle } = await openWith(2 * filesMadeAtOnce, 1, { errno: 'ENOSPC' });
    early.allow(Number.MAX_SAFE_INTEGER);
    early.whole(all(2 * filesMadeAtOnce));
    await expect.poll(() => ends.length).toBe(1);
    ends.shift()!();
    await expect.poll(() => isCreated(early, 1)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(given).toEqual([filesMadeAtOnce]);
    await settle(early.stop());
    expect([isCreated(early, 0), isCreated(early, 1), isCreated(early, filesMadeAtOnce)]).toEqual([false, true, false]);
  });

  it('counts for nothing when the disk could not sync it: the next sync would call it a success', async () => {
    const failing = openFailingDisk(disk, fs);
    failing.fail({ when: ({ name }) => name === 'syncWholeDisk', times: 1, errno: 'EIO' });
    const { early, ends, settle } = await openWith(syncEveryFiles + 1, 1, { on: failing });
    early.allow(Number.MAX_SAFE_INTEGER);
    early.whole(all(syncEveryFiles));
    await expect
      .poll(() => {
        for (const end of ends.splice(0)) end();
        return failing.calls.some(({ name }) => name === 'syncWholeDisk');
      })
      .toBe(true);
    await settle(early.stop());
    expect(all(syncEveryFiles).filter((index) => isCreated(early, index))).toEqual([]);
  });

  it('counts for nothing either where it was being made while the disk could not sync: that may be lost too', async () => {
    const { promise: syncing, reject: refuse } = Promise.withResolvers<boolean>();
    let isSyncing = false;
    const slow: Disk = {
      ...disk,
      syncWholeDisk() {
        isSyncing = true;
        return syncing;
      },
    };
    const count = syncEveryFiles + filesMadeAtOnce;
    const { early, ends, settle } = await openWith(count, 1, { on: slow });
    early.allow(Number.MAX_SAFE_INTEGER);
    early.whole(all(count));
    await expect
      .poll(() => {
        if (!isSyncing) for (const end of ends.splice(0)) end();
        return isSyncing && ends.length;
      })
      .toBe(1);
    refuse(new Error('EIO'));
    await new Promise((resolve) => setImmediate(resolve));
    await settle(early.stop());
    expect(all(count).filter((index) => isCreated(early, index))).toEqual([]);
  });

  it('holds up the blocks when too many wait, and only until fewer do', async () => {
    const { early, given, ends, settle } = await openWith(filesMadeBehindMax + 2 * filesMadeAtOnce, 1);
    early.allow(Number.MAX_SAFE_INTEGER);
    early.whole(all(filesMadeBehindMax + 2 * filesMadeAtOnce));
    let isCaughtUp = false;
    const caughtUp = early.caughtUp().then(() => {
      isCaughtUp = true;
    });
    await expect.poll(() => ends.length).toBe(1);
    expect([given, isCaughtUp]).toEqual([[filesMadeAtOnce], false]);
    ends.shift()!();
    await caughtUp;
    await expect.poll(() => given).toEqual([filesMadeAtOnce, filesMadeAtOnce]);
    await settle(early.stop());
  });
});

describe('a disk that lost what two transfers had made of small files, and says so once, to one of them', () => {
  it.each(['before the other is published', 'while the other is published'])('%s', async (when) => {
    const offers = ['one', 'other'].map((name) =>
      incoming(Array.from({ length: 100 }, (_, at) => ({ path: [name, `${at}`], bytes: randomBytes(100) }))),
    );
    const [one, other] = [offers[0]!, offers[1]!];
    const made = (name: string) =>
      treeOf(test.downloads)
        .filter((file) => /^\.tincan-.*\/\d+$/.test(file) && file.includes(`/tree/${name}/`))
        .map((file) => at(file));
    let asked = 0;
    await test.close();
    test = await openTestHost({
      clock: hastyClock,
      disk: {
        ...disk,
        async syncWholeDisk(folder) {
          asked += 1;
          if (when.startsWith('while') && asked === 1) await commit(one);
          else if (asked === (when.startsWith('while') ? 2 : 1)) {
            for (const file of made('other')) writeFileSync(file, Buffer.alloc(100));
            throw Object.assign(new Error('EIO'), { code: 'EIO' });
          }
          return disk.syncWholeDisk(folder);
        },
      },
    });
    for (const offer of offers) {
      await prepare(test.host, offer);
      await writeBlock(test.host, offer, 0);
    }
    await expect.poll(() => [made('one').length, made('other').length]).toEqual([100, 100]);
    if (when.startsWith('before')) await commit(one);
    expect(await commit(other)).toEqual({ published: 100, faults: [] });
    for (const { entries, content } of offers) {
      const arrived = Buffer.concat(entries.map(({ path: names }) => readFileSync(at(...names))));
      expect(arrived.equals(content)).toBe(true);
    }
  });
});
