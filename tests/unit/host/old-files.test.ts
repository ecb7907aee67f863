// "Replace": what becomes of the old file. It goes to the trash once the new one is on the disk, or stays beside it under a plain name, whatever
// fails or ends in between. Under the name that it has meanwhile it never stays.

import * as fs from 'node:fs';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk, FileFacts } from '../../../host/disk/disk.ts';
import { type DiskCall, type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { type Incoming, incoming, killWhilePublishing, prepare, writeBlock } from './receive-steps.ts';
import { hastyClock, openTestHost, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
let disk: FailingDisk;
let trashed: string[];
let hasTrash: boolean;
let beforeLink: (call: DiskCall) => Promise<void>;

const at = (...names: string[]) => path.join(test.downloads, ...names);
const receives = () => path.join(test.folder, 'data', 'receives');
const read = (name: string) => readFileSync(at(name), 'utf8');
const inPlace = () => treeOf(test.downloads).filter((name) => !name.startsWith('.tincan-'));
const contents = () => Object.fromEntries(inPlace().map((name) => [name, read(name)]));
const commit = ({ transfer, root }: Incoming) => test.host.engine['receive.commit']({ transfer, root });
const note = () => incoming([{ path: ['note.txt'], bytes: Buffer.from('new') }]);
const isAside = (file = '') => path.basename(file).includes('(replaced');
const isNew = ({ name, path: from, to }: DiskCall) =>
  ['link', 'rename'].includes(name) && from.includes('/ready/') && path.basename(to ?? '') === 'note.txt';

async function open(of: Disk = openRealDisk()): Promise<void> {
  beforeLink = async () => undefined;
  const link = (from: string, to: string) => beforeLink({ name: 'link', path: from, to }).then(() => of.link(from, to));
  disk = openFailingDisk({ ...of, link }, fs);
  trashed = [];
  hasTrash = true;
  const trash = async (file: string) => {
    if (!hasTrash) throw new Error('no trash');
    trashed.push(readFileSync(file, 'utf8'));
    rmSync(file);
  };
  test = await openTestHost({ disk, clock: hastyClock, trash });
}

beforeEach(() => open());
afterEach(() => test.close());

async function arrive(offer: Incoming): Promise<void> {
  await prepare(test.host, offer, 'replace');
  for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
}

/** Over an old file, and with nothing of the time before. */
async function arriveOnceMore(): Promise<Incoming> {
  for (const name of inPlace()) rmSync(at(name));
  trashed = [];
  writeFileSync(at('note.txt'), 'old');
  const offer = note();
  await arrive(offer);
  return offer;
}

/** As the engine and a person do it after a refusal. */
async function commitAgain(offer: Incoming): Promise<void> {
  for (let time = 0; time < 3; time += 1) {
    const isOver = await Promise.resolve(commit(offer)).then(
      () => true,
      () => false,
    );
    if (isOver) return;
  }
  expect.unreachable('it does not come to an end');
}

async function goOn(offer: Incoming): Promise<void> {
  const { transfer } = offer;
  const kept = await test.host.engine['receive.reopen']({ transfer });
  const { have } = await test.host.engine['receive.start']({ transfer, leaveOut: [] });
  if (kept.published === undefined && have.length === 0 && offer.blocks > 0) await writeBlock(test.host, offer, 0);
  await commit(offer);
}

const withoutLinks = () => disk.fail({ when: ({ name }) => name === 'link', errno: 'EPERM' });
const ends = (isWithTrash: boolean) =>
  isWithTrash ? [{ 'note.txt': 'new' }, ['old']] : [{ 'note.txt': 'new', 'note (replaced).txt': 'old' }, []];

describe.each([
  ['with links', true, true],
  ['without links', false, true],
  ['with links and no trash', true, false],
  ['without links and trash', false, false],
] as const)('a disk %s', (_, links, isWithTrash) => {
  beforeEach(() => {
    if (!links) withoutLinks();
    hasTrash = isWithTrash;
  });

  it.each(['EBUSY', 'EIO'])('that fails once at any call about the old file: %s', async (errno) => {
    for (let nth = 1; ; nth += 1) {
      const offer = await arriveOnceMore();
      let seen = 0;
      const mend = disk.fail({
        when: ({ path: of, to }) => (isAside(of) || isAside(to)) && ++seen === nth,
        errno,
      });
      await commitAgain(offer);
      mend();
      expect([nth, contents(), trashed]).toEqual([nth, ...ends(isWithTrash)]);
      if (seen < nth) return;
    }
  });

  it.each(['goes on', 'is thrown away'])(
    'where the program is killed at any call about the old file, and the transfer %s',
    async (what) => {
      for (let nth = 1; ; nth += 1) {
        const offer = await arriveOnceMore();
        let seen = 0;
        const isIt = ({ path: of, to }: DiskCall) => (isAside(of) || isAside(to)) && ++seen >= nth;
        const isOver = await killWhilePublishing(test, disk, offer, isIt);
        if (what === 'goes on') await goOn(offer);
        else await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
        await test.host.engine['receive.close']({ transfer: offer.transfer, keep: false });
        const isBack = what === 'is thrown away' && read('note.txt') === 'old';
        expect([nth, contents(), trashed]).toEqual([
          nth,
          ...(isBack ? [{ 'note.txt': 'old' }, []] : ends(isWithTrash)),
        ]);
        if (isOver) return;
      }
    },
    60_000,
  );

  it.each(['goes on', 'is killed, and goes on', 'is killed, and is thrown away'])(
    'where somebody else takes the name meanwhile, and the transfer %s: the old file stays beside theirs',
    async (what) => {
      writeFileSync(at('note.txt'), 'old');
      const offer = note();
      await arrive(offer);
      let isTheirs = false;
      let isDead = false;
      const revive = disk.fail({
        when(call) {
          const isNow = !isTheirs && isNew(call);
          // Just before the new one would get its name: over what reserved it, where the disk has no links.
          if (isNow) {
            isTheirs = true;
            writeFileSync(at('theirs'), 'theirs');
            renameSync(at('theirs'), at('note.txt'));
          }
          isDead ||= isNow && what.startsWith('is killed');
          return isDead || (isNow && !links);
        },
        errno: 'EIO',
      });
      await Promise.resolve(commit(offer)).catch(() => undefined);
      if (what.startsWith('is killed')) await test.restart(revive);
      if (what === 'is killed, and goes on') await goOn(offer);
      if (what.endsWith('thrown away')) await test.host.ui['unfinished.discard']({ transfer: offer.transfer });
      const isThere = !what.endsWith('thrown away');
      // What has the name when it is tried again is replaced as well.
      const after = contents();
      expect(Object.keys(after).filter((name) => /\(replaced [0-9a-f]{8}\)/.test(name))).toEqual([]);
      expect([...Object.values(after), ...trashed].sort()).toEqual([...(isThere ? ['new'] : []), 'old', 'theirs']);
      expect(after['note (replaced).txt'] ?? after['note (replaced) (2).txt']).toBe('old');
    },
  );
});

it.each(['EFBIG', 'EIO'])(
  'nothing is said to be wrong with a file where a line of the log fails once: %s',
  async (errno) => {
    for (let nth = 1; ; nth += 1) {
      const offer = await arriveOnceMore();
      let seen = 0;
      const mend = disk.fail({ when: ({ name }) => name === 'append' && ++seen === nth, errno });
      expect(await commit(offer)).toEqual({ published: 1, faults: [] });
      mend();
      expect([nth, contents(), trashed]).toEqual([nth, { 'note.txt': 'new' }, ['old']]);
      if (seen < nth) return;
    }
  },
);

it('no old file steps aside by a line of the log that was lost with that of another one', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const name of names) writeFileSync(at(name), 'old');
  const offer = incoming(names.map((name) => ({ path: [name], bytes: Buffer.from('new') })));
  await arrive(offer);
  const isLog = (of = '') => path.basename(of) === 'placing';
  // The first is of the log as it was found.
  disk.fail({ when: ({ name, path: of }) => name === 'sync' && isLog(of), from: 2, times: 1, errno: 'EIO' });
  const before = disk.calls.length;
  expect(await commit(offer)).toEqual({ published: 6, faults: [] });
  const calls = disk.calls.slice(before);
  const anew = calls.findIndex(({ name, to }) => name === 'rename' && isLog(to));
  expect(anew).toBeGreaterThan(0);
  const untilThen = calls.slice(0, anew);
  expect(untilThen.filter(({ to }) => isAside(to))).toEqual([]);
  expect([contents(), trashed]).toEqual([
    Object.fromEntries(names.map((name) => [name, 'new'])),
    names.map(() => 'old'),
  ]);
});

