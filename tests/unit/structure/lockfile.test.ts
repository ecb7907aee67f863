// A registry that lacks a platform's binary makes npm leave it out of the lockfile without a word; `npm ci` then fails
// for everybody with a fresh clone. So the lockfile itself is held complete.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Locked {
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const lock: { readonly packages: Record<string, Locked> } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

/** Where Node would look for `name` from inside the package at `place`, nearest first. */
function placesOf(name: string, place: string): string[] {
  const parents = place.split('/node_modules/');
  const nested = parents.map(
    (_, depth) => `${parents.slice(0, depth + 1).join('/node_modules/')}/node_modules/${name}`,
  );
  return [...nested.reverse(), `node_modules/${name}`];
}

describe('the lockfile', () => {
  test('names a version of every package that another one may load, on every platform', () => {
    const missing = Object.entries(lock.packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !placesOf(name, place).some((candidate) => candidate in lock.packages))
        .map((name) => `${place || 'this package'} needs ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
