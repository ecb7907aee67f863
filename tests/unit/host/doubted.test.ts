// The whole did not match twice: what is held is of a file as it was, and everything is received anew. From then on the transfer
// is like any other.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FailingDisk } from '../../../host/disk/failing-disk.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { type Incoming, incoming, prepare, writeBlock } from './receive-steps.ts';
import { openFailingTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
let disk: FailingDisk;

beforeEach(async () => {
  ({ disk, test } = await openFailingTestHost());
});

afterEach(() => test.close());

const commit = async ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });

async function takeUpAgain({ transfer }: Incoming) {
  await test.host.engine['receive.close']({ transfer, keep: true });
  await test.host.engine['receive.reopen']({ transfer });
  return test.host.engine['receive.start']({ transfer, leaveOut: [] });
}

const twoFiles = () => incoming(['a.bin', 'b.bin'].map((name) => ({ path: [name], bytes: randomBytes(blockBytes) })));

async function writeAll(offer: Incoming): Promise<void> {
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
}

/** Answers the offer as it is by now. `before` happens once all had arrived as it was. */
async function doubted(before: (offer: Incoming) => Promise<void> = async () => undefined): Promise<Incoming> {
  const offer = twoFiles();
  const changed = { ...twoFiles(), transfer: offer.transfer };
  await prepare(test.host, offer);
  await writeAll(offer);
  await before(offer);
  for (let times = 0; times < 2; times += 1) {
    await expect(commit(changed)).rejects.toMatchObject({ code: 'hash-mismatch' });
    await takeUpAgain(changed);
  }
  return changed;
}

const failNames = (name: string) =>
  disk.fail({ when: (call) => call.name === 'link' && path.basename(call.to ?? '').startsWith(name), errno: 'EBUSY' });

it('keeps what came since, when it is taken up once more', async () => {
  const changed = await doubted();
  await writeBlock(test.host, changed, 0);
  expect((await takeUpAgain(changed)).have).toEqual([[0, 1]]);
});

it('keeps it also where its disk is away for a moment', async () => {
  const changed = await doubted();
  await writeBlock(test.host, changed, 0);
  fs.renameSync(test.downloads, `${test.downloads} away`);
  const room = async () => test.host.engine['receive.room']({ transfer: changed.transfer });
  await expect(room()).rejects.toMatchObject({ code: 'disk-gone' });
  fs.renameSync(`${test.downloads} away`, test.downloads);
  await writeBlock(test.host, changed, 1);
  expect(await commit(changed)).toEqual({ published: 2, faults: [] });
});

it('can be put in place by itself after a restart, once everything came and matched', async () => {
  const changed = await doubted();
  await writeAll(changed);
  const heal = failNames('');
  await expect(commit(changed)).rejects.toMatchObject({ code: 'publish-waiting' });
  await test.restart(heal);
  const { transfer } = changed;
  expect(await test.host.ui['unfinished.list']({})).toMatchObject([{ isReady: true }]);
  // What the start still removes is of the same transfer, and refuses everything else for a moment.
  const answer = await vi.waitFor(async () => test.host.ui['unfinished.publish']({ transfer }));
  expect(answer).toMatchObject({ published: 2 });
});

it('publishes a file that could not be read before, and came whole since', async () => {
  const changed = await doubted(async ({ transfer }) => {
    await test.host.engine['receive.fault']({ transfer, index: 0, code: 'source-unreadable' });
  });
  await writeAll(changed);
  expect(await commit(changed)).toEqual({ published: 2, faults: [] });
});

it('publishes everything anew where publishing had begun before: beside what is in place', async () => {
  let before: Incoming | undefined;
  const changed = await doubted(async (offer) => {
    before = offer;
    const heal = failNames('b');
    await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
    heal();
    await takeUpAgain(offer);
  });
  await writeAll(changed);
  expect(await commit(changed)).toEqual({ published: 2, faults: [] });
  await test.host.engine['receive.close']({ transfer: changed.transfer, keep: false });
  expect(treeOf(test.downloads)).toEqual(['a (2).bin', 'a.bin', 'b.bin']);
  const read = (name: string) => readFileSync(path.join(test.downloads, name));
  expect(read('a.bin').equals(before!.content.subarray(0, blockBytes))).toBe(true);
  expect(Buffer.concat([read('a (2).bin'), read('b.bin')]).equals(changed.content)).toBe(true);
});

it('C25 knows of no more folders than are there, however often it is doubted', async () => {
  const offer = twoFiles();
  const wrong = { ...twoFiles(), transfer: offer.transfer };
  await prepare(test.host, offer);
  for (let times = 0; times < 4; times += 1) {
    await writeAll(offer);
    for (let mismatches = 0; mismatches < 2; mismatches += 1) {
      await expect(commit(wrong)).rejects.toMatchObject({ code: 'hash-mismatch' });
      await takeUpAgain(offer);
    }
  }
  const noted = readFileSync(path.join(test.folder, 'data', 'receives', `${offer.transfer}.staging`), 'utf8');
  const there = fs.readdirSync(test.downloads);
  expect(there).toHaveLength(1);
  expect(noted.match(/\.tincan-[0-9a-f]+/g)).toEqual(there);
});

it('is not offered to be put in place by itself, where publishing had begun before', async () => {
  const offer = twoFiles();
  const changed = { ...twoFiles(), transfer: offer.transfer };
  await prepare(test.host, offer);
  await writeAll(offer);
  const heal = failNames('b');
  await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
  heal();
  await takeUpAgain(offer);
  await expect(commit(changed)).rejects.toMatchObject({ code: 'hash-mismatch' });
  await takeUpAgain(offer);
  await expect(commit(changed)).rejects.toMatchObject({ code: 'hash-mismatch' });
  await test.restart();
  const [row] = await test.host.ui['unfinished.list']({});
  expect(row).toMatchObject({ id: offer.transfer });
  expect(row).not.toHaveProperty('isReady');
});
