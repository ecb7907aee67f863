// Makes many files and folders durable. One at a time each costs a commit of the disk's journal; where the system can sync
// a whole disk at once, many are synced that way.

import { atOnce } from '../../shared/model/at-once.ts';
import { Fault } from '../../shared/model/fault.ts';
import { publishAtOnce, syncTogetherFrom } from '../../shared/wire/limits.ts';
import type { Disk } from './disk.ts';
import { isNotThere } from './disk-fault.ts';

export type ToSync = { readonly files: readonly string[]; readonly folders: readonly string[] };

/** `on` is any folder of the disk that holds them all. */
export async function syncTogether(disk: Disk, on: string, { files, folders }: ToSync): Promise<void> {
  if (files.length + folders.length > syncTogetherFrom && (await syncWhole(disk, on))) return;
  await atOnce(publishAtOnce, files, (file) => syncFile(disk, file));
  for (const each of folders) await syncFolder(disk, each);
}

/** Of each disk, how often something happened. */
function counter() {
  const counts = new WeakMap<Disk, number>();
  const of = (disk: Disk): number => counts.get(disk) ?? 0;
  return { of, add: (disk: Disk) => void counts.set(disk, of(disk) + 1) };
}

const losses = counter();
const namesLost = counter();

/**
 * How often a sync of a whole disk failed. The system says so once, to whoever asks first, and calls the next one a success: what was lost
 * may be anybody's that was written before.
 */
export const lossesOf: (disk: Disk) => number = losses.of;

/** How often a folder or a whole disk could not be synced: names that were given before may be lost, whoever gave them. */
export const namesLostOf: (disk: Disk) => number = namesLost.of;

/** Nothing that was given a name since then lost it so. */
export function requireNamesKept(disk: Disk, since: number | undefined): void {
  if (namesLostOf(disk) !== since) throw new Fault('disk-error', 'the disk could not keep names meanwhile');
}

export async function syncWhole(disk: Disk, on: string): Promise<boolean> {
  try {
    return await disk.syncWholeDisk(on);
  } catch (error) {
    losses.add(disk);
    namesLost.add(disk);
    throw error;
  }
}

/** A folder that somebody moved away meanwhile has lost nothing. */
export async function syncFolder(disk: Disk, folder: string): Promise<void> {
  try {
    await disk.syncFolder(folder);
  } catch (error) {
    if (!isNotThere(error)) namesLost.add(disk);
    throw error;
  }
}

async function syncFile(disk: Disk, file: string): Promise<void> {
  const handle = await disk.open(file, 'update');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
