import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HeldDataDir, holdDataDir, holdFreeDataDir } from '../../../host/data-folder.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';

const disk = openRealDisk();
let folder: string;
let held: HeldDataDir[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-data-dir-'));
  held = [];
});

afterEach(() => {
  for (const one of held) one.close();
  rmSync(folder, { recursive: true, force: true });
});

async function keep(holding: Promise<HeldDataDir>): Promise<string> {
  const one = await holding;
  held.push(one);
  return one.dir;
}

describe('a data folder', () => {
  test('is held by one Tincan at a time', async () => {
    await keep(holdDataDir(disk, folder));
    await expect(holdDataDir(disk, folder)).rejects.toMatchObject({ code: 'bridge-busy' });
  });

  test('is free again once it was let go', async () => {
    (await holdDataDir(disk, folder)).close();
    expect(await keep(holdDataDir(disk, folder))).toBe(folder);
  });

  test('is free again after the process that held it was killed', async () => {
    const holder = spawn(
      process.execPath,
      [
        '-e',
        "Promise.all([import(process.argv[1]), import(process.argv[2])]).then(([{ holdDataDir }, { openRealDisk }]) => holdDataDir(openRealDisk(), process.argv[3])).then(() => { console.log('held'); setInterval(() => {}, 1000); })",
        path.resolve('host/data-folder.ts'),
        path.resolve('host/disk/real-disk.ts'),
        folder,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    await expect(holdDataDir(disk, folder)).rejects.toMatchObject({ code: 'bridge-busy' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await keep(holdDataDir(disk, folder))).toBe(folder);
  });

  test('makes way for a numbered one beside it when the place is the usual one', async () => {
    const usual = path.join(folder, 'Tincan');
    expect(await keep(holdFreeDataDir(disk, usual))).toBe(usual);
    expect(await keep(holdFreeDataDir(disk, usual))).toBe(`${usual} 2`);
    expect(await keep(holdFreeDataDir(disk, usual))).toBe(`${usual} 3`);
  });

  test('may have a path of any length', async () => {
    const deep = path.join(folder, 'a'.repeat(120), 'b'.repeat(120));
    mkdirSync(deep, { recursive: true });
    expect(await keep(holdDataDir(disk, deep))).toBe(deep);
    await expect(holdDataDir(disk, deep)).rejects.toMatchObject({ code: 'bridge-busy' });
  });
});
