// A new top folder: built in the staging folder, mostly while its bytes still arrived, then one rename onto a name that we made ourselves.

import path from 'node:path';
import { filesMadeAtOnce } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-fault.ts';
import { syncTogether } from '../disk/sync-together.ts';
import { createFiles } from './create-files.ts';
import { exists, foldersIn, joinPath, takeFreeName } from './disk-path.ts';
import { clampTime, isInFolder, pendingFolder, pendingPath } from './pending-files.ts';
import type { PublishedGroup, PublishJob, PublishPlan } from './publish-plan.ts';

export async function publishTree(job: PublishJob): Promise<PublishedGroup> {
  const { plan, group, placed, note } = job;
  const { disk } = plan;
  const first = group[0]!;
  const top = first.path[0]!;
  const tree = pendingFolder(plan.staging, 'tree');
  const before = placed.get(first.index);
  if (before !== undefined && (await exists(disk, before)) && !(await exists(disk, path.join(tree, top)))) {
    return { count: group.filter(({ kind }) => kind === 'file').length, landedAt: before };
  }
  await removeFailed(plan, top);
  const folders = [tree, ...foldersIn(tree, group)];
  for (let from = 0; from < folders.length; from += filesMadeAtOnce) {
    const some = folders.slice(from, from + filesMadeAtOnce);
    await plan.creator.create({ pack: plan.staging.packFile, folders: some, files: [], beside: null });
  }
  const made = await createFiles(job, group, 'tree');
  const files = made.map((entry) => pendingPath(plan.staging, 'tree', entry));
  await plan.marks.together(files);
  await setFolderTimes(job, tree);
  await syncTogether(disk, tree, { files, folders });
  const reserved =
    before ?? (await takeFreeName(path.join(plan.destination, top), (name) => reserveFolder(disk, name)));
  if (before === undefined) await note(first.index, reserved);
  await disk.rename(path.join(tree, top), reserved);
  return { count: made.length, landedAt: reserved };
}

/** Whose trouble was heard of only after they were made; and the folders that would be there for nobody else. */
async function removeFailed({ disk, staging, failed }: PublishPlan, top: string): Promise<void> {
  const tree = pendingFolder(staging, 'tree');
  for (const entry of failed) {
    if (!isInFolder(entry) || entry.path[0] !== top) continue;
    await disk.removeAll(pendingPath(staging, 'tree', entry));
    for (const folder of [...foldersIn(tree, [entry])].reverse())
      await disk.removeEmptyFolder(folder).catch(() => undefined);
  }
}

async function setFolderTimes({ plan, group }: PublishJob, tree: string): Promise<void> {
  for (const { index, kind, path: wirePath } of group.toReversed()) {
    if (kind !== 'folder') continue;
    await plan.disk.setTime(joinPath(tree, wirePath), clampTime(plan.entries[index]?.mtimeMs ?? Date.now()));
  }
}

async function reserveFolder(disk: Disk, candidate: string): Promise<boolean> {
  try {
    await disk.makeFolder(candidate);
    // Windows renames onto no folder at all, so there the name is only tried.
    if (process.platform === 'win32') await disk.removeEmptyFolder(candidate);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}
