// The shape of engine/: few files, and few levels of imports between a port and the engine.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../engine/', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

const filesMax = 40;
const levelsMax = 8;
/** The two runners are the longest: each hears everything that one transfer hears. */
const linesMax = 430;

/** Relative imports inside engine/, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/\bfrom '(\.[^']+)'/g)]
    .map(([, specifier]) => path.posix.join(path.posix.dirname(file), specifier!))
    .filter((target) => files.includes(target));
}

/** 1 for a file that imports nothing of the room. */
function levelOf(file: string, known: Map<string, number>): number {
  const before = known.get(file);
  if (before !== undefined) return before;
  const level = 1 + Math.max(0, ...importsOf(file).map((target) => levelOf(target, known)));
  known.set(file, level);
  return level;
}

it(`has no more than ${filesMax} files`, () => {
  expect(files.length).toBeGreaterThan(10);
  expect(files.length).toBeLessThanOrEqual(filesMax);
});

it(`has no more than ${levelsMax} levels of imports`, () => {
  const known = new Map<string, number>();
  for (const file of files) levelOf(file, known);
  const deepest = Math.max(...known.values());
  expect(deepest).toBeGreaterThan(3);
  expect([...known].filter(([, level]) => level > levelsMax)).toEqual([]);
});

it(`has no file of more than ${linesMax} lines`, () => {
  const long = files.filter((file) => readFileSync(path.join(root, file), 'utf8').split('\n').length > linesMax);
  expect(long).toEqual([]);
});
