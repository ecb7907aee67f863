// A new top folder: built aside, mostly while its bytes still arrived, then one rename onto a name that we made ourselves.

import { mkdir, rename, rm, rmdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { filesMadeAtOnce } from '../../shared/wire/limits.ts';
import { syncTogether } from '../atomic-file.ts';
import { errnoOf } from '../disk-fault.ts';
import { asideFolder, asideOf, clampTime, isInFolder } from './aside.ts';
import { makeGroup } from './make-group.ts';
import { exists, foldersIn, placeIn, takeFreeName } from './place.ts';
import type { Placed, PlaceJob, PublishPlan } from './publish-plan.ts';

export async function placeTree(job: PlaceJob): Promise<Placed> {
  const { plan, group, placed, note } = job;
  const first = group[0]!;
  const top = first.path[0]!;
  const tree = asideFolder(plan.staging, 'tree');
  const before = placed.get(first.index);
  if (before !== undefined && (await exists(before)) && !(await exists(path.join(tree, top)))) {
    return { count: group.filter(({ kind }) => kind === 'file').length, landedAt: before };
  }
  await removeFailed(plan, top);
  const folders = [tree, ...foldersIn(tree, group)];
  for (let from = 0; from < folders.length; from += filesMadeAtOnce) {
    const some = folders.slice(from, from + filesMadeAtOnce);
    await plan.maker.make({ pack: plan.staging.packFile, folders: some, files: [], beside: null });
  }
  const made = await makeGroup(job, group, 'tree');
  const files = made.map((entry) => asideOf(plan.staging, 'tree', entry));
  await plan.marks.together(files);
  await setFolderTimes(job, tree);
  await syncTogether(tree, files, folders);
  const reserved = before ?? (await takeFreeName(path.join(plan.destination, top), reserveFolder));
  if (before === undefined) await note(first.index, reserved);
  await rename(path.join(tree, top), reserved);
  return { count: made.length, landedAt: reserved };
}

/** Whose trouble was heard of only after they were made; and the folders that would be there for nobody else. */
async function removeFailed({ staging, failed }: PublishPlan, top: string): Promise<void> {
  const tree = asideFolder(staging, 'tree');
  for (const entry of failed) {
    if (!isInFolder(entry) || entry.path[0] !== top) continue;
    await rm(asideOf(staging, 'tree', entry), { recursive: true, force: true });
    for (const folder of [...foldersIn(tree, [entry])].reverse()) await rmdir(folder).catch(() => undefined);
  }
}

async function setFolderTimes({ plan, group }: PlaceJob, tree: string): Promise<void> {
  for (const { index, kind, path: wirePath } of group.toReversed()) {
    if (kind !== 'folder') continue;
    const time = clampTime(plan.entries[index]?.mtimeMs ?? Date.now()) / 1000;
    await utimes(placeIn(tree, wirePath), time, time);
  }
}

async function reserveFolder(candidate: string): Promise<boolean> {
  try {
    await mkdir(candidate);
    // Windows renames onto no folder at all, so there the name is only tried.
    if (process.platform === 'win32') await rmdir(candidate);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}
