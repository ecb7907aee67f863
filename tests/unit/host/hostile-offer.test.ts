// Offers that want more than a place under the chosen folder, on a real disk through the calls of the engine.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { targetFor } from '../../../host/sink/disk-name-rules.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { blockBytes, manifestMaxBytes } from '../../../shared/wire/limits.ts';
import { type Incoming, incoming, prepare, prepareSkipping, receiveAll, writeBlock } from './receive-steps.ts';
import { openTestHost, outsideOf, outsideUntouched, type TestHost, treeOf } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const one = (names: readonly string[], content = 'new') => incoming([{ path: names, bytes: Buffer.from(content) }]);
const at = (...names: string[]) => path.join(test.downloads, ...names);
const take = (offer: Incoming, conflict: ConflictPolicy = 'keep-both') => receiveAll(test.host, offer, conflict);
const begin = (transfer: string) =>
  test.host.engine['receive.begin']({ transfer, secret: 'a'.repeat(64), peerName: 'p', checked: true });

describe('what is at the destination already', () => {
  it.each([
    ['N33 a file', () => writeFileSync(at('x.txt'), 'old')],
    ['N33 an empty file', () => writeFileSync(at('x.txt'), '')],
    ['N35 a link into nothing', () => symlinkSync(path.join(test.outside, 'target'), at('x.txt'))],
    ['N35 a link to a file outside', () => symlinkSync(path.join(test.outside, 'sentinel'), at('x.txt'))],
    ['N38 a pipe', () => execFileSync('mkfifo', [at('x.txt')])],
    ['N38 a folder', () => mkdirSync(at('x.txt'))],
    ['N39 another name of a file outside', () => linkSync(path.join(test.outside, 'sentinel'), at('x.txt'))],
  ])('is neither followed nor changed: %s', async (_what, put) => {
    put();
    const before = lstatSync(at('x.txt'));
    await take(one(['x.txt']));
    expect(readFileSync(at('x (2).txt'), 'utf8')).toBe('new');
    expect([lstatSync(at('x.txt')).ino, lstatSync(at('x.txt')).size]).toEqual([before.ino, before.size]);
    expect(outsideOf(test)).toEqual(outsideUntouched);
  });

  it.each(['keep-both', 'replace', 'skip'] as const)(
    'N36 a link in place of a folder is not passed through (%s)',
    async (conflict) => {
      symlinkSync(test.outside, at('sub'));
      await take(one(['sub', 'f']), conflict).catch(() => undefined);
      expect(outsideOf(test)).toEqual(outsideUntouched);
      // Nor one further down, where the folder above it is there.
      mkdirSync(at('real'));
      symlinkSync(test.outside, at('real', 'sub'));
      await take(one(['real', 'sub', 'f']), conflict).catch(() => undefined);
      expect(outsideOf(test)).toEqual(outsideUntouched);
    },
  );

  it('N37 nor one that took the place of a folder after the offer was accepted', async () => {
    mkdirSync(at('sub'));
    const offer = one(['sub', 'f']);
    const { transfer, root } = offer;
    await prepare(test.host, offer, 'replace');
    await writeBlock(test.host, offer, 0);
    renameSync(at('sub'), at('moved'));
    symlinkSync(test.outside, at('sub'));
    await test.host.engine['receive.commit']({ transfer, root });
    expect([outsideOf(test), treeOf(at('moved')), treeOf(at('sub (2)'))]).toEqual([outsideUntouched, [], ['f']]);
  });

  it('N37 nor one in place of the staging folder', async () => {
    const offer = one(['f']);
    await prepare(test.host, offer);
    await test.host.close();
    const staging = at(readdirSync(test.downloads)[0]!);
    rmSync(staging, { recursive: true });
    symlinkSync(test.outside, staging);
    await test.restart();
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    await expect(
      (async () => test.host.engine['receive.start']({ transfer: offer.transfer, leaveOut: [] }))(),
    ).rejects.toMatchObject({ code: 'destination-refused' });
    expect(outsideOf(test)).toEqual(outsideUntouched);
  });

  it('S3 is compared only where a plain file lies there: never through a link, never waiting for a pipe', async () => {
    mkdirSync(at('real'));
    symlinkSync(test.outside, at('linked'));
    symlinkSync(path.join(test.outside, 'sentinel'), at('leaf'));
    execFileSync('mkfifo', [at('pipe')]);
    writeFileSync(at('real', 'sentinel'), 'untouched');
    const bytes = Buffer.from('untouched');
    const offer = incoming([
      { path: ['linked', 'sentinel'], bytes },
      { path: ['leaf'], bytes },
      { path: ['pipe'], bytes: Buffer.alloc(0) },
      { path: ['real', 'sentinel'], bytes },
    ]);
    expect((await prepareSkipping(test.host, offer)).same).toEqual([3]);
  });

  it('A8 a transfer that is kept is not overwritten by an offer under its id', async () => {
    const offer = incoming([{ path: ['big'], bytes: randomBytes(2 * blockBytes) }]);
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    await test.restart();
    await expect((async () => begin(offer.transfer))()).rejects.toMatchObject({ code: 'transfer-refused' });
    await test.host.engine['receive.reopen']({ transfer: offer.transfer });
    const { have } = await test.host.engine['receive.start']({ transfer: offer.transfer, leaveOut: [] });
    expect(have).toEqual([[0, 1]]);
  });

  it('A8 two transfers whose ids begin alike do not meet on the disk', async () => {
    const twins = ['one', 'two'].map((content, nth) => ({
      ...one([`${content}.txt`], content),
      transfer: `${'0'.repeat(31)}${nth}`,
    }));
    for (const offer of twins) await prepare(test.host, offer);
    for (const offer of twins) await writeBlock(test.host, offer, 0);
    for (const { transfer, root } of twins) {
      await test.host.engine['receive.commit']({ transfer, root });
      await test.host.engine['receive.close']({ transfer, keep: false });
    }
    expect(['one.txt', 'two.txt'].map((name) => readFileSync(at(name), 'utf8'))).toEqual(['one', 'two']);
  });
});

