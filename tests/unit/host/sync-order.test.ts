// What must be on the disk before what: watched on the order of calls. And a sync that failed is no success the next time:
// the system has forgotten what it could not write.

import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAtomically } from '../../../host/disk/atomic-file.ts';
import type { Disk } from '../../../host/disk/disk.ts';
import { type DiskCall, type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openReceiveRecords } from '../../../host/sink/receive-record.ts';
import { nothingPublished, openStaging, type Staging } from '../../../host/sink/staging.ts';
import { renameFreely } from '../../../host/sink/take-name.ts';
import { openKeptSends } from '../../../host/source/kept-sends.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { blockLength, layOut } from '../../../shared/model/layout.ts';
import { blockBytes, journalEveryBlocks, openPartsMax, packedFileMaxBytes } from '../../../shared/wire/limits.ts';
import { incoming, prepare, writeBlock } from './receive-steps.ts';
import { openTestHost } from './test-host.ts';

let folder: string;
let disk: FailingDisk;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-sync-'));
  disk = openFailingDisk(openRealDisk(), fs);
});
afterEach(() => rmSync(folder, { recursive: true }));

const blocks = 3;
const { entries } = incoming([
  { path: ['large'], bytes: Buffer.alloc(blocks * blockBytes - 1000) },
  { path: ['small'], bytes: Buffer.alloc(1000) },
]);
const layout = layOut(entries, 'all');
const content = randomBytes(blocks * blockBytes);
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

async function write(staging: Staging, block: number): Promise<void> {
  const bytes = content.subarray(block * blockBytes, (block + 1) * blockBytes);
  await staging.write(block, [bytes], hashOf(bytes));
}

async function held(from: Disk = disk): Promise<number[]> {
  const staging = await openStaging(from, folder, layout, stopped);
  const proven = await staging.proveHeld(nothingPublished);
  await staging.close();
  return [...proven.keys()];
}

const isPart = ({ path: file }: DiskCall) => /\.(part|pack)$/.test(file);
const isJournal = ({ path: file }: DiskCall) => path.basename(file) === 'blocks';

/** However slow this machine is, it is no second later: nothing is synced before the test asks for it. */
const stopped: Pick<Clock, 'after'> = { after: () => () => undefined };

/** A disk on which some calls wait until their gate is opened. */
function holding(name: 'syncData' | 'writeParts', isHeld: (call: DiskCall, before: number) => boolean) {
  const gates: (() => void)[] = [];
  const slow: Disk = {
    ...disk,
    async open(...args) {
      const file = await disk.open(...args);
      const pass = async () => {
        if (!isHeld({ name, path: String(args[0]) }, gates.length)) return;
        await new Promise<void>((resolve) => gates.push(resolve));
      };
      const wait = {
        writeParts: async (...how: Parameters<typeof file.writeParts>) => pass().then(() => file.writeParts(...how)),
        syncData: async () => pass().then(() => file.syncData()),
      };
      return { ...file, [name]: wait[name] };
    },
  };
  return { gates, slow };
}

/** Entries of the journal that name what is not on the disk yet, and entries that never got there. */
function mistakes(calls: readonly DiskCall[]): string[] {
  const found: string[] = [];
  const unsynced = new Set<string>();
  for (const call of calls) {
    const file = path.basename(call.path);
    if (call.name === 'writeParts' && isPart(call)) unsynced.add(file);
    if (call.name === 'write' && isJournal(call)) {
      for (const part of unsynced) if (part !== 'blocks') found.push(`journal before ${part}`);
      unsynced.add('blocks');
    }
    if (call.name === 'syncData' || call.name === 'sync') unsynced.delete(file);
  }
  return [...found, ...[...unsynced].map((file) => `${file} was never synced`)];
}

describe('what is kept of a transfer', () => {
  it('is forgotten for good before its list goes: without it the row would be there for ever, and nothing come of it', async () => {
    const records = openReceiveRecords(disk, folder);
    const id = 'ab'.repeat(16);
    await records.saveEntries(id, entries);
    const before = disk.calls.length;
    await records.forget(id);
    const order = disk.calls.slice(before).map(({ name, path: of }) => `${name} ${path.basename(of)}`);
    expect(order.filter((call) => /removeAll|syncFolder/.test(call))).toEqual([
      ...[`removeAll ${id}.json`, 'syncFolder receives', `removeAll ${id}.manifest`, `removeAll ${id}.staging`],
    ]);
  });
});

