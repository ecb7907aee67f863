// One data folder belongs to one running Tincan: journals and settings are never shared by two processes. The lock is a file
// inside the folder, so that it holds whatever the two processes were started with.

import { homedir } from 'node:os';
import path from 'node:path';
import type { Clock } from '../shared/model/clock.ts';
import { Fault } from '../shared/model/fault.ts';
import { dataDirRetryMs, dataDirWaitMs } from '../shared/wire/limits.ts';
import { xdgFolder } from './default-folders.ts';
import type { Disk } from './disk/disk.ts';
import { errnoOf, toDiskFault } from './disk/disk-fault.ts';

export type HeldDataDir = { readonly dir: string; close(): void };

/** Enough for anybody who starts several by hand, and an end to the search. */
const instancesMax = 16;

export function defaultDataDir(name: string): string {
  const home = homedir();
  const byPlatform: Partial<Record<NodeJS.Platform, string>> = {
    darwin: path.join(home, 'Library', 'Application Support'),
    win32: process.env.APPDATA ?? path.join(home, 'AppData', 'Roaming'),
  };
  return path.join(byPlatform[process.platform] ?? xdgFolder('XDG_CONFIG_HOME', '.config'), name);
}

/** Throws a Fault `bridge-busy` when another Tincan runs on this folder. */
export async function holdDataDir(disk: Disk, dir: string): Promise<HeldDataDir> {
  const held = await tryToHold(disk, dir);
  if (held === undefined) throw new Fault('bridge-busy', `another Tincan is using ${dir}`);
  return held;
}

/**
 * The same, where one that held it may be about to end: Electron tells of an end before the process is gone. `onWait` is called once, where
 * it has to be waited for.
 */
export async function holdDataDirSoon(
  disk: Disk,
  dir: string,
  { clock, onWait }: { readonly clock: Clock; readonly onWait: () => void },
): Promise<HeldDataDir> {
  const giveUpAtMs = clock.now() + dataDirWaitMs;
  for (let isFirst = true; clock.now() < giveUpAtMs; isFirst = false) {
    const held = await tryToHold(disk, dir);
    if (held !== undefined) return held;
    if (isFirst) onWait();
    await new Promise<void>((resolve) => void clock.after(dataDirRetryMs, resolve));
  }
  return holdDataDir(disk, dir);
}

/** The first of `dir`, `dir 2`, `dir 3`… that nobody uses: a second window by hand is a second device. */
export async function holdFreeDataDir(disk: Disk, dir: string): Promise<HeldDataDir> {
  for (let instance = 1; instance <= instancesMax; instance += 1) {
    const held = await tryToHold(disk, instance === 1 ? dir : `${dir} ${instance}`);
    if (held !== undefined) return held;
  }
  throw new Fault('bridge-busy', `${instancesMax} Tincans are running already`);
}

async function tryToHold(disk: Disk, dir: string): Promise<HeldDataDir | undefined> {
  try {
    await disk.makeFolders(dir, 0o700);
    const lock = disk.lock(path.join(dir, 'lock'));
    return lock && { dir, close: () => lock.close() };
  } catch (error) {
    const { code } = toDiskFault(error);
    throw new Fault(code, `the data folder ${dir} cannot be used (${errnoOf(error)})`, { cause: error });
  }
}
