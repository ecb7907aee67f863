// The marker that publishing has begun, and under it a line for every name before it is taken. From its first byte on a
// crash continues the publishing instead of receiving again.

import path from 'node:path';
import type { Disk } from '../disk/disk.ts';
import { exists } from './disk-path.ts';

export interface PublishLog {
  /** What an earlier run noted. */
  readonly placed: ReadonlyMap<number, string>;
  note(index: number, where: string): Promise<void>;
  close(): Promise<void>;
}

const markerName = 'placing';

/** True when an earlier run had verified everything and begun to bring files into place. */
export function hasBegunPublishing(disk: Disk, stagingFolder: string): Promise<boolean> {
  return exists(disk, path.join(stagingFolder, markerName));
}

export async function openPublishLog(disk: Disk, stagingFolder: string): Promise<PublishLog> {
  const marker = path.join(stagingFolder, markerName);
  const placed = await placedBefore(disk, marker);
  const log = await disk.open(marker, 'append');
  try {
    await log.sync();
  } catch (error) {
    await log.close();
    throw error;
  }
  return {
    placed,
    note: (index, where) => log.append(`${JSON.stringify([index, where])}\n`),
    close: () => log.close(),
  };
}

async function placedBefore(disk: Disk, marker: string): Promise<Map<number, string>> {
  const text = await disk.readText(marker).catch(() => '');
  const placed = new Map<number, string>();
  for (const line of text.split('\n')) {
    try {
      const [index, where] = JSON.parse(line) as [number, string];
      placed.set(index, where);
    } catch {
      // An empty or torn last line: that name had not been taken yet.
    }
  }
  return placed;
}
