// Folders that may receive: known to the page by id only, refused where a file could do harm or cannot stay.

import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, realpath, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { DestinationView } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import { diskReserveBytes, diskReserveShare } from '../../shared/wire/limits.ts';
import { onDisk, toDiskFault } from '../disk-fault.ts';
import { isInside } from './place.ts';

export type Destination = { readonly id: string; readonly folder: string };

export interface Destinations {
  /** Checks a folder the person named and gives it an id. The default download folder is made when missing. */
  admit(folder: string, options?: { readonly make?: boolean }): Promise<DestinationView>;
  find(id: string): Destination;
  view(destination: Destination): Promise<DestinationView>;
}

export function openDestinations(options: { readonly dataDir: string; readonly freeBytesCap?: number }): Destinations {
  const byFolder = new Map<string, Destination>();

  async function view({ id, folder }: Destination): Promise<DestinationView> {
    return { id, label: folder, freeBytes: await freeBytes(folder, options.freeBytesCap) };
  }

  return {
    view,
    async admit(wanted, { make = false } = {}) {
      const folder = await checkedFolder(wanted, options.dataDir, make);
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

/** Free for files: what is beyond the reserve. */
export async function freeBytes(folder: string, cap = Number.MAX_SAFE_INTEGER): Promise<number> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    const reserve = Math.min(diskReserveBytes, Math.floor(blocks * bsize * diskReserveShare));
    return Math.max(0, Math.min(cap, bavail * bsize) - reserve);
  } catch (error) {
    throw toDiskFault(error);
  }
}

async function checkedFolder(wanted: string, dataDir: string, make: boolean): Promise<string> {
  if (!path.isAbsolute(wanted) || wanted.includes('\0')) throw refused('not an absolute path');
  if (make) await mkdir(wanted, { recursive: true }).catch(() => undefined);
  const folder = await onDisk(() => realpath(wanted));
  const home = await realpath(homedir()).catch(() => homedir());
  if (folder === path.parse(folder).root || folder === home) throw refused('too general');
  const data = await realpath(dataDir).catch(() => dataDir);
  if ([data, ...forbidden(home)].some((bad) => isInside(folder, bad))) throw refused('belongs to the system');
  if (!(await onDisk(() => stat(folder))).isDirectory()) throw refused('not a folder');
  await onDisk(() => access(folder, constants.W_OK | constants.X_OK));
  return folder;
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
