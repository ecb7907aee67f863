// Makes many files and folders durable. One at a time each costs a commit of the disk's journal; where the system can sync
// a whole disk at once, many are synced that way.

import { atOnce } from '../../shared/model/at-once.ts';
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

const losses = new WeakMap<Disk, number>();

/**
 * How often a sync of a whole disk failed. The system says so once, to whoever asks first, and calls the next one a success: what was lost
 * may be anybody's that was written before.
 */
export function lossesOf(disk: Disk): number {
  return losses.get(disk) ?? 0;
}

export async function syncWhole(disk: Disk, on: string): Promise<boolean> {
  try {
    return await disk.syncWholeDisk(on);
  } catch (error) {
    losses.set(disk, lossesOf(disk) + 1);
    noteNamesLost(disk);
    throw error;
  }
}

const namesLost = new WeakMap<Disk, number>();

/** How often a folder or a whole disk could not be synced: names that were given before may be lost, whoever gave them. */
export function namesLostOf(disk: Disk): number {
  return namesLost.get(disk) ?? 0;
}

function noteNamesLost(disk: Disk): void {
  namesLost.set(disk, namesLostOf(disk) + 1);
}

/** A folder that somebody moved away meanwhile has lost nothing. */
export async function syncFolder(disk: Disk, folder: string): Promise<void> {
  try {
    await disk.syncFolder(folder);
  } catch (error) {
    if (!isNotThere(error)) noteNamesLost(disk);
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
