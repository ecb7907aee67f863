// A stranger chooses the names of an offer, and they are planned before anybody says yes. Whatever they are, the work is
// in proportion to the manifest.

import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { planInSlices } from '../../../host/sink/plan-in-slices.ts';
import type { ManifestEntry } from '../../../shared/model/manifest.ts';
import { collisionKey } from '../../../shared/model/name-rules.ts';
import { type PlannedEntry, planNames } from '../../../shared/model/wire-path.ts';
import { manifestMaxBytes, manifestMaxEntries, nameMaxBytes } from '../../../shared/wire/limits.ts';

const file = (...path: string[]): ManifestEntry => ({ kind: 'file', path, size: 1, mtimeMs: 0, executable: false });

/** Each gives the nth path of an offer. */
const shapes: Readonly<Record<string, (nth: number) => string[]>> = {
  'names that differ in case only': (nth) => ['t', inCase('abcdefghijklmnopq.txt', nth)],
  'names that differ in dots at the end, which no disk keeps': (nth) => ['t', `x${inBits(nth, '.', ' .')}`],
  'names that differ in signs that nobody sees': (nth) => ['t', `x${inBits(nth, '\u200B', '\u2060')}`],
  'names that are one when composed': (nth) => ['t', inBits(nth, 'é', 'e\u0301')],
  'names that look numbered already': (nth) => [
    't',
    nth % 2 ? `X (${(nth >> 1) + 2})` : inCase('abcdefghijklmnopq (2)', nth >> 1),
  ],
  'numbered names, and then what collides with all of them': (nth) => [
    't',
    nth < manifestMaxEntries / 2 ? `abcdefghijklmnopq (${nth + 2})` : inCase('abcdefghijklmnopq', nth),
  ],
  'long names that are cut to the same': (nth) => ['t', `${'x'.repeat(260)}${nth}`],
  'long names whose numbered forms are cut to the same': (nth) => ['t', `${'ü'.repeat(124)}${nth}`],
  'long names with long endings': (nth) => ['t', `x.${'y'.repeat(248)}${nth}`],
  'names of dots that an ordinary letter ends': (nth) => ['t', `${'.'.repeat(200)}${nth}`],
  'names that grow when they are folded': (nth) => ['t', `${'\uFDFA'.repeat(50)}${nth}`],
  'names of joined signs': (nth) => ['t', `${'👩\u200D'.repeat(35)}${nth}`],
  'names of marks': (nth) => ['t', `e${'\u0301'.repeat(120)}${nth}`],
  'names of signs with several marks each, that are cut': (nth) => [
    't',
    `${nth}${'e\u0301\u0316\u20DD'.repeat(40)}.txt`,
  ],
  'names of Korean syllables in parts, that are cut': (nth) => ['t', `${nth}${'\u1112\u1161\u11AB'.repeat(30)}`],
  'names of flags, that are cut': (nth) => ['t', `${nth}${'🇩🇪'.repeat(40)}`],
  'names that turn text round': (nth) => ['t', `${'\u202E\u2066x\u2069'.repeat(10)}${nth}`],
  'names of capitals beyond ASCII': (nth) => ['t', `${'Ж'.repeat(140)}${nth}`],
  'names of letters with accents': (nth) => ['t', `${nth}${'É'.repeat(110)}`],
  'names of whole Korean syllables': (nth) => ['t', `${nth}${'한'.repeat(70)}`],
  'names of Greek with sigmas': (nth) => ['t', `${nth}${'ΑΣ'.repeat(50)}`],
  'names of letters beyond the first plane': (nth) => ['t', `${nth}${'𝐀'.repeat(50)}`],
  'names of every sign that there is': (nth) => [
    't',
    `${nth}${Array.from({ length: 11 }, (_, at) => signOf(nth * 11 + at)).join('')}`,
  ],
  'deep trees': (nth) => [...Array.from({ length: 62 }, (_, at) => `${at % 10}`), `${nth}`],
  'deep trees of folders that collide': (nth) => [
    inCase('abcdefghij', nth % 1024),
    ...Array.from({ length: 61 }, () => 'd'),
    `${nth}`,
  ],
};

function inCase(name: string, nth: number): string {
  let letter = -1;
  return name.replace(/[a-z]/g, (found) => {
    letter += 1;
    return (nth >> letter) & 1 ? found.toUpperCase() : found;
  });
}

/** All signs in turn, without those of ASCII and halves of pairs. */
function signOf(nth: number): string {
  const point = 0x80 + (nth % (0x110000 - 0x880));
  return String.fromCodePoint(point < 0xd800 ? point : point + 0x800);
}

function inBits(nth: number, zero: string, one: string): string {
  return [...(nth + 1).toString(2)].map((bit) => (bit === '0' ? zero : one)).join('');
}

/** An eighth shows what grows faster than its input, and leaves `npm test` its minutes. */
const part = 1 / 8;

/** As many entries as a manifest may have, by number or by size, or a part of them. */
function most(shape: (nth: number) => string[], fraction = 1): ManifestEntry[] {
  const entries: ManifestEntry[] = [];
  let bytes = 0;
  for (let nth = 0; nth < manifestMaxEntries * fraction && bytes < manifestMaxBytes * fraction; nth += 1) {
    const entry = file(...shape(nth));
    bytes += Buffer.byteLength(JSON.stringify(entry.path)) + 20;
    entries.push(entry);
  }
  // As they come: each name whole, in one piece of memory.
  return JSON.parse(JSON.stringify(entries)) as ManifestEntry[];
}

