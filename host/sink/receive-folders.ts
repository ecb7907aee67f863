// The two folders of an incoming transfer, the destination and the staging folder in it, held open for as long as it is
// active. Promises: what is written goes into the very folders that were there at the start, whatever is renamed, replaced
// by a link or unmounted meanwhile; and nothing is written below a mount point whose disk is gone.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { Disk, DiskFolder, FileFacts } from '../disk/disk.ts';
import { errnoOf, isNotThere, onDisk } from '../disk/disk-fault.ts';
import { syncFolder } from '../disk/sync-together.ts';

/** What tells the folders of a transfer from others that took their names. */
export type FolderPins = {
  /** Device and inode of the destination. */
  readonly destination: string;
  /** What the file `key` in the staging folder says. */
  readonly key: string;
};

/** `destination`: as in the pins. */
export type StagingNote = { readonly staging: string; readonly key: string; readonly destination: string };

export interface ReceiveFolders {
  /** Where to write; messages and records show the destination's ordinary path. */
  readonly destination: string;
  readonly staging: string;
  /** The disk of both. */
  readonly device: bigint;
  /** Throws `disk-gone` when the destination's path leads elsewhere by now. */
  requireDestination(): Promise<void>;
  close(): Promise<void>;
}

type Kept = { readonly destination: string; readonly staging: string; readonly pins?: FolderPins | undefined };

/** Makes a fresh staging folder. `remember` writes its name down before it exists, so that it can always be found again. */
export async function createStaging(
  disk: Disk,
  destination: string,
  remember: (note: StagingNote) => Promise<void>,
): Promise<{ readonly staging: string; readonly pins: FolderPins }> {
  const held = await onDisk(() => disk.openFolder(destination));
  try {
    // Not after the transfer: its id is the peer's choice, and two of them may begin alike.
    const name = `.tincan-${randomBytes(8).toString('hex')}`;
    const staging = path.join(destination, name);
    const key = randomBytes(16).toString('hex');
    const pins = { destination: identityOf(held.facts), key };
    await remember({ staging, ...pins });
    await onDisk(async () => {
      const folder = path.join(held.path, name);
      await disk.makeFolder(folder, 0o700);
      await writeKey(disk, folder, key);
      await syncFolder(disk, folder);
      await syncFolder(disk, held.path);
    });
    return { staging, pins };
  } finally {
    await held.close();
  }
}

/** Nothing when the staging folder is not there any more, or is another one. Throws `disk-gone` when the disk is. */
export async function openReceiveFolders(disk: Disk, record: Kept): Promise<ReceiveFolders | undefined> {
  const destination = await onDisk(() => disk.openFolder(record.destination));
  const staging = await onDisk(() => openStagingFolder(disk, destination, record)).catch(async (error: unknown) => {
    await destination.close();
    throw error;
  });
  if (staging === undefined) {
    await destination.close();
    if (record.pins !== undefined && record.pins.destination !== identityOf(destination.facts)) throw gone();
    return undefined;
  }
  return {
    destination: destination.path,
    staging: staging.path,
    device: destination.facts.dev,
    async requireDestination() {
      const now = await disk.facts(record.destination).catch((cause: unknown) => {
        throw gone(cause);
      });
      if (identityOf(now) !== identityOf(destination.facts)) throw gone();
    },
    async close() {
      await staging.close();
      await destination.close();
    },
  };
}

/**
 * Removes a staging folder that is this transfer's own. False when that has to wait: it cannot be removed, or the disk it
 * lies on is not there.
 */
export async function removeStaging(disk: Disk, record: Kept): Promise<boolean> {
  let destination: DiskFolder | undefined;
  let staging: DiskFolder | undefined;
  try {
    destination = await disk.openFolder(record.destination);
    const { pins } = record;
    staging = await openStagingFolder(disk, destination, record);
    if (staging === undefined) {
      const isHere = pins === undefined || pins.destination === identityOf(destination.facts);
      if (isHere) await removeUnfinished(disk, destination, record);
      return isHere;
    }
    // Emptied through the handle; the name is then an empty folder, or not ours.
    const names = (await disk.list(staging.path)).map(String).filter((name) => name !== 'key');
    for (const name of names) await disk.removeAll(path.join(staging.path, name));
    // Without its key nobody would know it for ours: whatever a power cut takes, the key goes last.
    if (names.length > 0) await syncFolder(disk, staging.path);
    await disk.removeAll(path.join(staging.path, 'key'));
    await disk.removeEmptyFolder(path.join(destination.path, path.basename(record.staging)));
    // Or it would be back after a power cut, when its record is forgotten.
    await syncFolder(disk, destination.path);
    return true;
  } catch {
    return false;
  } finally {
    await staging?.close();
    await destination?.close();
  }
}

async function openStagingFolder(disk: Disk, destination: DiskFolder, record: Kept): Promise<DiskFolder | undefined> {
  let folder: DiskFolder;
  try {
    folder = await disk.openFolder(path.join(destination.path, path.basename(record.staging)));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    if (errno === 'ENOTDIR' || errno === 'ELOOP') throw new Fault('destination-refused', 'not the folder that we made');
    throw error;
  }
  let isOurs = record.pins === undefined;
  try {
    isOurs ||= (await readKey(disk, folder.path)) === record.pins?.key;
    return isOurs ? folder : undefined;
  } finally {
    if (!isOurs) await folder.close();
  }
}

/** One that a power cut left before its key was on the disk. Nothing else is ever in it then. */
async function removeUnfinished(disk: Disk, destination: DiskFolder, { staging, pins }: Kept): Promise<void> {
  const folder = await disk.openFolder(path.join(destination.path, path.basename(staging))).catch((error: unknown) => {
    if (isNotThere(error)) return undefined;
    throw error;
  });
  if (folder === undefined || pins === undefined) return folder?.close();
  try {
    const names = (await disk.list(folder.path)).map(String);
    if (names.some((name) => name !== 'key')) return;
    const key = (await readKey(disk, folder.path)) ?? '';
    const isTorn = pins.key.startsWith(key) || [...key].every((each, at) => each === '\0' || each === pins.key[at]);
    if (!isTorn) return;
    for (const name of names) await disk.removeFile(path.join(folder.path, name));
    await disk.removeEmptyFolder(path.join(destination.path, path.basename(staging)));
    await syncFolder(disk, destination.path);
  } finally {
    await folder.close();
  }
}

async function writeKey(disk: Disk, folder: string, key: string): Promise<void> {
  const file = await disk.open(path.join(folder, 'key'), 'create');
  try {
    await file.write(Buffer.from(key), 0);
    // Without it after a power cut, nobody would know the folder for ours.
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readKey(disk: Disk, folder: string): Promise<string | undefined> {
  try {
    const file = await disk.open(path.join(folder, 'key'), 'read');
    try {
      const bytes = Buffer.alloc(64);
      return bytes.subarray(0, await file.read(bytes, 0)).toString();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function identityOf({ dev, ino }: FileFacts): string {
  return `${dev}:${ino}`;
}

function gone(cause?: unknown): Fault {
  return new Fault('disk-gone', 'the folder is gone', { cause });
}
