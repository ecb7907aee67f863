// What a look at the disk does not prove is held no more, also by the journal: a part that is made anew has zeros where a block is
// still on its way, and such a block may be shared with a file that its owner changed, so that nobody can hash it.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DiskCall, FailingDisk } from '../../../host/disk/failing-disk.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { type Incoming, incoming, killWhilePublishing, prepare, writeBlock } from './receive-steps.ts';
import { openFailingTestHost, type TestHost } from './test-host.ts';

const filmBytes = blockBytes + 5;
const otherBytes = 3 * blockBytes;

let test: TestHost;
let disk: FailingDisk;
let offer: Incoming;

beforeEach(async () => {
  ({ disk, test } = await openFailingTestHost());
  // They share a block.
  offer = incoming([
    { path: ['film'], bytes: randomBytes(filmBytes) },
    { path: ['other'], bytes: randomBytes(otherBytes) },
  ]);
  await prepare(test.host, offer);
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
});

afterEach(() => test.close());

const at = (...names: string[]) => path.join(test.downloads, ...names);
const commit = async () => test.host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });

async function goOn() {
  await test.host.engine['receive.reopen']({ transfer: offer.transfer });
  return test.host.engine['receive.start']({ transfer: offer.transfer, leaveOut: [] });
}

/** `other` has no name, or is what was sent. */
function expectNothingWrong(): void {
  const arrived = fs.existsSync(at('other')) ? fs.readFileSync(at('other')) : undefined;
  if (arrived !== undefined) expect(arrived.equals(offer.content.subarray(filmBytes))).toBe(true);
}

/** `film` is in place; `other` waits for its name, in the staging folder. */
async function otherWaits(): Promise<() => void> {
  const heal = disk.fail({
    when: ({ name, to = '' }) => name === 'link' && path.basename(to).startsWith('other'),
    errno: 'EIO',
  });
  await expect(commit()).rejects.toMatchObject({ code: 'publish-waiting' });
  return heal;
}

function partOfOther(): string {
  const all = fs.readdirSync(test.downloads, { recursive: true, encoding: 'utf8' }).map((name) => at(name));
  return all.find((name) => fs.statSync(name).isFile() && fs.statSync(name).size === otherBytes)!;
}

async function writesAllButTheShared(heal?: () => void): Promise<void> {
  expect((await goOn()).have).toEqual([[0, 1]]);
  for (const block of [2, 3]) await writeBlock(test.host, offer, block);
  await test.restart(heal);
  expect((await goOn()).have).toEqual([
    [0, 1],
    [2, 4],
  ]);
  await writeBlock(test.host, offer, 4);
  await commit().catch(() => undefined);
  expectNothingWrong();
}

it.each(['is as it was', 'was changed by its owner'])(
  'where what waits was lost, and what is in place %s',
  async (how) => {
    const heal = await otherWaits();
    if (how !== 'is as it was') fs.appendFileSync(at('film'), 'own words');
    await test.restart(() => fs.rmSync(partOfOther()));
    await writesAllButTheShared(heal);
  },
);

it('where the program was killed on a disk without links, and what had its name was moved', async () => {
  disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
  await killWhilePublishing(test, disk, offer, () => fs.existsSync(at('other')) && fs.statSync(at('other')).size > 0);
  fs.mkdirSync(at('Videos'));
  fs.renameSync(at('other'), at('Videos', 'other'));
  await writesAllButTheShared();
});

it('what came since, and was not in the journal when the drive was pulled out, is held once it is back', async () => {
  const heal = await otherWaits();
  await test.restart(() => fs.rmSync(partOfOther()));
  heal();
  expect((await goOn()).have).toEqual([[0, 1]]);
  let isOut = true;
  disk.fail({
    when({ name, path: file, to }) {
      if (!file.endsWith('/blocks')) return false;
      if (name === 'open' && to !== 'read') isOut = false;
      return isOut && name === 'write';
    },
    errno: 'EIO',
  });
  await writeBlock(test.host, offer, 1);
  fs.renameSync(test.downloads, `${test.downloads} away`);
  await expect(test.host.engine['receive.room']({ transfer: offer.transfer })).rejects.toMatchObject({
    code: 'disk-gone',
  });
  fs.renameSync(`${test.downloads} away`, test.downloads);
  for (const block of [2, 3, 4]) await writeBlock(test.host, offer, block);
  expect(await commit()).toEqual({ published: 2, faults: [] });
  expectNothingWrong();
});

it.each(['EBUSY', 'ESTALE', 'EIO'])('what is in place and cannot be read keeps nothing back: %s', async (errno) => {
  const heal = await otherWaits();
  await test.restart(heal);
  const isFilm = ({ name, path: file }: DiskCall) => /^(read|facts)$/.test(name) && file.endsWith('/film');
  disk.fail({ when: isFilm, errno });
  expect((await goOn()).have).toEqual([[0, offer.blocks]]);
});

it('a byte of what waits that turned over is seen, where the file that shares its block is as it was', async () => {
  const heal = await otherWaits();
  await test.restart(() => {
    const part = fs.openSync(partOfOther(), 'r+');
    fs.writeSync(part, Buffer.from([offer.content[filmBytes]! ^ 1]), 0, 1, 0);
    fs.closeSync(part);
  });
  heal();
  const publish = async () => test.host.ui['unfinished.publish']({ transfer: offer.transfer });
  await publish().catch(() => undefined);
  expectNothingWrong();
  expect(fs.existsSync(at('other'))).toBe(false);
});
