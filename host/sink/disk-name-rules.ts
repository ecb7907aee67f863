// Which names a folder can hold: a question for its disk, not for the system that mounted it. Throws what the disk says instead of an
// answer: names that were planned by another rule are other names, to the person and to a publishing that goes on.

import type { NameTarget } from '../../shared/model/name-rules.ts';
import type { Disk } from '../disk/disk.ts';
import { onDisk } from '../disk/disk-fault.ts';

/** `statfs` types of Linux whose names follow the rules of Windows: FAT, exFAT, NTFS (two drivers), CIFS, SMB. */
const windowsDisks: ReadonlySet<number> = new Set([
  0x4d44, 0x2011_bab0, 0x5346_544e, 0x7366_746e, 0xff53_4d42, 0xfe53_4d42,
]);

export async function nameTargetOf(disk: Disk, folder: string): Promise<NameTarget> {
  const { type } = await onDisk(() => disk.room(folder));
  return targetFor(process.platform, type);
}

export function targetFor(platform: NodeJS.Platform, diskType: number): NameTarget {
  if (platform === 'win32') return 'windows';
  return platform === 'linux' && windowsDisks.has(diskType >>> 0) ? 'fat' : 'posix';
}
