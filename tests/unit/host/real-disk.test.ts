// What the real disk refuses, which everything above it counts on: a name that is taken, and a link in the last place.

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRealDisk } from '../../../host/disk/real-disk.ts';

const disk = openRealDisk();
let folder: string;
const at = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-disk-'));
  writeFileSync(at('file'), 'theirs');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('makes no file where there is one', async () => {
  await expect(disk.open(at('file'), 'create')).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(at('file'), 'utf8')).toBe('theirs');
});

// Windows has no such flag: there the folders are judged before.
describe.skipIf(process.platform === 'win32')('a link', () => {
  it.each(['read', 'update', 'append'] as const)('is not opened (%s)', async (as) => {
    symlinkSync('file', at('link'));
    await expect(disk.open(at('link'), as)).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('that leads nowhere is not made a file of', async () => {
    symlinkSync('away', at('link'));
    for (const as of ['create', 'append'] as const) await expect(disk.open(at('link'), as)).rejects.toThrow();
    await expect(disk.facts(at('away'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('to a folder is not entered', async () => {
    symlinkSync('.', at('link'));
    await expect(disk.openFolder(at('link'))).rejects.toThrow();
  });
});
