// Some files of a transfer have their names, and others wait for theirs. Meanwhile the person moves, changes or renames what is in place:
// it is the person's, and arrives no second time, and the others still get their names.

import * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { arrive as arriveAt, type Incoming, killWhilePublishing } from './receive-steps.ts';
import { hastyClock, openFailingTestHost, openTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
let disk: FailingDisk;

beforeEach(async () => {
  ({ disk, test } = await openFailingTestHost());
});

afterEach(() => test.close());

const at = (...names: string[]) => path.join(test.downloads, ...names);
const commit = async ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });

const arrive = (sizes: Readonly<Record<string, number>>, conflict?: ConflictPolicy) =>
  arriveAt(test.host, sizes, conflict);

/** All have their names but `other`. The answer lets it have its own. */
async function waitFor(offer: Incoming): Promise<() => void> {
  const isOther = (to = '') => path.basename(to).startsWith('other');
  const heal = disk.fail({ when: ({ name, to }) => name === 'link' && isOther(to), errno: 'EIO' });
  await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
  return heal;
}

/** The program is killed before the name of the one that has it is synced. */
async function killWhileOtherWaits(offer: Incoming, ...one: string[]): Promise<void> {
  const heal = disk.fail({ when: ({ name, to = '' }) => name === 'link' && to.endsWith('other'), errno: 'EIO' });
  await killWhilePublishing(test, disk, offer, ({ name }) => name === 'syncFolder' && fs.existsSync(at(...one)));
  heal();
}

/** Just before the names are synced that all of `names` have by then. `answer`: whether that sync fails. */
function onceNamed(deed: () => void, { names = ['film'], answer = false } = {}): void {
  // An empty one only reserves its name.
  const hasName = (name: string) => (fs.statSync(at(name), { throwIfNoEntry: false })?.size ?? 0) > 0;
  let isDone = false;
  disk.fail({
    when({ name }) {
      if (isDone || name !== 'syncFolder' || !names.every(hasName)) return false;
      isDone = true;
      deed();
      return answer;
    },
    errno: 'EIO',
  });
}

const visible = () => treeOf(test.downloads).filter((name) => !name.startsWith('.'));

const publishByItself = async ({ transfer }: Incoming) => test.host.ui['unfinished.publish']({ transfer });

const sizes = [
  ['a small file', 100],
  ['a large file', blockBytes],
  ['one that shares a block with the other', blockBytes + 5],
] as const;

const deeds = [
  ['moved', () => moveTo('Videos')],
  ['changed', () => fs.appendFileSync(at('film'), 'own words')],
  ['changed in its place', writeInto],
  ['removed', () => fs.rmSync(at('film'))],
] as const;

function moveTo(folder: string): void {
  fs.mkdirSync(at(folder));
  fs.renameSync(at('film'), at(folder, 'film'));
}

/** Its size stays. */
function writeInto(): void {
  const file = fs.openSync(at('film'), 'r+');
  fs.writeSync(file, 'tag', fs.fstatSync(file).size - 3);
  fs.closeSync(file);
}