it('an old file that can neither go to the trash nor get another name is told of, and put away once it can', async () => {
  writeFileSync(at('note.txt'), 'old');
  const offer = note();
  await arrive(offer);
  hasTrash = false;
  const isKept = ({ to }: DiskCall) => /\(replaced\)/.test(to ?? '');
  const mend = disk.fail({ when: isKept, errno: 'EACCES' });
  await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting', detail: { code: 'disk-denied' } });
  expect(read('note.txt')).toBe('new');
  await test.restart(mend);
  expect(await test.host.ui['unfinished.list']({})).toMatchObject([{ isReady: true }]);
  expect(await test.host.ui['unfinished.publish']({ transfer: offer.transfer })).toEqual({ published: 1 });
  expect(contents()).toEqual({ 'note.txt': 'new', 'note (replaced).txt': 'old' });
});

it('an old file has no second name after a kill in the middle of giving it one, where the new file was in place long before', async () => {
  const plain = 'note (replaced).txt';
  hasTrash = false;
  const offer = await arriveOnceMore();
  disk.fail({ when: ({ name, to = '' }) => name === 'link' && path.basename(to) === plain, errno: 'EIO', times: 1 });
  const isLosingName = ({ name, path: file }: DiskCall) =>
    name === 'removeFile' && isAside(file) && path.basename(file) !== plain;
  expect(await killWhilePublishing(test, disk, offer, isLosingName)).toBe(false);
  expect(Object.values(contents()).sort()).toEqual(['new', 'old', 'old']);
  hasTrash = true;
  await test.host.ui['unfinished.publish']({ transfer: offer.transfer });
  expect([contents(), trashed]).toEqual([{ 'note.txt': 'new' }, ['old']]);
});