describe('what is kept of a transfer that is sent', () => {
  it('is forgotten for good before its list goes', async () => {
    const kept = await openKeptSends(disk, folder);
    const id = 'ab'.repeat(16);
    const totals = { files: 1, folders: 0, bytes: 1 };
    await kept.add({ id, secret: 'cd'.repeat(32), title: 't', peerName: 'p', totals }, { entries, snapshots: [] });
    const before = disk.calls.length;
    await kept.remove(id);
    expect(disk.calls.slice(before).map(({ name, path: of }) => `${name} ${path.basename(of)}`)).toEqual([
      ...[`removeAll ${id}.json`, `syncFolder ${path.basename(folder)}`],
      ...[`removeAll ${id}.manifest`, `removeAll ${id}.hashes`],
    ]);
  });
});

describe('the journal of blocks', () => {
  it('has a durable name before it names a block, also where a run before was killed before it synced that', async () => {
    const killed = await openStaging(disk, folder, layout, stopped);
    await write(killed, 0);
    const before = disk.calls.length;
    const staging = await openStaging(disk, folder, layout, stopped);
    await write(staging, 1);
    await staging.flush();
    const order = disk.calls.slice(before).filter((call) => call.name === 'syncFolder' || isJournal(call));
    expect(order.map(({ name }) => name)).toEqual(['open', 'syncFolder', 'write', 'syncData']);
    await staging.close();
    await killed.close();
  });

  it('names a block only once its bytes are on the disk, and is on the disk itself when flushing is over', async () => {
    const staging = await openStaging(disk, folder, layout, stopped);
    for (let block = 0; block < blocks; block += 1) await write(staging, block);
    await staging.flush();
    expect(mistakes(disk.calls)).toEqual([]);
    // Slots that lie side by side are written together.
    expect(disk.calls.filter(isJournal).filter(({ name }) => name === 'write')).toHaveLength(1);
    expect(fs.statSync(path.join(folder, 'blocks')).size).toBe(36 * blocks);
    // The names of the files, too.
    expect(disk.calls.filter(({ name, path: of }) => name === 'syncFolder' && of === folder)).toHaveLength(1);
    await staging.close();
  });

  it('names what has arrived a second later at the latest, though nothing more comes', async () => {
    const staging = await openStaging(disk, folder, layout, systemClock);
    await write(staging, 0);
    await write(staging, 1);
    await expect.poll(() => held(), { timeout: 3_000 }).toEqual([0, 1]);
    await staging.close();
  });

  it('writes no block any more that waited for a sync while the folder was put away', async () => {
    let isSlow = false;
    const { gates, slow } = holding('syncData', () => isSlow);
    const staging = await openStaging(slow, folder, layout, stopped);
    await write(staging, 0);
    const mend = disk.fail({ when: ({ name }) => name === 'syncData', errno: 'EIO' });
    await expect(staging.flush()).rejects.toMatchObject({ code: 'disk-error' });
    mend();
    isSlow = true;
    const writing = write(staging, 1);
    await expect.poll(() => gates.length).toBe(1);
    isSlow = false;
    const closing = staging.close();
    gates[0]!();
    await expect(writing).rejects.toMatchObject({ code: 'transfer-unknown' });
    await closing;
    expect(await held()).toEqual([0]);
  });

  it('syncs a part again for a block whose write began before a sync and ended after it', async () => {
    let isSlow = false;
    const { gates, slow } = holding('writeParts', () => isSlow);
    const staging = await openStaging(slow, folder, layout, stopped);
    await write(staging, 0);
    isSlow = true;
    const writing = write(staging, 1);
    await expect.poll(() => gates.length).toBe(1);
    await staging.flush();
    isSlow = false;
    gates.shift()!();
    await writing;
    await staging.flush();
    expect(mistakes(disk.calls)).toEqual([]);
    await staging.close();
    expect(await held()).toEqual([0, 1]);
  });

  it('is written once for so many blocks, however long a sync takes: blocks that come meanwhile do not ask one by one', async () => {
    const { gates, slow: holdingFirst } = holding('syncData', (call, before) => before === 0 && isPart(call));
    const slow: Disk = {
      ...holdingFirst,
      open: async (...args) => ({
        ...(await holdingFirst.open(...args)),
        writeParts: async ([part]) => part!.byteLength,
      }),
    };
    const many = 4 * journalEveryBlocks;
    const file = { kind: 'file', path: ['x'], size: many * blockBytes, mtimeMs: 0, executable: false } as const;
    const staging = await openStaging(slow, folder, layOut([file], 'all'), stopped);
    const synced = (is: (call: DiskCall) => boolean) =>
      disk.calls.filter((call) => call.name === 'syncData' && is(call)).length;
    const bytes = new Uint8Array(blockBytes);
    const hash = hashOf(bytes);
    let next = 0;
    const writeSome = async (count: number) => {
      for (const end = next + count; next < end; next += 1) await staging.write(next, [bytes], hash);
    };
    await writeSome(journalEveryBlocks);
    await expect.poll(() => gates.length).toBe(1);
    await writeSome(journalEveryBlocks / 2);
    gates[0]!();
    await expect.poll(() => synced(isJournal)).toBe(1);
    await writeSome(journalEveryBlocks / 2);
    await staging.close();
    expect(synced(isPart)).toBe(2);
  });

  it('takes no failed sync for a good one: what it may have lost is written again before it is named', async () => {
    const staging = await openStaging(disk, folder, layout, stopped);
    for (let block = 0; block < blocks; block += 1) await write(staging, block);
    disk.fail({ when: (call) => call.name === 'syncData' && isPart(call), times: 1, errno: 'EIO' });
    await expect(staging.flush()).rejects.toMatchObject({ code: 'disk-error' });
    expect(disk.calls.some((call) => call.name === 'write' && isJournal(call))).toBe(false);
    const before = disk.calls.length;
    await staging.flush();
    const after = disk.calls.slice(before);
    const isLarge = (call: DiskCall) => call.path.endsWith('0.part');
    expect(after.filter((call) => call.name === 'writeParts' && isLarge(call))).toHaveLength(blocks);
    expect(mistakes(after)).toEqual([]);
    await staging.close();
    expect(await held()).toEqual([0, 1, 2]);
  });

  it('waits for the sync of a part that is being closed, names nothing when it fails, and writes it again', async () => {
    const isFirst = (call: DiskCall) => call.path.endsWith(`${path.sep}0.part`);
    const { gates, slow } = holding('syncData', (call, before) => before === 0 && isFirst(call));
    const manyParts = Array.from({ length: openPartsMax + 1 }, (_, nth) => {
      return { kind: 'file', path: [`${nth}`], size: packedFileMaxBytes, mtimeMs: 0, executable: false } as const;
    });
    const manyLayout = layOut(manyParts, 'all');
    const staging = await openStaging(slow, folder, manyLayout, stopped);
    const writeOne = (block: number) => {
      const bytes = new Uint8Array(blockLength(manyLayout, block)).fill(block + 1);
      return staging.write(block, [bytes], hashOf(bytes));
    };
    const last = manyLayout.blocks - 1;
    for (let block = 0; block < last; block += 1) await writeOne(block);
    // One part too many: the oldest one is closed.
    const closing = writeOne(last);
    await expect.poll(() => gates.length).toBe(1);
    disk.fail({ when: (call) => call.name === 'syncData' && isFirst(call), times: 1, errno: 'EIO' });
    const flushed = staging.flush().then(
      () => 'flushed',
      (error: unknown) => error,
    );
    const isJournalWritten = () => disk.calls.some((call) => call.name === 'write' && isJournal(call));
    // Everything but the one sync is over.
    await expect
      .poll(() => disk.calls.filter((call) => call.name === 'syncData' && isPart(call)).length)
      .toBe(openPartsMax);
    gates[0]!();
    expect(await flushed).toMatchObject({ code: 'disk-error' });
    expect(isJournalWritten()).toBe(false);
    await closing;
    const before = disk.calls.length;
    await staging.flush();
    const after = disk.calls.slice(before);
    expect(after.some((call) => call.name === 'writeParts' && isFirst(call))).toBe(true);
    expect(isJournalWritten()).toBe(true);
    expect(mistakes(after)).toEqual([]);
    await staging.close();
  });

  it('writes a block again whose write was under way while a sync failed', async () => {
    const { gates, slow } = holding('writeParts', ({ path: file }) => file.endsWith('.pack'));
    const isLarge = (call: DiskCall) => call.path.endsWith('0.part');
    const writesOfLarge = () => disk.calls.filter((call) => call.name === 'writeParts' && isLarge(call)).length;
    const staging = await openStaging(slow, folder, layout, stopped);
    await write(staging, 0);
    const writing = write(staging, blocks - 1);
    await expect.poll(() => gates.length === 1 && writesOfLarge() === 2).toBe(true);
    disk.fail({ when: (call) => call.name === 'syncData' && isLarge(call), times: 1, errno: 'EIO' });
    await expect(staging.flush()).rejects.toMatchObject({ code: 'disk-error' });
    const flushed = staging.flush();
    // It would be over by now if it did not wait for the block.
    for (let turn = 0; turn < 100; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    gates[0]!();
    await expect.poll(() => gates.length).toBe(2);
    gates[1]!();
    await Promise.all([writing, flushed]);
    expect(writesOfLarge()).toBe(4);
    await staging.close();
    expect(await held()).toEqual([0, 2]);
  });

  it('writes a block again also where its part could not be synced while another block was waited for', async () => {
    const ofBlock = blockBytes / packedFileMaxBytes;
    const manyParts = Array.from({ length: 3 * openPartsMax }, (_, nth) => {
      return { kind: 'file', path: [`${nth}`], size: packedFileMaxBytes, mtimeMs: 0, executable: false } as const;
    });
    const manyLayout = layOut(manyParts, 'all');
    const partOf = (block: number, nth: number) => `${path.sep}${block * ofBlock + nth}.part`;
    // The last parts of two blocks.
    const { gates, slow } = holding(
      'writeParts',
      ({ path: file }, before) => before < 2 && file.endsWith(partOf(before, ofBlock - 1)),
    );
    const staging = await openStaging(slow, folder, manyLayout, stopped);
    const writeOne = (block: number) => {
      const bytes = new Uint8Array(blockLength(manyLayout, block)).fill(block + 1);
      return staging.write(block, [bytes], hashOf(bytes));
    };
    const refuseSync = (part: string) =>
      disk.fail({ when: ({ name, path: file }) => name === 'syncData' && file.endsWith(part), times: 1, errno: 'EIO' });
    /** More than are held open: the oldest are synced and closed. */
    const push = async (from: number) => {
      for (let block = from; block <= from + openPartsMax / ofBlock; block += 1) await writeOne(block);
    };
    refuseSync(partOf(2, 0));
    await push(2);
    const first = writeOne(0);
    await expect.poll(() => gates.length).toBe(1);
    const flushed = staging.flush().catch(() => undefined);
    // It waits for the first one by then.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const second = writeOne(1);
    await expect.poll(() => gates.length).toBe(2);
    const lost = partOf(1, 0);
    refuseSync(lost);
    await push(3 + openPartsMax / ofBlock);
    gates[0]!();
    await Promise.all([first, flushed]);
    gates[1]!();
    await second;
    await staging.flush();
    await staging.close();
    const ofLost = disk.calls.filter(
      ({ name, path: file }) => /^(writeParts|syncData)$/.test(name) && file.endsWith(lost),
    );
    expect(ofLost.map(({ name }) => name)).toEqual(['writeParts', 'syncData', 'writeParts', 'syncData']);
  });

  it('is taken up without a block that the disk cannot read any more, which arrives once more', async () => {
    const staging = await openStaging(disk, folder, layout, stopped);
    for (let block = 0; block < blocks; block += 1) await write(staging, block);
    await staging.close();
    const heal = disk.fail({ when: (call) => call.name === 'read' && isPart(call), times: 1, errno: 'EIO' });
    const again = await openStaging(disk, folder, layout, stopped);
    expect([...(await again.proveHeld(nothingPublished)).keys()]).toEqual([1, 2]);
    heal();
    await write(again, 0);
    await again.close();
    expect(await held()).toEqual([0, 1, 2]);
  });

  it('is taken up whole once the disk can read a block again', async () => {
    const staging = await openStaging(disk, folder, layout, stopped);
    for (let block = 0; block < blocks; block += 1) await write(staging, block);
    await staging.close();
    disk.fail({ when: (call) => call.name === 'read' && isPart(call), times: 1, errno: 'EIO' });
    const again = await openStaging(disk, folder, layout, stopped);
    expect([...(await again.proveHeld(nothingPublished)).keys()]).toEqual([1, 2]);
    await again.close();
    expect(await held()).toEqual([0, 1, 2]);
  });

  it('is proven with one read for a block of many small files', async () => {
    const small = Array.from({ length: 500 }, (_, nth) => {
      return { kind: 'file', path: [`${nth}`], size: 100, mtimeMs: 0, executable: false } as const;
    });
    const smallLayout = layOut(small, 'all');
    const bytes = new Uint8Array(blockLength(smallLayout, 0)).fill(1);
    const staging = await openStaging(disk, folder, smallLayout, stopped);
    await staging.write(0, [bytes], hashOf(bytes));
    await staging.close();
    const before = disk.calls.length;
    const again = await openStaging(disk, folder, smallLayout, stopped);
    expect([...(await again.proveHeld(nothingPublished)).keys()]).toEqual([0]);
    await again.close();
    const reads = disk.calls
      .slice(before)
      .filter(({ name, path: file }) => name === 'read' && !file.endsWith('blocks'));
    expect(reads).toHaveLength(1);
  });

  it.each(['EMFILE', 'EACCES', 'EIO'])('is not taken up while the disk opens no file: %s', async (errno) => {
    const staging = await openStaging(disk, folder, layout, stopped);
    await write(staging, 0);
    await staging.close();
    disk.fail({ when: (call) => call.name === 'open' && isPart(call), times: 1, errno });
    const again = await openStaging(disk, folder, layout, stopped);
    await expect(again.proveHeld(nothingPublished)).rejects.toMatchObject({ code: errno });
    await again.close();
    expect(await held()).toEqual([0]);
  });

  it('does not name what a failed sync really lost', async () => {
    const staging = await openStaging(disk, folder, layout, stopped);
    for (let block = 0; block < blocks; block += 1) await write(staging, block);
    disk.fail({ when: (call) => call.name === 'syncData' && isPart(call), times: 1, errno: 'EIO' });
    await staging.flush().catch(() => undefined);
    truncateSync(path.join(folder, '0.part'), 10);
    await expect(staging.flush()).rejects.toMatchObject({ code: 'disk-error' });
    await staging.close();
    expect(await held()).toEqual([]);
  });

  it.each(['write', 'syncData'] as const)(
    'that cannot be written once is written with the next block: %s',
    async (name) => {
      const staging = await openStaging(disk, folder, layout, stopped);
      await write(staging, 0);
      disk.fail({ when: (call) => call.name === name && isJournal(call), times: 1, errno: 'EIO' });
      await staging.flush().catch(() => undefined);
      await write(staging, 1);
      await staging.flush();
      expect(mistakes(disk.calls)).toEqual([]);
      // Without closing: as after a kill.
      expect(await held(openRealDisk())).toEqual([0, 1]);
      await staging.close();
    },
  );

  it.each([
    ['EIO', 'disk-error'],
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-quota'],
  ])('that cannot be written at all fails the next block with the disk’s word: %s', async (errno, code) => {
    const staging = await openStaging(disk, folder, layout, stopped);
    await write(staging, 0);
    const mend = disk.fail({ when: (call) => call.name === 'write' && isJournal(call), errno });
    await staging.flush().catch(() => undefined);
    await expect(write(staging, 1)).rejects.toMatchObject({ code });
    mend();
    await write(staging, 1);
    await staging.flush();
    await staging.close();
    expect(await held()).toEqual([0, 1]);
  });
});

describe('a small private file', () => {
  it('is on the disk before it takes the place of the old one, and so is its name afterwards', async () => {
    const written = ['open', 'write', 'sync', 'close', 'rename', 'syncFolder'];
    await writeAtomically(disk, path.join(folder, 'x.json'), '{}');
    // The folder itself may be one that a run before this made, and did not sync: once for each run.
    expect(disk.calls.map(({ name }) => name)).toEqual(['factsBehindLinks', 'syncFolder', ...written]);
    expect(disk.calls[1]?.path).toBe(path.dirname(folder));
    const before = disk.calls.length;
    await writeAtomically(disk, path.join(folder, 'x.json'), '{}');
    expect(disk.calls.slice(before).map(({ name }) => name)).toEqual(['factsBehindLinks', ...written]);
  });

  it('is not lost with a folder of its own: every new folder is synced into the one above it', async () => {
    await writeAtomically(disk, path.join(folder, 'new', 'deep', 'x.json'), '{}');
    const made = disk.calls
      .filter(({ name }) => name === 'makeFolders' || name === 'syncFolder')
      .map(({ name, path: at }) => `${name} ${path.relative(folder, at)}`);
    expect(made).toEqual([
      'syncFolder ..',
      'makeFolders new',
      'syncFolder ',
      'makeFolders new/deep',
      'syncFolder new',
      'syncFolder new/deep',
    ]);
  });

  it.each(['write', 'sync', 'rename'])('stays the old one when %s fails, and nothing half is left', async (name) => {
    const file = path.join(folder, 'x.json');
    await writeAtomically(disk, file, 'old');
    disk.fail({ when: (call) => call.name === name, errno: 'ENOSPC' });
    await expect(writeAtomically(disk, file, 'new')).rejects.toMatchObject({ code: 'data-folder-full' });
    expect([fs.readdirSync(folder), fs.readFileSync(file, 'utf8')]).toEqual([['x.json'], 'old']);
  });
});

describe('a staging folder', () => {
  it('is known for ours after a power cut: its key is on the disk before anything is received', async () => {
    const test = await openTestHost({ disk });
    try {
      await prepare(test.host, incoming([{ path: ['a'], bytes: randomBytes(2000) }]));
      const steps = disk.calls.flatMap(({ name, path: at }) => {
        if (name === 'sync' && at.endsWith('/key')) return ['key'];
        if (name !== 'syncFolder') return [];
        return path.basename(at).startsWith('.tincan-')
          ? ['staging']
          : /^\/proc\/self\/fd\/\d+$/.test(at)
            ? ['destination']
            : [];
      });
      expect(steps).toEqual(['key', 'staging', 'destination']);
    } finally {
      await test.close();
    }
  });
});

describe('publishing', () => {
  it('finds everything synced: that begins with the last block, while the two sides still tell each other of it', async () => {
    const test = await openTestHost({ disk });
    try {
      const offer = incoming([{ path: ['a'], bytes: randomBytes(2 * blockBytes) }]);
      await prepare(test.host, offer);
      const inJournal = () => disk.calls.filter((call) => call.name === 'syncData' && isJournal(call)).length;
      await writeBlock(test.host, offer, 0);
      await writeBlock(test.host, offer, 1);
      await expect.poll(inJournal).toBe(1);
      await test.host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });
      expect(inJournal()).toBe(1);
    } finally {
      await test.close();
    }
  });

  it.each(['goes on', 'is thrown away'])(
    'brings the names that a run before it gave to the disk before it removes the other ones: the transfer %s',
    async (what) => {
      const test = await openTestHost({ disk });
      try {
        fs.mkdirSync(path.join(test.downloads, 'sub'));
        const offer = incoming([{ path: ['sub', 'deep', 'a'], bytes: randomBytes(blockBytes) }]);
        const { transfer, root } = offer;
        await prepare(test.host, offer, 'skip');
        await writeBlock(test.host, offer, 0);
        const hasName = () => existsSync(path.join(test.downloads, 'sub', 'deep', 'a'));
        let isDead = false;
        const revive = disk.fail({
          when: ({ name }) => (isDead ||= name === 'syncFolder' && hasName()),
          errno: 'EIO',
        });
        await expect(Promise.resolve(test.host.engine['receive.commit']({ transfer, root }))).rejects.toThrow();
        const order: string[] = [];
        await test.restart(() => {
          revive();
          disk.fail({
            when({ name, path: of }) {
              if (name === 'syncFolder') order.push(path.relative(test.downloads, fs.realpathSync(of)));
              if (name === 'removeAll' && path.basename(of) === 'ready') order.push('removal');
              return false;
            },
            errno: 'EIO',
          });
        });
        if (what === 'goes on') {
          await test.host.engine['receive.reopen']({ transfer });
          await test.host.engine['receive.start']({ transfer, leaveOut: [] });
        } else await test.host.ui['unfinished.discard']({ transfer });
        const before = order.slice(0, order.indexOf('removal'));
        expect(before).toEqual(expect.arrayContaining(['', 'sub', path.join('sub', 'deep')]));
        expect([order.includes('removal'), hasName()]).toEqual([true, true]);
      } finally {
        await test.close();
      }
    },
  );

  it('knows an old file that it was about to replace from the new one, though a power cut took its own', async () => {
    const test = await openTestHost({ disk });
    try {
      fs.writeFileSync(path.join(test.downloads, 'a'), 'old');
      const offer = incoming([{ path: ['a'], bytes: randomBytes(blockBytes) }]);
      await prepare(test.host, offer, 'replace');
      await writeBlock(test.host, offer, 0);
      // The old file cannot step aside.
      const allow = disk.fail({ when: ({ name }) => name === 'link', errno: 'EIO' });
      const { transfer, root } = offer;
      const committing = Promise.resolve(test.host.engine['receive.commit']({ transfer, root })).catch(() => undefined);
      await test.host.engineGone();
      await committing;
      allow();
      const staging = path.join(
        test.downloads,
        fs.readdirSync(test.downloads).find((name) => name.startsWith('.tincan-'))!,
      );
      // As if the renames within the staging folder had never reached the disk.
      fs.renameSync(path.join(staging, 'ready', '0'), path.join(staging, '0.part'));
      fs.rmdirSync(path.join(staging, 'ready'));
      fs.appendFileSync(
        path.join(staging, 'placing'),
        `${JSON.stringify([0, path.join(test.downloads, 'a'), 'replacing', path.join(test.downloads, 'a (replaced)')])}\n`,
      );
      await test.restart();
      await test.host.ui['unfinished.publish']({ transfer: offer.transfer });
      expect(fs.readFileSync(path.join(test.downloads, 'a')).equals(offer.content)).toBe(true);
    } finally {
      await test.close();
    }
  });

  it('takes the first name from an old file only once its second one is on the disk', async () => {
    const [old, aside] = [path.join(folder, 'a'), path.join(folder, 'a (replaced)')];
    writeFileSync(old, 'old');
    expect(await renameFreely(disk, old, aside)).toBe(true);
    const changes = disk.calls.filter(({ name }) => ['link', 'syncFolder', 'removeFile'].includes(name));
    expect(changes.map(({ name, path: full }) => [name, full])).toEqual([
      ['link', old],
      ['syncFolder', folder],
      ['removeFile', old],
    ]);
    disk.fail({ when: ({ name }) => name === 'syncFolder', errno: 'EIO' });
    await expect(renameFreely(disk, aside, old)).rejects.toMatchObject({ code: 'EIO' });
    expect(fs.readdirSync(folder)).toEqual(['a (replaced)']);
  });

  /** A disk that takes so long to sync a folder that somebody does this meanwhile. */
  const meanwhile = (act: () => void): Disk => ({
    ...disk,
    async syncFolder(of) {
      await disk.syncFolder(of);
      act();
    },
  });

  it('takes no name from a file that somebody saved under it while its second one was brought to the disk', async () => {
    const [old, aside] = [path.join(folder, 'a'), path.join(folder, 'a (replaced)')];
    writeFileSync(old, 'old');
    const slow = meanwhile(() => {
      // As editors do it.
      writeFileSync(path.join(folder, 'new'), 'saved');
      fs.renameSync(path.join(folder, 'new'), old);
    });
    expect(await renameFreely(slow, old, aside)).toBe(true);
    expect([old, aside].map((file) => fs.readFileSync(file, 'utf8'))).toEqual(['saved', 'old']);
  });

  it('takes the only name from no file: somebody may have removed its second one meanwhile', async () => {
    const [old, aside] = [path.join(folder, 'a'), path.join(folder, 'a (replaced)')];
    writeFileSync(old, 'old');
    const slow = meanwhile(() => rmSync(aside));
    await expect(renameFreely(slow, old, aside)).rejects.toThrow();
    expect(fs.readFileSync(old, 'utf8')).toBe('old');
  });

  it.each(['EIO', 'EACCES'])('nor where nobody can tell whether its second one is there: %s', async (errno) => {
    const [old, aside] = [path.join(folder, 'a'), path.join(folder, 'a (replaced)')];
    writeFileSync(old, 'old');
    disk.fail({ when: ({ name, path: of }) => name === 'facts' && of === aside, times: 1, errno });
    await expect(renameFreely(disk, old, aside)).rejects.toMatchObject({ code: errno });
    expect(fs.readFileSync(old, 'utf8')).toBe('old');
  });

  // As sshfs has it: the numbers are of names, not of files.
  it('takes the first name from an old file also where each name of a file has a number of its own', async () => {
    const [old, aside] = [path.join(folder, 'a'), path.join(folder, 'a (replaced)')];
    writeFileSync(old, 'old');
    const numbers = new Map<string, bigint>();
    const byName: Disk = {
      ...disk,
      async facts(of) {
        const ino = numbers.get(String(of)) ?? BigInt(numbers.size + 1);
        numbers.set(String(of), ino);
        return { ...(await disk.facts(of)), ino, links: 1 };
      },
    };
    expect(await renameFreely(byName, old, aside)).toBe(true);
    expect(fs.readdirSync(folder)).toEqual(['a (replaced)']);
  });

  it('syncs every folder on the way to a file: a new one is lost with its name in an old one', async () => {
    const test = await openTestHost({ disk });
    try {
      fs.mkdirSync(path.join(test.downloads, 'trip'));
      const offer = incoming([{ path: ['trip', 'new', 'b'], bytes: randomBytes(2000) }]);
      await prepare(test.host, offer, 'replace');
      await writeBlock(test.host, offer, 0);
      const before = disk.calls.length;
      await test.host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });
      const synced = disk.calls.slice(before).filter(({ name }) => name === 'syncFolder');
      const below = synced.map(({ path: at }) => at.replace(/^\/proc\/self\/fd\/\d+/, ''));
      expect(below).toEqual(expect.arrayContaining(['', '/trip', '/trip/new']));
    } finally {
      await test.close();
    }
  });

  it('syncs a new empty folder into the one above it', async () => {
    const test = await openTestHost({ disk });
    try {
      fs.mkdirSync(path.join(test.downloads, 'trip'));
      const offer = incoming([{ path: ['trip', 'b'], bytes: randomBytes(2000) }]);
      const withFolder = {
        ...offer,
        entries: [...offer.entries, { kind: 'folder', path: ['trip', 'in', 'new'], mtimeMs: 0 } as const],
      };
      await prepare(test.host, withFolder, 'replace');
      await writeBlock(test.host, offer, 0);
      const before = disk.calls.length;
      await test.host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });
      expect(fs.readdirSync(path.join(test.downloads, 'trip')).toSorted()).toEqual(['b', 'in']);
      const synced = disk.calls.slice(before).filter(({ name }) => name === 'syncFolder');
      const below = synced.map(({ path: at }) => at.replace(/^\/proc\/self\/fd\/\d+/, ''));
      expect(below).toEqual(expect.arrayContaining(['', '/trip', '/trip/in']));
    } finally {
      await test.close();
    }
  });

  it('says so only once the files, their names and the record of it are on the disk', async () => {
    const test = await openTestHost({ disk });
    try {
      const offer = incoming([
        { path: ['a'], bytes: randomBytes(2000) },
        { path: ['trip', 'b'], bytes: randomBytes(blockBytes) },
      ]);
      await prepare(test.host, offer);
      for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
      const before = disk.calls.length;
      await test.host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });
      const calls = disk.calls.slice(before).map(({ name, path: from, to = '' }) => ({ name, from, to }));
      const at = (when: (call: (typeof calls)[number]) => boolean) => calls.findIndex(when);
      const lastAt = (when: (call: (typeof calls)[number]) => boolean) => calls.findLastIndex(when);
      const named = at(({ name, from }) => name === 'rename' && /tree\/trip$/.test(from));
      const steps = [
        at(({ name, from }) => name === 'sync' && /ready\/0$/.test(from)),
        at(({ name, from }) => name === 'syncFolder' && /\/ready$/.test(from)),
        at(({ name, from }) => name === 'link' && /ready\/0$/.test(from)),
        lastAt(({ name, from }) => name === 'sync' && /tree\/trip\/b$/.test(from)),
        named,
        calls.findIndex(
          ({ name, from }, at) => at > named && name === 'syncFolder' && /^\/proc\/self\/fd\/\d+$/.test(from),
        ),
        lastAt(({ name, to }) => name === 'rename' && to.endsWith(`${offer.transfer}.json`)),
        at(({ name }) => name === 'removeAll'),
      ];
      expect(steps).not.toContain(-1);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    } finally {
      await test.close();
    }
  });
});

it.runIf(process.platform === 'linux')(
  'a whole disk is synced by the program of the system, and by none of that name elsewhere',
  async () => {
    const program = path.join(folder, 'sync');
    writeFileSync(program, `#!/bin/sh\necho ran > '${path.join(folder, 'ran')}'\n`, { mode: 0o755 });
    const before = process.env.PATH;
    process.env.PATH = `${folder}:${before}`;
    try {
      expect(await openRealDisk().syncWholeDisk(folder)).toBe(true);
    } finally {
      process.env.PATH = before;
    }
    expect(existsSync(path.join(folder, 'ran'))).toBe(false);
  },
);