describe('a file’s properties', () => {
  it.each([
    ['A10 before 1970', -1, Date.UTC(1980, 0, 1)],
    ['A10 at 0', 0, Date.UTC(1980, 0, 1)],
    ['A10 in the year 200000', 6e15, 'tomorrow'],
  ] as const)('have a time that a disk can hold: %s', async (_what, mtimeMs, wanted) => {
    await take(incoming([{ path: ['x'], bytes: Buffer.from('x'), mtimeMs }]));
    const found = statSync(at('x')).mtimeMs;
    if (wanted === 'tomorrow') expect(Math.abs(found - Date.now() - 86_400_000)).toBeLessThan(60_000);
    else expect(found).toBe(wanted);
  });

  it.each([
    ['A10 a mode in place of a yes or no', { executable: 0o4777 }],
    ['A10 a time that is none', { mtimeMs: 'now' }],
    ['A10 a time beyond whole numbers', { mtimeMs: 9.4e15 }],
    ['A16 a media type', { mime: 'text/html' }],
    ['A9 a device', { kind: 'device' }],
    ['A9 a link', { kind: 'hardlink', target: '/etc/passwd' }],
  ])('are refused with the offer: %s', async (_what, odd) => {
    const { transfer, entries } = one(['x']);
    await begin(transfer);
    expect(() => test.host.engine['receive.entries']({ transfer, entries: [{ ...entries[0], ...odd }] })).toThrow(
      expect.objectContaining({ code: 'manifest-invalid' }),
    );
  });
});