it.each(['move', 'discard'] as const)(
  'that the program was killed at any change to the disk of a %s keeps no old file under its odd name',
  async (what) => {
    const other = path.join(test.folder, 'other');
    for (let nth = 1; ; nth += 1) {
      rmSync(other, { recursive: true, force: true });
      mkdirSync(other);
      const offer = await arriveOnceMore();
      const { transfer } = offer;
      // In place, and the old file still has its odd name.
      hasTrash = false;
      const mend = disk.fail({ when: ({ to }) => /\(replaced\)/.test(to ?? ''), errno: 'EACCES' });
      await expect(commit(offer)).rejects.toMatchObject({ code: 'publish-waiting' });
      await test.host.engine['receive.close']({ transfer, keep: true });
      mend();
      test.chosen = other;
      let calls = 0;
      const isChange = ({ name }: DiskCall) => /^(rename|link|remove|makeFolder|append|write)/.test(name);
      const revive = disk.fail({ when: (call) => calls >= nth || (isChange(call) && ++calls >= nth), errno: 'EIO' });
      const isOver = await Promise.resolve(test.host.ui[`unfinished.${what}`]({ transfer })).then(
        () => calls < nth,
        () => false,
      );
      await test.restart(revive);
      const list = await test.host.ui['unfinished.list']({});
      // Thrown away, or as it was.
      if (what === 'discard' && list.length > 0) expect([nth, list]).toMatchObject([nth, [{ isReady: true }]]);
      if (list.length > 0) await test.host.ui['unfinished.discard']({ transfer });
      await test.restart();
      await expect.poll(() => [readdirSync(receives()), readdirSync(other)]).toEqual([[], []]);
      expect([nth, readdirSync(test.downloads), contents()]).toEqual([
        nth,
        ['note (replaced).txt', 'note.txt'],
        { 'note.txt': 'new', 'note (replaced).txt': 'old' },
      ]);
      if (isOver) return;
    }
  },
  60_000,
);

it('two transfers that replace one file at once leave each content once, under plain names or in the trash', async () => {
  writeFileSync(at('note.txt'), 'old');
  const [one, other] = ['one', 'other'].map((text) => incoming([{ path: ['note.txt'], bytes: Buffer.from(text) }]));
  for (const offer of [one!, other!]) await arrive(offer);
  let isFirst = true;
  beforeLink = async (call) => {
    if (!isFirst || !isNew(call)) return;
    isFirst = false;
    // The old file has stepped aside for the one, and the other takes the name.
    await commit(other!);
  };
  await commit(one!);
  expect(inPlace().filter((name) => /\(replaced [0-9a-f]{8}\)/.test(name))).toEqual([]);
  expect([...Object.values(contents()), ...trashed].sort()).toEqual(['old', 'one', 'other']);
});