/** Of this thread alone, since other work makes the clock useless. */
function cpuMsOf(task: () => void): number {
  const began = process.threadCpuUsage();
  task();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}

/** What as many ordinary names take on a busy machine. The dearest shapes take three times that. */
const ordinaryCpuMs = 200;

/** On this machine at this moment, by what ordinary names take: a busy machine is slower for all. */
function slowness(fraction: number): number {
  const ordinary = most((nth) => ['Photos', `IMG_${nth}.jpg`], fraction);
  return Math.max(1, cpuMsOf(() => Array.from(planNames(ordinary, 'windows'))) / (ordinaryCpuMs * fraction));
}

/** Of a part of a manifest, whose first names cost more. Work that grows with the square of the names takes hours for all of it. */
function mostCpuMsOf(fraction: number): number {
  return 8 * ordinaryCpuMs * Math.max(0.5, fraction * slowness(fraction));
}

/** Of a whole manifest, however busy the machine is by chance. */
function expectWithinASecond(entries: readonly ManifestEntry[]): void {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const mostMs = 1_000 * slowness(1);
    least = Math.min(least, cpuMsOf(() => Array.from(planNames(entries, 'windows'))) / mostMs);
    if (least <= 1) return;
  }
  expect(least).toBeLessThanOrEqual(1);
}

let mostCpuMs: number;
beforeAll(() => {
  mostCpuMs = mostCpuMsOf(part);
});

describe('planning the names of an offer', () => {
  it.each(Object.entries(shapes))(
    'takes seconds at most: %s',
    (_what, shape) => {
      const entries = most(shape, part);
      let names: PlannedEntry[] = [];
      expect(cpuMsOf(() => (names = [...planNames(entries, 'windows')]))).toBeLessThan(mostCpuMs);
      expect(names).toHaveLength(entries.length);
      const keys = new Set(names.map(({ path }) => path.map((name) => collisionKey(name)).join('/')));
      expect(keys.size).toBe(entries.length);
      expect(names.filter(({ path }) => Buffer.byteLength(path.at(-1)!) > nameMaxBytes)).toEqual([]);
    },
    60_000,
  );

  it.each(['.', ' .', '\u200D', 'e\u0301', '👩\u200D', '\uFDFA', '(2)', '~1', '\u202E', 'con.'])(
    'takes seconds at most: names of thousands of %j',
    (sign) => {
      const long = sign.repeat(4000 / sign.length);
      const entries = most((nth) => [`t${nth}`, `${long}${nth}`], part);
      expect(cpuMsOf(() => Array.from(planNames(entries, 'windows')))).toBeLessThan(mostCpuMs);
    },
    60_000,
  );

  it('takes seconds at most, whatever few pieces the names are made of', () => {
    const piece = fc.constantFrom(
      ...['a', 'A', ' (2)', '.', ' ', 'é', 'e\u0301', 'ß', '\u200B', '\u200D', '👩', 'x'.repeat(60), '~1', '_'],
    );
    const names = fc.tuple(fc.array(piece, { minLength: 2, maxLength: 9 }), fc.array(piece, { maxLength: 3 }));
    fc.assert(
      fc.property(names, ([start, end]) => {
        const entries = most((nth) => {
          const cased = start.map((one, at) => ((nth >> at) & 1 ? one.toUpperCase() : one)).join('');
          return ['t', `${cased}${end.join('')}${nth % 512 === nth ? '' : ` (${nth})`}`];
        }, part);
        const distinct = [...new Map(entries.map((entry) => [entry.path[1], entry])).values()];
        expect(cpuMsOf(() => Array.from(planNames(distinct, 'posix')))).toBeLessThan(mostCpuMs);
      }),
      { numRuns: 3 },
    );
  }, 120_000);

  it.each([
    'names of signs with several marks each, that are cut',
    'names that are one when composed',
    'names that grow when they are folded',
    'names of joined signs',
  ])(
    'takes less than a second of the processor for the largest manifest: %s',
    (what) => expectWithinASecond(most(shapes[what]!)),
    60_000,
  );

  it('refuses more folders than entries are allowed, announced or not', () => {
    const entries = most((nth) => [...`${nth}`.padStart(6, '0'), 'a', 'b', 'c', 'd']);
    expect(() => [...planNames(entries, 'posix')]).toThrow(expect.objectContaining({ code: 'manifest-too-large' }));
  });

  it('lets the host do other things between two slices', async () => {
    const entries = most(shapes['names that grow when they are folded']!);
    const slices: number[] = [];
    let isOver = false;
    const planning = planInSlices(entries, 'windows').finally(() => {
      isOver = true;
    });
    let before = process.threadCpuUsage();
    while (!isOver) {
      await setImmediate();
      const { user, system } = process.threadCpuUsage(before);
      slices.push((user + system) / 1000);
      before = process.threadCpuUsage();
    }
    expect(await planning).toHaveLength(entries.length);
    expect(slices.length).toBeGreaterThan(100);
    expect(Math.max(...slices)).toBeLessThan(1_000);
  }, 60_000);
});
