// The disk of this computer, as the host uses it.

import type { Disk } from './disk/disk.ts';
import { openPatientDisk } from './disk/patient-disk.ts';
import { type NodeFs, openRealDisk } from './disk/real-disk.ts';
import { systemClock } from './system-clock.ts';

export function openDisk(fs?: NodeFs): Disk {
  const disk = openRealDisk(fs);
  return process.platform === 'win32' ? openPatientDisk(disk, systemClock) : disk;
}