it('is not forgotten where the person moves the folder away before it is in the trash, and back', async () => {
  writeFileSync(at('note.txt'), 'old');
  const offer = note();
  await arrive(offer);
  const moved = path.join(test.folder, 'moved');
  let isMoved = false;
  disk.fail({
    when({ name }) {
      if (name !== 'syncFolder' || isMoved || !inPlace().includes('note.txt') || read('note.txt') !== 'new')
        return false;
      isMoved = true;
      renameSync(test.downloads, moved);
      return false;
    },
    errno: 'EIO',
  });
  await expect(commit(offer)).rejects.toMatchObject({ code: 'disk-gone' });
  renameSync(moved, test.downloads);
  await commitAgain(offer);
  const names = inPlace();
  expect(names.filter((name) => /\(replaced [0-9a-f]{8}\)/.test(name))).toEqual([]);
  expect([...Object.values(contents()), ...trashed].sort()).toEqual(['new', 'old']);
});

describe('a disk that numbers its files anew when it is mounted again (FAT, exFAT)', () => {
  let times: bigint;
  const renumbered = <T extends FileFacts>(facts: T): T => ({
    ...facts,
    dev: facts.dev + times,
    ino: facts.ino * 8n + times,
  });
  beforeEach(async () => {
    await test.close();
    times = 0n;
    const real = openRealDisk();
    await open({
      ...real,
      facts: async (of) => renumbered(await real.facts(of)),
      factsBehindLinks: async (of) => renumbered(await real.factsBehindLinks(of)),
      async openFolder(of) {
        const folder = await real.openFolder(of);
        return { ...folder, facts: renumbered(folder.facts), close: () => folder.close() };
      },
      link: async () => {
        throw Object.assign(new Error('no links'), { code: 'EPERM' });
      },
    });
  });

  it('knows an old file again after a restart', async () => {
    writeFileSync(at('note.txt'), 'old');
    const offer = note();
    await arrive(offer);
    // The new one has its name; the old one is next.
    const isDone = ({ name }: DiskCall) =>
      name === 'syncFolder' && inPlace().includes('note.txt') && read('note.txt') === 'new';
    let isDead = false;
    const revive = disk.fail({ when: (call) => (isDead ||= isDone(call)), errno: 'EIO' });
    await expect(commit(offer)).rejects.toThrow();
    await test.restart(() => {
      revive();
      times += 1n;
    });
    await goOn(offer);
    expect([contents(), trashed]).toEqual([{ 'note.txt': 'new' }, ['old']]);
  });

  it('goes on with what had arrived in the folder', async () => {
    const offer = incoming([{ path: ['trip', 'big'], bytes: Buffer.alloc(300_000, 'new') }]);
    await arrive(offer);
    await test.restart(() => {
      times += 1n;
    });
    const { transfer } = offer;
    await test.host.engine['receive.reopen']({ transfer });
    expect(await test.host.engine['receive.start']({ transfer, leaveOut: [] })).toMatchObject({ have: [[0, 1]] });
    expect(await commit(offer)).toEqual({ published: 1, faults: [] });
    expect(readdirSync(test.downloads)).toEqual(['trip']);
  });
});

it.each(['replace', 'keep-both'] as const)(
  'an empty file that reserved the name of an empty one does not stay beside it after a kill: %s',
  async (conflict) => {
    withoutLinks();
    if (conflict === 'replace') writeFileSync(at('note.txt'), 'old');
    const offer = incoming([
      { path: ['note.txt'], bytes: Buffer.alloc(0) },
      { path: ['other'], bytes: Buffer.from('other') },
    ]);
    await prepare(test.host, offer, conflict);
    await writeBlock(test.host, offer, 0);
    let isDead = false;
    const revive = disk.fail({ when: (call) => (isDead ||= call.name === 'rename' && isNew(call)), errno: 'EIO' });
    await expect(commit(offer)).rejects.toThrow();
    await test.restart(revive);
    await goOn(offer);
    expect([contents(), trashed]).toEqual([{ 'note.txt': '', other: 'other' }, conflict === 'replace' ? ['old'] : []]);
  },
);