describe('an offer', () => {
  it.each([
    ['A11 of nothing at all', [], []],
    ['A11 of an empty folder', [{ kind: 'folder', path: ['e'], mtimeMs: 1.6e12 }], ['e']],
    ['A11 of an empty file', [{ kind: 'file', path: ['z'], size: 0, mtimeMs: 0, executable: false }], ['z']],
  ] as const)('ends well: %s', async (_what, entries, wanted) => {
    const nothing = createHash('sha256').digest('hex');
    const offer = { ...one(['unused']), entries, blocks: 0, content: Buffer.alloc(0), root: nothing };
    await take(offer as unknown as Incoming);
    expect(treeOf(test.downloads)).toEqual(wanted);
  });

  it('A3 beyond the disk is shown with its size, and its yes is refused with what is missing', async () => {
    const { transfer, entries } = one(['x']);
    const size = 3 * 2 ** 40;
    await begin(transfer);
    await test.host.engine['receive.entries']({ transfer, entries: [{ ...entries[0], size }] });
    const plan = await test.host.engine['receive.plan']({ transfer });
    expect([plan.totals.bytes, plan.fits]).toEqual([size, false]);
    await expect(
      (async () =>
        test.host.ui['offer.grant']({
          transfer,
          manifestDigest: plan.manifestDigest,
          selection: 'all',
          destination: plan.destination.id,
          conflict: 'keep-both',
        }))(),
    ).rejects.toMatchObject({ code: 'disk-full', detail: { neededBytes: plan.neededBytes } });
    expect(treeOf(test.downloads)).toEqual([]);
  });

  it('A5 that never ends is cut off at its bound', async () => {
    const { transfer, entries } = one(['x']);
    await begin(transfer);
    const part = Array.from({ length: 4000 }, (_, nth) => ({ ...entries[0], path: [`${nth}${'x'.repeat(4000)}`] }));
    let parts = 0;
    expect(() => {
      for (; parts < 100; parts += 1) void test.host.engine['receive.entries']({ transfer, entries: part });
    }).toThrow(expect.objectContaining({ code: 'manifest-too-large' }));
    expect(parts).toBeLessThanOrEqual(manifestMaxBytes / (4000 * 4000));
  });

  it.each([
    ['linux', 0x4d44, 'fat'],
    ['linux', 0x2011_bab0, 'fat'],
    ['linux', 0xfe53_4d42 | 0, 'fat'],
    ['linux', 0xef53, 'posix'],
    ['darwin', 0x4d44, 'posix'],
    ['win32', 0, 'windows'],
  ] as const)('N15 is named by the rules of the disk it goes to: %s %i', (platform, type, wanted) => {
    expect(targetFor(platform, type)).toBe(wanted);
  });
});

describe('what is on its way', () => {
  it('N23 has numbers for names until it is whole, so that none is too long and none is the final one', async () => {
    const name = 'n'.repeat(255);
    const offer = incoming([
      { path: [name], bytes: randomBytes(2 * blockBytes) },
      { path: ['small'], bytes: Buffer.from('x') },
    ]);
    await prepare(test.host, offer);
    for (let block = 0; block < offer.blocks; block += 1) await writeBlock(test.host, offer, block);
    const [staging, ...others] = readdirSync(test.downloads);
    await expect.poll(() => existsSync(at(staging!, 'ready', '1'))).toBe(true);
    expect([others, treeOf(at(staging!))]).toEqual([[], ['0.part', 'blocks', 'key', 'ready', 'ready/1', 'small.pack']]);
    await test.host.engine['receive.commit']({ transfer: offer.transfer, root: offer.root });
    expect(existsSync(at(name))).toBe(true);
  });
});