describe.each(sizes)('%s that is in place while another one waits', (_what, size) => {
  describe.each(deeds)('and was %s', (_deed, doIt) => {
    it('arrives no second time', async () => {
      const offer = await arrive({ film: size, other: blockBytes });
      const heal = await waitFor(offer);
      doIt();
      const before = treeOf(test.downloads).filter((name) => !name.startsWith('.'));
      heal();
      expect(await commit(offer)).toEqual({ published: 2, faults: [] });
      expect(treeOf(test.downloads)).toEqual([...before, 'other'].sort());
      for (const name of before.filter((each) => each.endsWith('film'))) expect(fs.statSync(at(name)).nlink).toBe(1);
    });

    it('keeps the other one from nothing, after two restarts', async () => {
      const offer = await arrive({ film: size, other: blockBytes });
      const heal = await waitFor(offer);
      doIt();
      const before = treeOf(test.downloads).filter((name) => !name.startsWith('.'));
      await test.restart();
      await expect(publishByItself(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
      await test.restart(heal);
      expect(await publishByItself(offer)).toMatchObject({ published: 2 });
      expect(treeOf(test.downloads)).toEqual([...before, 'other'].sort());
    });
  });
});

describe('where the program is killed before it knows that what has its name keeps it', () => {
  it.each([
    ['moved', () => moveTo('Videos'), ['Videos', 'Videos/film', 'other']],
    ['changed', () => fs.appendFileSync(at('film'), 'own words'), ['film', 'other']],
  ])('what was %s arrives no second time', async (_deed, doIt, after) => {
    const offer = await arrive({ film: blockBytes, other: blockBytes });
    await killWhileOtherWaits(offer, 'film');
    doIt();
    await publishByItself(offer);
    expect(treeOf(test.downloads)).toEqual(after);
  });
});

describe('a folder that files came into, and that was renamed while others wait', () => {
  it.each(['at once', 'after a restart'])('is left alone, and the others are put in place: %s', async (when) => {
    fs.mkdirSync(at('trip'));
    const offer = await arrive({ 'trip/big': blockBytes, 'trip/other': blockBytes }, 'replace');
    const heal = await waitFor(offer);
    fs.renameSync(at('trip'), at('trip-old'));
    if (when === 'at once') heal();
    else await test.restart(heal);
    await (when === 'at once' ? commit(offer) : publishByItself(offer));
    expect(treeOf(test.downloads)).toEqual(['trip', 'trip-old', 'trip-old/big', 'trip/other']);
  });
});

describe('a folder that files came into, and that was renamed before the program knows that what has its name keeps it', () => {
  const all = ['trip', 'trip-old', 'trip-old/big', 'trip/other'];

  it.each(['replace', 'skip'] as const)('after it was killed: %s', async (conflict) => {
    fs.mkdirSync(at('trip'));
    const offer = await arrive({ 'trip/big': blockBytes, 'trip/other': blockBytes }, conflict);
    await killWhileOtherWaits(offer, 'trip', 'big');
    fs.renameSync(at('trip'), at('trip-old'));
    expect(await publishByItself(offer)).toMatchObject({ published: 2 });
    expect(treeOf(test.downloads)).toEqual(all);
    expect(fs.statSync(at('trip-old', 'big')).nlink).toBe(1);
  });

  it('just before its names are synced', async () => {
    fs.mkdirSync(at('trip'));
    const offer = await arrive({ 'trip/big': blockBytes, 'trip/other': blockBytes }, 'replace');
    onceNamed(() => fs.renameSync(at('trip'), at('trip-old')), { names: ['trip/big', 'trip/other'] });
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect(visible()).toEqual(['trip-old', 'trip-old/big', 'trip-old/other']);
  });
});

it('what cannot be seen while the destination is away arrives no second time', async () => {
  const offer = await arrive({ film: blockBytes, other: blockBytes });
  let isAway = false;
  const comeBack = disk.fail({
    when({ name, to = '' }) {
      isAway ||= name === 'link' && to.endsWith('/other');
      return isAway && (name === 'link' || name === 'facts');
    },
    errno: 'ENOENT',
  });
  await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-gone' });
  comeBack();
  await commit(offer);
  expect(treeOf(test.downloads).filter((name) => !name.startsWith('.'))).toEqual(['film', 'other']);
});

it('a folder that came whole, and was moved while a file waits, arrives no second time', async () => {
  const offer = await arrive({ 'trip/small': 10, 'trip/big': blockBytes, other: blockBytes });
  const heal = await waitFor(offer);
  fs.renameSync(at('trip'), at('trip-old'));
  heal();
  expect(await commit(offer)).toEqual({ published: 3, faults: [] });
  expect(treeOf(test.downloads)).toEqual(['other', 'trip-old', 'trip-old/big', 'trip-old/small']);
});

it('a name that was lost by the sync of a transfer that was thrown away is there in the end', async () => {
  await test.close();
  const real = openRealDisk();
  let thrownAway: (() => Promise<unknown>) | undefined;
  let isTheirs = false;
  test = await openTestHost({
    clock: hastyClock,
    disk: {
      ...real,
      async syncFolder(folder) {
        const isNamed = fs.existsSync(at('film')) && fs.realpathSync(folder) === fs.realpathSync(test.downloads);
        if (isNamed && isTheirs) {
          isTheirs = false;
          fs.rmSync(at('film'));
          throw Object.assign(new Error('simulated'), { code: 'EIO', errno: -5 });
        }
        const throwAway = thrownAway;
        if (isNamed && throwAway !== undefined) {
          thrownAway = undefined;
          isTheirs = true;
          await throwAway();
          expect(isTheirs).toBe(false);
        }
        return real.syncFolder(folder);
      },
    },
  });
  const offer = await arrive({ film: 100 });
  const other = await arrive({ other: 100 });
  thrownAway = async () => test.host.engine['receive.close']({ transfer: other.transfer, keep: false });
  expect(await commit(offer)).toEqual({ published: 1, faults: [] });
  expect(thrownAway).toBeUndefined();
  expect(fs.existsSync(at('film'))).toBe(true);
});

it('an old file comes back where the sync of another transfer loses the name of what replaced it, while that is thrown away', async () => {
  await test.close();
  const real = openRealDisk();
  let publishOther: (() => Promise<unknown>) | undefined;
  let isTheirs = false;
  const losing = openFailingDisk(
    {
      ...real,
      async syncFolder(folder) {
        const isOurs = fs.realpathSync(folder) === fs.realpathSync(test.downloads);
        if (isOurs && isTheirs) {
          isTheirs = false;
          fs.rmSync(at('film'));
          throw Object.assign(new Error('simulated'), { code: 'EIO', errno: -5 });
        }
        const first = publishOther;
        if (isOurs && first !== undefined) {
          publishOther = undefined;
          isTheirs = true;
          await first();
          expect(isTheirs).toBe(false);
        }
        return real.syncFolder(folder);
      },
    },
    fs,
  );
  const trashed: string[] = [];
  const trash = async (file: string) => void trashed.push(file);
  test = await openTestHost({ clock: hastyClock, disk: losing, trash });
  fs.writeFileSync(at('film'), 'old');
  const offer = await arrive({ film: 100 }, 'replace');
  await killWhilePublishing(
    test,
    losing,
    offer,
    ({ name }) => name === 'syncFolder' && fs.statSync(at('film')).size > 3,
  );
  const other = await arrive({ other: 100 });
  publishOther = () => commit(other);
  await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
  expect(publishOther).toBeUndefined();
  await test.restart();
  await expect.poll(visible).toEqual(['film', 'other']);
  expect([fs.readFileSync(at('film'), 'utf8'), trashed]).toEqual(['old', []]);
});

describe("what has its name is its owner's before the attempt to put all in place is over", () => {
  const shorten = () => fs.writeFileSync(at('film'), 'own words');
  const remove = () => fs.rmSync(at('film'));
  function saveAnew(): void {
    fs.writeFileSync(at('film~'), 'own words');
    fs.renameSync(at('film~'), at('film'));
  }

  it.each([
    ['shortened', shorten, 'keep-both'],
    ['saved anew', saveAnew, 'keep-both'],
    ['saved anew', saveAnew, 'replace'],
    ['removed', remove, 'keep-both'],
  ] as const)('%s: it arrives no second time', async (deed, doIt, conflict) => {
    const offer = await arrive({ film: 100, other: blockBytes }, conflict);
    onceNamed(doIt);
    const heal = await waitFor(offer);
    heal();
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect(visible()).toEqual(deed === 'removed' ? ['other'] : ['film', 'other']);
    if (deed !== 'removed') expect(fs.readFileSync(at('film'), 'utf8')).toBe('own words');
  });

  it('a folder that came whole and is moved arrives no second time', async () => {
    const offer = await arrive({ 'trip/small': 10, 'trip/big': blockBytes, other: blockBytes });
    onceNamed(() => fs.renameSync(at('trip'), at('trip-old')), { names: ['trip'] });
    const heal = await waitFor(offer);
    heal();
    expect(await commit(offer)).toEqual({ published: 3, faults: [] });
    expect(visible()).toEqual(['other', 'trip-old', 'trip-old/big', 'trip-old/small']);
  });

  it('removed, and the log cannot be written anew: it arrives no second time when it is asked for again', async () => {
    const offer = await arrive({ film: 100, other: blockBytes });
    const isNewLog = (file: string) => /\/placing\.[0-9a-f]+\.tmp$/.test(file);
    const write = disk.fail({ when: ({ path: file }) => isNewLog(file), errno: 'EIO' });
    onceNamed(remove);
    const heal = await waitFor(offer);
    heal();
    write();
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect(visible()).toEqual(['other']);
  });

  it.each([
    ['shortened', shorten],
    ['saved anew', saveAnew],
  ])('%s, and its name cannot be synced once: it arrives no second time', async (_deed, doIt) => {
    const offer = await arrive({ film: 100 });
    onceNamed(doIt, { answer: true });
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(visible()).toEqual(['film']);
  });

  it('a name that the disk could not sync, and lost, is there in the end', async () => {
    const offer = await arrive({ film: 100 });
    onceNamed(remove, { answer: true });
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(visible()).toEqual(['film']);
  });

  it('very many names that the disk could not sync, and lost, are there in the end, also on a disk without links', async () => {
    const names = Array.from({ length: 80 }, (_, nth) => `${nth}`);
    const offer = await arrive(Object.fromEntries(names.map((name) => [name, 10])));
    disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
    const removeAll = () => {
      for (const name of names) fs.rmSync(at(name));
    };
    onceNamed(removeAll, { names, answer: true });
    expect(await commit(offer)).toEqual({ published: 80, faults: [] });
    expect(visible()).toEqual(names.toSorted());
  });

  it('a name that was lost by a sync which moving an old file aside asked for is there in the end', async () => {
    fs.writeFileSync(at('other'), 'old');
    const offer = await arrive({ film: 100, other: blockBytes }, 'replace');
    onceNamed(remove, { answer: true });
    expect(await commit(offer)).toEqual({ published: 2, faults: [] });
    expect(visible()).toEqual(['film', 'other']);
  });

  it('a folder whose name a failed sync of the whole disk lost is there in the end', async () => {
    const names = Array.from({ length: 80 }, (_, nth) => [`a/${nth}`, `b/${nth}`]).flat();
    const offer = await arrive(Object.fromEntries(names.sort().map((name) => [name, 10])));
    let isLost = false;
    disk.fail({
      when({ name }) {
        if (isLost || name !== 'syncWholeDisk' || !fs.existsSync(at('a', '0'))) return false;
        fs.rmSync(at('a'), { recursive: true });
        isLost = true;
        return true;
      },
      errno: 'EIO',
    });
    expect(await commit(offer)).toEqual({ published: 160, faults: [] });
    expect(isLost).toBe(true);
    expect(visible().filter((name) => !name.includes('/'))).toEqual(['a', 'b']);
  });

  it.each([100, blockBytes])(
    'a folder that is moved before its names are synced keeps nobody waiting, also on a disk without links: %i bytes',
    async (size) => {
      fs.mkdirSync(at('trip'));
      const offer = await arrive({ 'trip/one': size, 'trip/two': size }, 'replace');
      disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
      onceNamed(() => fs.renameSync(at('trip'), at('trip-old')), { names: ['trip/one', 'trip/two'] });
      const answer = await commit(offer).catch((error: unknown) => error);
      expect([answer, visible()]).toEqual([{ published: 2, faults: [] }, ['trip-old', 'trip-old/one', 'trip-old/two']]);
    },
  );
});
