// The only file that joins a peer's path to a folder, and that walks down to it: every existing part must be a real
// folder, never a link to somewhere else.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { WirePath } from '../../shared/model/wire-path.ts';
import type { Disk, FileFacts } from '../disk/disk.ts';
import { errnoOf, isNotThere } from '../disk/disk-fault.ts';

/** `folder` is absolute and normal. Ten thousand of these are asked for at once: checked and joined as text. */
export function joinPath(folder: string, wirePath: WirePath): string {
  if (wirePath.length === 0 || wirePath.some(leadsAway)) throw new Fault('name-refused', 'a path leaves its folder');
  return `${folder}${path.sep}${wirePath.join(path.sep)}`;
}

export function leadsAway(component: string): boolean {
  if (component === '' || component === '.' || component === '..') return true;
  return component.includes('/') || component.includes(path.sep);
}

/** The same folder counts. A name may begin with two dots; only the two dots alone lead up. */
export function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** All folders that these entries need below `folder`, parents first. */
export function foldersIn(
  folder: string,
  entries: Iterable<{ readonly kind: 'file' | 'folder'; readonly path: WirePath }>,
): Set<string> {
  const needed = new Set<string>();
  let last = folder;
  for (const { kind, path: wirePath } of entries) {
    const full = joinPath(folder, wirePath);
    const deepest = kind === 'folder' ? full : full.slice(0, full.lastIndexOf(path.sep));
    // Neighbours mostly lie in one folder.
    if (deepest === last) continue;
    last = deepest;
    // From the deepest up to one that is known: a deep tree has few folders, and long paths.
    const missing: string[] = [];
    for (let at = deepest.length; at > folder.length; at = full.lastIndexOf(path.sep, at - 1)) {
      const one = full.slice(0, at);
      if (needed.has(one)) break;
      missing.push(one);
    }
    for (const one of missing.reverse()) needed.add(one);
  }
  return needed;
}

export async function makeRealFolder(disk: Disk, folder: string, mode = 0o777): Promise<void> {
  try {
    await disk.makeFolder(folder, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    if ((await disk.facts(folder)).kind !== 'folder')
      throw new Fault('destination-refused', 'a link or a file is in the way');
  }
}

/** A passing error is thrown: taken for an absence it would have what is there removed, or a name given beside it. */
export function factsIfThere(disk: Disk, file: string): Promise<FileFacts | undefined> {
  return disk.facts(file).catch((error: unknown) => {
    if (isNotThere(error)) return undefined;
    throw error;
  });
}

export async function exists(disk: Disk, file: string): Promise<boolean> {
  return disk.facts(file).then(
    () => true,
    () => false,
  );
}

export async function isFolder(disk: Disk, folder: string): Promise<boolean> {
  return disk.facts(folder).then(
    ({ kind }) => kind === 'folder',
    () => false,
  );
}
