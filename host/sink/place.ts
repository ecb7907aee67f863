// The only file that joins a peer's path to a folder, and that walks down to it: every existing part must be a real
// folder, never a link to somewhere else.

import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { WirePath } from '../../shared/model/wire-path.ts';
import { freeNameTriesMax } from '../../shared/wire/limits.ts';
import { errnoOf } from '../disk-fault.ts';

export function placeIn(folder: string, wirePath: WirePath): string {
  const full = path.join(folder, ...wirePath);
  const relative = path.relative(folder, full);
  if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) {
    throw new Fault('name-refused', 'a path leaves its folder');
  }
  return full;
}

/** Makes the parents of a path below `folder` one by one. Refuses to pass through a link or a file. */
export async function makeParents(folder: string, wirePath: WirePath, made: Set<string>): Promise<void> {
  let at = folder;
  for (const component of wirePath.slice(0, -1)) {
    at = path.join(at, component);
    if (made.has(at)) continue;
    await makeRealFolder(at);
    made.add(at);
  }
}

export async function makeRealFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o777 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    if (!(await lstat(folder)).isDirectory()) throw new Fault('destination-refused', 'a link or a file is in the way');
  }
}

/** `x.txt`, `x (2).txt`, `x (3).txt` … `take` answers false when the name is in use. */
export async function takeFreeName(wanted: string, take: (candidate: string) => Promise<boolean>): Promise<string> {
  const { dir, name, ext } = path.parse(wanted);
  for (let at = 1; at <= freeNameTriesMax; at += 1) {
    const candidate = at === 1 ? wanted : path.join(dir, `${name} (${at})${ext}`);
    if (await take(candidate)) return candidate;
  }
  throw new Fault('destination-refused', 'no free name left');
}

export async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