describe('publishing', () => {
  it('asked for twice at once brings every file into place once', async () => {
    const offer = one(['x.txt']);
    const { transfer, root } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    const both = await Promise.all([1, 2].map(() => test.host.engine['receive.commit']({ transfer, root })));
    expect(both[0]).toEqual(both[1]);
    await test.host.engine['receive.close']({ transfer, keep: false });
    expect(treeOf(test.downloads)).toEqual(['x.txt']);
  });

  it('is told again after a crash, without asking for a byte and without a second copy', async () => {
    const offer = incoming([{ path: ['big'], bytes: randomBytes(2 * blockBytes + 5) }]);
    const { transfer, root, blocks } = offer;
    await prepare(test.host, offer);
    for (let block = 0; block < blocks; block += 1) await writeBlock(test.host, offer, block);
    await test.host.engine['receive.commit']({ transfer, root });
    await test.restart();
    expect(await test.host.ui['unfinished.list']({})).toEqual([]);
    expect(await test.host.engine['unfinished.claims']({})).toMatchObject([{ id: transfer, direction: 'receive' }]);
    await test.host.engine['receive.reopen']({ transfer });
    expect(await test.host.engine['receive.start']({ transfer, leaveOut: [] })).toMatchObject({ have: [[0, blocks]] });
    await expect(test.host.engine['receive.commit']({ transfer, root: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'hash-mismatch',
    });
    expect(await test.host.engine['receive.commit']({ transfer, root })).toMatchObject({ published: 1, faults: [] });
    await test.host.engine['receive.close']({ transfer, keep: false });
    expect([treeOf(test.downloads), await test.host.engine['unfinished.claims']({})]).toEqual([['big'], []]);
  });
});

describe('what was published and never acknowledged', () => {
  it('is remembered for a month, and then no more', async () => {
    const offer = one(['x.txt']);
    const { transfer, root } = offer;
    await prepare(test.host, offer);
    await writeBlock(test.host, offer, 0);
    await test.host.engine['receive.commit']({ transfer, root });
    const record = path.join(test.folder, 'data', 'receives', `${transfer}.json`);
    const claimed: number[] = [];
    for (const days of [29, 31]) {
      await test.host.close();
      const kept = JSON.parse(readFileSync(record, 'utf8')) as object;
      writeFileSync(record, JSON.stringify({ ...kept, updatedAtMs: Date.now() - days * 86_400_000 }));
      await test.restart();
      claimed.push((await test.host.engine['unfinished.claims']({})).length);
      // As every page does when it begins.
      await test.host.ui['unfinished.list']({});
    }
    expect([claimed, treeOf(path.join(test.folder, 'data', 'receives')), treeOf(test.downloads)]).toEqual([
      [1, 0],
      [],
      ['x.txt'],
    ]);
  });
});

describe('whatever the names, on a real disk (N1–N39)', () => {
  const piece = fc.constantFrom(
    ...['..', '.', '/', '\\', ':', '\0', ' ', '~1', 'con', 'a', 'A', 'é', 'e\u0301', 'ß', 'ss', '．．／', '\u202E'],
    ...['\u200D', '\n', '.tincan-', 'x'.repeat(200), '👩', '%2f', '?', '-rf', 'sub', 'sentinel', 'outside', '...'],
  );
  const name = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(''));
  const paths = fc.array(fc.array(name, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });

  it('what arrives stays under the folder, and all of it arrives', async () => {
    let arrived = 0;
    symlinkSync(test.outside, at('sub'));
    await fc.assert(
      fc.asyncProperty(paths, fc.constantFrom('keep-both', 'replace', 'skip'), async (names, conflict) => {
        const offer = incoming(names.map((sent, nth) => ({ path: sent, bytes: Buffer.from(`${nth}`) })));
        try {
          await take(offer, conflict);
          arrived += 1;
        } catch (error) {
          expect(error).toMatchObject({ name: 'Fault' });
          await test.host.engine['receive.close']({ transfer: offer.transfer, keep: false });
        }
        expect(outsideOf(test)).toEqual(outsideUntouched);
        expect(existsSync(path.join(test.folder, '..', 'sentinel'))).toBe(false);
      }),
      { numRuns: 150 },
    );
    expect(arrived).toBeGreaterThan(15);
    expect(readdirSync(test.downloads).filter((entry) => entry.startsWith('.tincan-'))).toEqual([]);
  }, 120_000);
});
