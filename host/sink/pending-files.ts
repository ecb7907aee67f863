// Where in the staging folder a whole file waits for its name: in `tree`, a new top folder that will appear in one rename,
// or in `ready`, under its number, to be linked into place alone.

import path from 'node:path';
import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk } from '../disk/disk.ts';
import { factsIfThere, joinPath } from './disk-path.ts';
import type { FileToCreate } from './file-creator.ts';
import type { Staging } from './staging.ts';

export type PendingKind = 'tree' | 'ready';

export function pendingFolder(staging: Staging, kind: PendingKind): string {
  return `${staging.folder}${path.sep}${kind}`;
}

export function pendingPath(staging: Staging, kind: PendingKind, { index, path: wirePath }: PlannedEntry): string {
  const folder = pendingFolder(staging, kind);
  return kind === 'tree' ? joinPath(folder, wirePath) : `${folder}${path.sep}${index}`;
}

export async function removePending(disk: Disk, stagingFolder: string): Promise<void> {
  for (const kind of ['tree', 'ready'] satisfies PendingKind[]) {
    await disk.removeAll(path.join(stagingFolder, kind));
  }
}

/** A new folder comes whole; into one that exists, and without a folder, files come one by one. */
export async function pendingKindFor(
  disk: Disk,
  entry: PlannedEntry,
  { destination, conflict }: { readonly destination: string; readonly conflict: ConflictPolicy },
): Promise<PendingKind> {
  if (!isInFolder(entry)) return 'ready';
  if (conflict === 'keep-both') return 'tree';
  const found = await factsIfThere(disk, path.join(destination, entry.path[0]!));
  return found?.kind === 'folder' ? 'ready' : 'tree';
}

export function isInFolder({ kind, path: wirePath }: PlannedEntry): boolean {
  return kind === 'folder' || wirePath.length > 1;
}

export function toCreate(
  staging: Staging,
  target: string,
  entry: ManifestEntry & { readonly kind: 'file' },
  { index, keepExecutable }: { readonly index: number; readonly keepExecutable: boolean },
): FileToCreate {
  const { part, offset, packed } = staging.whereIs(index);
  const mode = (entry.executable && keepExecutable ? 0o777 : 0o666) & ~umask();
  const from = packed || entry.size === 0 ? { offset } : { part };
  return { target, mode, mtimeMs: clampTime(entry.mtimeMs), size: entry.size, from };
}

/** Times from 1980 (what FAT can hold) to tomorrow; anything else is not a time of a file. */
export function clampTime(mtimeMs: number): number {
  const earliest = Date.UTC(1980, 0, 1);
  return Math.min(Math.max(mtimeMs, earliest), Date.now() + 86_400_000);
}

let knownUmask: number | undefined;
function umask(): number {
  knownUmask ??= process.umask();
  return knownUmask;
}
