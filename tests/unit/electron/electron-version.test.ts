// The Electron that would be shipped is in a supported major and not older than its last security fix.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** First version of each supported major with every published fix, as read on 2026-11-20. Older majors get none. */
const floors: Readonly<Record<number, readonly [number, number]>> = { 43: [8, 4], 44: [4, 3], 45: [0, 0] };

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  devDependencies: Record<string, string>;
};

function isSupported(version: string): boolean {
  const [, major, minor, patch] = (/^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? []).map(Number);
  const floor = major === undefined ? undefined : floors[major];
  if (floor === undefined || minor === undefined || patch === undefined) return false;
  return minor > floor[0] || (minor === floor[0] && patch >= floor[1]);
}

it('is pinned exactly, in a supported major, at or above the floor', () => {
  expect(isSupported(manifest.devDependencies.electron ?? '')).toBe(true);
});

it.each(['42.11.6', '43.8.3', '44.4.2', '^45.4.1', '45.0.0-alpha.9', 'latest', ''])(
  '%s would be refused',
  (version) => {
    expect(isSupported(version)).toBe(false);
  },
);
