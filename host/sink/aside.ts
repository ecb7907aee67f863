// Where in the staging folder a whole file waits for its name: in `tree`, a new top folder that will appear in one rename,
// or in `ready`, under its number, to be linked into place alone.

import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { FileToMake } from './make-files.ts';
import { placeIn } from './place.ts';
import type { Staging } from './staging.ts';

export type Aside = 'tree' | 'ready';

export function asideFolder(staging: Staging, aside: Aside): string {
  return `${staging.folder}${path.sep}${aside}`;
}

export function asideOf(staging: Staging, aside: Aside, { index, path: wirePath }: PlannedEntry): string {
  const folder = asideFolder(staging, aside);
  return aside === 'tree' ? placeIn(folder, wirePath) : `${folder}${path.sep}${index}`;
}

export async function removeAside(stagingFolder: string): Promise<void> {
  for (const aside of ['tree', 'ready'] satisfies Aside[]) {
    await rm(path.join(stagingFolder, aside), { recursive: true, force: true });
  }
}

/** A new folder comes whole; into one that exists, and without a folder, files come one by one. */
export async function asideFor(
  entry: PlannedEntry,
  { destination, conflict }: { readonly destination: string; readonly conflict: ConflictPolicy },
): Promise<Aside> {
  if (!isInFolder(entry)) return 'ready';
  if (conflict === 'keep-both') return 'tree';
  const found = await lstat(path.join(destination, entry.path[0]!)).catch(() => undefined);
  return found?.isDirectory() ? 'ready' : 'tree';
}

export function isInFolder({ kind, path: wirePath }: PlannedEntry): boolean {
  return kind === 'folder' || wirePath.length > 1;
}

export function toMake(
  staging: Staging,
  target: string,
  entry: ManifestEntry & { readonly kind: 'file' },
  { index, keepExecutable }: { readonly index: number; readonly keepExecutable: boolean },
): FileToMake {
  const { part, offset, packed } = staging.whereIs(index);
  const mode = (entry.executable && keepExecutable ? 0o777 : 0o666) & ~umask();
  const from = packed || entry.size === 0 ? { offset } : { part };
  return { target, mode, mtimeMs: clampTime(entry.mtimeMs), size: entry.size, from };
}

/** Times from 1980 (what FAT can hold) to tomorrow; anything else is somebody's joke. */
export function clampTime(mtimeMs: number): number {
  const earliest = Date.UTC(1980, 0, 1);
  return Math.min(Math.max(mtimeMs, earliest), Date.now() + 86_400_000);
}

let knownUmask: number | undefined;
function umask(): number {
  knownUmask ??= process.umask();
  return knownUmask;
}
