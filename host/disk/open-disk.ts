// The disk of this computer, as the host uses it.

import { systemClock } from '../system-clock.ts';
import type { Disk } from './disk.ts';
import { openPatientDisk } from './patient-disk.ts';
import { type NodeFs, openRealDisk } from './real-disk.ts';

export function openDisk(fs?: NodeFs): Disk {
  const disk = openRealDisk(fs);
  return process.platform === 'win32' ? openPatientDisk(disk, systemClock) : disk;
}
