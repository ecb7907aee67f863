// Small private files that are either the old or the new, never half: temporary name, sync, rename, sync the folder.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Disk } from './disk.ts';

export async function writeAtomically(disk: Disk, file: string, content: string): Promise<void> {
  await disk.makeFolders(path.dirname(file), 0o700);
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await disk.open(temporary, 'create', 0o600);
  try {
    await handle.write(Buffer.from(content), 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await disk.rename(temporary, file);
  await disk.syncFolder(path.dirname(file));
}

/** The parsed content, or undefined when there is none. Content that cannot be read is renamed, not destroyed. */
export async function readJson(disk: Disk, file: string): Promise<unknown> {
  const text = await disk.readText(file).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    await keepDamaged(disk, file);
    return undefined;
  }
}

export async function keepDamaged(disk: Disk, file: string): Promise<void> {
  await disk.rename(file, `${file}.damaged`).catch(() => disk.removeAll(file));
}
