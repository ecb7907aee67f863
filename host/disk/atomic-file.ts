// Small private files that are either the old or the new, never half: temporary name, sync, rename, sync the folder.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { Disk } from './disk.ts';
import { errnoOf, toDiskFault } from './disk-fault.ts';

/** Of the data folder. Throws what the disk said, a full one as `data-folder-full`. */
export async function writeAtomically(disk: Disk, file: string, content: string): Promise<void> {
  try {
    await makeFoldersDurably(disk, path.dirname(file), 0o700);
    await replaceFile(disk, file, content);
  } catch (error) {
    const fault = toDiskFault(error);
    const isFull = fault.code === 'disk-full' || fault.code === 'disk-quota';
    throw isFull ? new Fault('data-folder-full', 'no room for the data folder', { cause: error }) : fault;
  }
}

export async function replaceFile(disk: Disk, file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await disk.open(temporary, 'create', 0o600);
    try {
      await handle.write(Buffer.from(content), 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await disk.rename(temporary, file);
    await disk.syncFolder(path.dirname(file));
  } catch (error) {
    await disk.removeAll(temporary).catch(() => undefined);
    throw error;
  }
}

/** Folders whose own names are known to be durable, by the disk that they are on. */
const durable = new WeakMap<Disk, Set<string>>();

const cannotSync: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP']);

/**
 * With its parents. A file that is synced into a folder is lost with the folder all the same, unless the folder's own name is durable
 * too. One that is there already may have been made by a run that was killed before it synced that name, or whose sync failed.
 */
export async function makeFoldersDurably(disk: Disk, folder: string, mode?: number): Promise<void> {
  const known = durable.get(disk) ?? new Set();
  durable.set(disk, known);
  const isThere = await disk.factsBehindLinks(folder).then(
    () => true,
    (error: unknown) => errnoOf(error) !== 'ENOENT',
  );
  const parent = path.dirname(folder);
  if (parent === folder || (isThere && known.has(folder))) return;
  if (!isThere) {
    known.delete(folder);
    await makeFoldersDurably(disk, parent, mode);
    await disk.makeFolders(folder, mode);
  }
  await disk.syncFolder(parent).catch((error: unknown) => {
    // Whoever may not read the parent did not make this folder; and where a system cannot sync the parent, nobody can.
    if (!isThere || !cannotSync.has(errnoOf(error))) throw error;
  });
  known.add(folder);
}

/**
 * The parsed content, or undefined when there is none. Content that is not JSON is renamed, not destroyed. Throws a Fault
 * `data-unreadable` when the file is there and cannot be read: it must not be taken for none, and be written over.
 */
export async function readJson(disk: Disk, file: string): Promise<unknown> {
  const text = await disk.readText(file).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw new Fault('data-unreadable', 'a file of the data folder cannot be read', { cause });
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    await keepDamaged(disk, file);
    return undefined;
  }
}

export function damagedName(file: string): string {
  return `${file}.damaged`;
}

/** An earlier damaged one of the same name goes. */
export async function keepDamaged(disk: Disk, file: string): Promise<void> {
  await disk.rename(file, damagedName(file)).catch((cause: unknown) => {
    throw new Fault('data-unreadable', 'a damaged file of the data folder cannot be renamed', { cause });
  });
}

export async function namesIn(disk: Disk, folder: string): Promise<string[]> {
  const names = await disk.list(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw toDiskFault(error);
  });
  return names.map(String);
}

/** What a run that was killed left half-written. */
export async function removeTemporaries(disk: Disk, folder: string): Promise<void> {
  for (const name of await namesIn(disk, folder)) {
    if (/\.[0-9a-f]{12}\.tmp$/.test(name)) await disk.removeAll(path.join(folder, name));
  }
}
