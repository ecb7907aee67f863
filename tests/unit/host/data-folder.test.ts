import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HeldDataDir, holdDataDir, holdDataDirSoon, holdFreeDataDir } from '../../../host/data-folder.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { dataDirRetryMs, dataDirWaitMs } from '../../../shared/wire/limits.ts';

const disk = openRealDisk();
let folder: string;
let held: HeldDataDir[];
let holders: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-data-dir-'));
  held = [];
  holders = [];
});

afterEach(() => {
  for (const one of held) one.close();
  for (const holder of holders) holder.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function keep(holding: Promise<HeldDataDir>): Promise<string> {
  const one = await holding;
  held.push(one);
  return one.dir;
}

/** Another process that says `held` or `busy`. */
function startHolder(env: NodeJS.ProcessEnv = {}) {
  const script = `
    const [{ holdDataDir }, { openRealDisk }] = await Promise.all([import(process.argv[1]), import(process.argv[2])]);
    await holdDataDir(openRealDisk(), process.argv[3]).then(() => console.log('held'), () => console.log('busy'));
    setInterval(() => {}, 1000);`;
  const modules = ['host/data-folder.ts', 'host/disk/real-disk.ts'].map((file) => path.resolve(file));
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script, ...modules, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  holders.push(holder);
  return holder;
}

describe('a data folder', () => {
  test('is held by one Tincan at a time', async () => {
    await keep(holdDataDir(disk, folder));
    await expect(holdDataDir(disk, folder)).rejects.toMatchObject({ code: 'bridge-busy' });
  });

  test('is free again once it was released', async () => {
    (await holdDataDir(disk, folder)).close();
    expect(await keep(holdDataDir(disk, folder))).toBe(folder);
  });

  test('is free again after the process that held it was killed', async () => {
    const holder = startHolder();
    await once(holder.stdout, 'data');
    await expect(holdDataDir(disk, folder)).rejects.toMatchObject({ code: 'bridge-busy' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await keep(holdDataDir(disk, folder))).toBe(folder);
  }, 60_000);

  test('is held whatever the folder for locks and sockets of this session is', async () => {
    const runtime = ['one', 'two'].map((name) => path.join(folder, name));
    for (const dir of runtime) mkdirSync(dir);
    const answers: string[] = [];
    const both = runtime.map((XDG_RUNTIME_DIR) => startHolder({ XDG_RUNTIME_DIR }));
    for (const { stdout } of both) answers.push(String((await once(stdout, 'data'))[0]).trim());
    expect(answers.sort()).toEqual(['busy', 'held']);
  }, 60_000);

  test('is held by exactly one of several that start at once after a kill', async () => {
    const killed = startHolder();
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const six = Array.from({ length: 6 }, () => startHolder());
    const answers = await Promise.all(six.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()));
    expect(answers.sort()).toEqual(['busy', 'busy', 'busy', 'busy', 'busy', 'held']);
  }, 60_000);

  test('is waited for where the one that holds it is just ending, and not for long', async () => {
    const first = await holdDataDir(disk, folder);
    let nowMs = 0;
    let waits = 0;
    const clockThat = (act: () => void): Clock => ({
      now: () => nowMs,
      wallClockMs: () => nowMs,
      after(ms, task) {
        nowMs += ms;
        waits += 1;
        act();
        queueMicrotask(task);
        return () => undefined;
      },
    });
    let told = 0;
    const onWait = () => {
      told += 1;
      expect(waits).toBe(told === 1 ? 0 : dataDirWaitMs / dataDirRetryMs);
    };
    const inVain = holdDataDirSoon(disk, folder, { clock: clockThat(() => undefined), onWait });
    await expect(inVain).rejects.toMatchObject({ code: 'bridge-busy' });
    expect([waits, told]).toEqual([dataDirWaitMs / dataDirRetryMs, 1]);
    const soon = holdDataDirSoon(disk, folder, { clock: clockThat(() => first.close()), onWait });
    expect(await keep(soon)).toBe(folder);
    expect([waits, told]).toEqual([dataDirWaitMs / dataDirRetryMs + 1, 2]);
  });

  test('makes way for a numbered one beside it when the place is the usual one', async () => {
    const usual = path.join(folder, 'Tincan');
    expect(await keep(holdFreeDataDir(disk, usual))).toBe(usual);
    expect(await keep(holdFreeDataDir(disk, usual))).toBe(`${usual} 2`);
    expect(await keep(holdFreeDataDir(disk, usual))).toBe(`${usual} 3`);
  });

  test('whose lock cannot be written is refused with what the disk says', async () => {
    mkdirSync(path.join(folder, 'lock'));
    await expect(holdDataDir(disk, folder)).rejects.toMatchObject({
      code: 'disk-denied',
      message: `the data folder ${folder} cannot be used (EACCES)`,
    });
    // Nobody waits ten seconds for it either.
    await expect(holdDataDirSoon(disk, folder, { clock: systemClock, onWait: () => undefined })).rejects.toMatchObject({
      code: 'disk-denied',
    });
  });

  test('that cannot be made is refused likewise', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    await expect(holdDataDir(disk, path.join(file, 'data'))).rejects.toMatchObject({ code: 'disk-gone' });
  });

  test('may have a path of any length', async () => {
    const deep = path.join(folder, 'a'.repeat(120), 'b'.repeat(120));
    mkdirSync(deep, { recursive: true });
    expect(await keep(holdDataDir(disk, deep))).toBe(deep);
    await expect(holdDataDir(disk, deep)).rejects.toMatchObject({ code: 'bridge-busy' });
  });
});
