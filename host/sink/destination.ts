// Folders that may receive: known to the page by id only, refused where a file could do harm or cannot stay.

import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import type { DestinationView } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import { diskReserveBytes, diskReserveShare } from '../../shared/wire/limits.ts';
import { makeFoldersDurably } from '../disk/atomic-file.ts';
import type { Disk, FileFacts } from '../disk/disk.ts';
import { onDisk } from '../disk/disk-fault.ts';
import { isInside } from './disk-path.ts';

export type Destination = { readonly id: string; readonly folder: string };

export interface Destinations {
  /** Checks a folder the person named and gives it an id. The default download folder is made when missing. */
  admit(folder: string, options?: { readonly make?: boolean }): Promise<DestinationView>;
  find(id: string): Destination;
  view(destination: Destination): Promise<DestinationView>;
}

export function openDestinations(options: {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly freeBytesCap?: number;
}): Destinations {
  const byFolder = new Map<string, Destination>();

  async function view({ id, folder }: Destination): Promise<DestinationView> {
    const shown = { id, label: folder, freeBytes: await freeBytes(options.disk, folder, options.freeBytesCap) };
    return isShared(await onDisk(() => options.disk.facts(folder))) ? { ...shown, isShared: true } : shown;
  }

  return {
    view,
    async admit(wanted, { make = false } = {}) {
      const folder = await checkedFolder(options.disk, wanted, { dataDir: options.dataDir, make });
      let known = byFolder.get(folder);
      if (known === undefined) {
        known = { id: randomBytes(12).toString('hex'), folder };
        byFolder.set(folder, known);
      }
      return view(known);
    },
    find(id) {
      for (const known of byFolder.values()) if (known.id === id) return known;
      throw new Fault('destination-refused', 'no such destination');
    },
  };
}

/** Free for files: what is beyond the reserve. Some network disks do not say what they have, and refuse what they have no room for. */
export async function freeBytes(disk: Disk, folder: string, cap = Number.MAX_SAFE_INTEGER): Promise<number> {
  const { freeBytes: free, totalBytes } = await onDisk(() => disk.room(folder));
  if (totalBytes === 0) return cap;
  const reserve = Math.min(diskReserveBytes, Math.floor(totalBytes * diskReserveShare));
  return Math.max(0, Math.min(cap, free) - reserve);
}

export async function refuseWithoutRoom(
  folder: string,
  bytes: number,
  { disk, freeBytesCap }: { readonly disk: Disk; readonly freeBytesCap?: number },
): Promise<void> {
  const free = await freeBytes(disk, folder, freeBytesCap);
  if (bytes > free) throw diskFull(bytes, free);
}

export function diskFull(neededBytes: number, free: number): Fault {
  return new Fault('disk-full', 'not enough room', { detail: { neededBytes, freeBytes: free } });
}

async function checkedFolder(
  disk: Disk,
  wanted: string,
  { dataDir, make }: { readonly dataDir: string; readonly make: boolean },
): Promise<string> {
  if (!path.isAbsolute(wanted) || wanted.includes('\0')) throw refused('not an absolute path');
  if (make) await onDisk(() => makeFoldersDurably(disk, wanted));
  const folder = await onDisk(() => disk.realPath(wanted)).catch((error: unknown) => {
    throw isGone(error) && !make ? new Fault('destination-missing', 'there is no such folder') : error;
  });
  const home = await disk.realPath(homedir()).catch(() => homedir());
  if (folder === path.parse(folder).root || folder === home) throw refused('too general');
  const data = await disk.realPath(dataDir).catch(() => dataDir);
  if ([data, ...forbidden(home)].some((bad) => isInside(folder, bad))) throw refused('belongs to the system');
  if ((await onDisk(() => disk.facts(folder))).kind !== 'folder') throw refused('not a folder');
  await onDisk(() => disk.requireWritable(folder));
  return folder;
}

function isGone(error: unknown): boolean {
  return error instanceof Fault && error.code === 'disk-gone';
}

/** By another owner, or by everybody and without the sticky bit. Windows has neither owners nor modes that say so. */
export function isShared({ mode, uid }: FileFacts): boolean {
  const own = process.getuid?.();
  if (own === undefined) return false;
  return (uid !== own && uid !== 0) || (mode & 0o1002) === 0o002;
}

/** Places from which things start by themselves, or that are no disk. */
function forbidden(home: string): string[] {
  return [
    '/proc',
    '/sys',
    '/dev',
    '/etc',
    '/boot',
    path.join(home, '.config', 'autostart'),
    path.join(home, '.ssh'),
    path.join(home, 'Library', 'LaunchAgents'),
    path.join(home, 'AppData', 'Roaming', 'Microsoft', 'Windows', 'Start Menu'),
  ];
}

function refused(why: string): Fault {
  return new Fault('destination-refused', `this folder cannot receive: ${why}`);
}
