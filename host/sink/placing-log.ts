// The marker that publishing has begun, and under it a line for every name before it is taken. From its first byte on a
// crash continues the publishing instead of receiving again.

import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from './place.ts';

export interface PlacingLog {
  /** What an earlier run noted. */
  readonly placed: ReadonlyMap<number, string>;
  note(index: number, where: string): Promise<void>;
  close(): Promise<void>;
}

const markerName = 'placing';

/** True when an earlier run had verified everything and begun to bring files into place. */
export function hasBegunPublishing(stagingFolder: string): Promise<boolean> {
  return exists(path.join(stagingFolder, markerName));
}

export async function openPlacingLog(stagingFolder: string): Promise<PlacingLog> {
  const marker = path.join(stagingFolder, markerName);
  const placed = await placedBefore(marker);
  const log = await open(marker, 'a', 0o600);
  try {
    await log.sync();
  } catch (error) {
    await log.close();
    throw error;
  }
  return {
    placed,
    note: (index, where) => log.appendFile(`${JSON.stringify([index, where])}\n`),
    close: () => log.close(),
  };
}

async function placedBefore(marker: string): Promise<Map<number, string>> {
  const text = await readFile(marker, 'utf8').catch(() => '');
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
