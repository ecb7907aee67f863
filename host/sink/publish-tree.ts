// A new top folder: built in the staging folder, mostly while its bytes still arrived, then one rename onto a name that we
// reserved ourselves.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import { filesMadeAtOnce } from '../../shared/wire/limits.ts';
import { errnoOf, isNotThere } from '../disk/disk-fault.ts';
import { createFiles, syncPending } from './create-files.ts';
import { exists, foldersIn, joinPath } from './disk-path.ts';
import { clampTime, pendingFolder, pendingPath } from './pending-files.ts';
import type { LeftOut } from './publish-log.ts';
import {
  noteFolderTrouble,
  type PublishedGroup,
  type PublishJob,
  type PublishPlan,
  treeIndex,
} from './publish-plan.ts';
import { takeFreeName } from './take-name.ts';

export async function publishTree(job: PublishJob): Promise<PublishedGroup> {
  const { plan, group, log, faults, waiting } = job;
  const top = group[0]!.path[0]!;
  const index = treeIndex(job);
  const tree = pendingFolder(plan.staging, 'tree');
  const files = group.filter(({ kind }) => kind === 'file');
  const countPublished = () => files.filter(({ index }) => !faults.has(index)).length;
  const before = log.notes.get(index);
  if (before?.state === 'published') return { count: countPublished(), landedAt: before.where };
  await removeFailed(plan, top);
  // It may have left with all that is in it: under its name, and from there with its owner.
  if (!(await exists(plan.disk, path.join(tree, top)))) plan.early.left(files.map(({ index }) => index));
  const folders = await makeFolders(job, tree);
  const created = await createFiles(
    job,
    group.filter(({ index }) => !faults.has(index)),
    'tree',
  );
  // It appears whole: while one of its files can still come, the others wait for it.
  if (files.some(({ index }) => waiting.has(index))) return { count: 0, landedAt: undefined };
  if (!folders.has(path.join(tree, top))) return { count: 0, landedAt: undefined };
  const paths = created.map((entry) => pendingPath(plan.staging, 'tree', entry));
  await plan.marks.together(paths);
  await setFolderTimes(job, tree);
  await syncPending(plan, tree, { files: paths, folders: [...folders] });
  // Known also to whoever asks again: what is published is not looked into any more.
  const leftOut = group.flatMap((entry) => {
    const code = faults.get(entry.index);
    return code === undefined ? [] : [[entry.index, code] as const];
  });
  const where = await takeTop(job, { index, top, from: path.join(tree, top), leftOut });
  await log.note(index, { where, state: 'published', leftOut });
  return { count: countPublished(), landedAt: where };
}

/** Answers those that are there. One whose name is too long costs what would be in it: the others of the tree are published. */
async function makeFolders(job: PublishJob, tree: string): Promise<Set<string>> {
  const { creator, staging } = job.plan;
  const all = [tree, ...foldersIn(tree, job.group)];
  const made = new Set(all);
  for (let from = 0; from < all.length; from += filesMadeAtOnce) {
    const folders = all.slice(from, from + filesMadeAtOnce);
    const notMade = await creator.create({ pack: staging.packFile, folders, files: [], beside: null });
    for (const [folder] of notMade) made.delete(String(folder));
  }
  for (const { index, kind, path: wirePath } of job.group) {
    if (kind === 'folder' && !made.has(joinPath(tree, wirePath))) {
      noteFolderTrouble(job, index, new Fault('disk-name-too-long', 'a folder cannot have this name here'));
    }
  }
  return made;
}

/** A name that an interrupted run had reserved is tried first. It may have been filled by somebody since. */
async function takeTop(
  job: PublishJob,
  {
    index,
    top,
    from,
    leftOut,
  }: { readonly index: number; readonly top: string; readonly from: string; readonly leftOut: LeftOut },
): Promise<string> {
  const { plan, log, otherName, nextNumbers } = job;
  const take = async (name: string): Promise<boolean> => {
    const where = path.join(plan.destination, name);
    const candidate = path.join(plan.folders.destination, name);
    const isReserved = log.notes.get(index)?.state === 'reserved' && log.notes.get(index)?.where === where;
    if (isReserved) await log.note(index, { where, state: 'reserving', leftOut });
    else if (!(await reserve(job, candidate, { index, where, leftOut }))) return false;
    try {
      if (!plan.disk.replacesEmptyFolders) await plan.disk.removeEmptyFolder(candidate);
      await plan.disk.rename(from, candidate);
      return true;
    } catch (error) {
      let isGone = await isFreed(plan, candidate);
      if (isGone && plan.disk.replacesEmptyFolders) {
        // Some disks put no folder in the place of another one, and give it the name once nothing has it.
        const isNamed = await plan.disk.rename(from, candidate).then(
          () => true,
          () => false,
        );
        if (isNamed) return true;
        isGone = await isFreed(plan, candidate);
      }
      if (!isGone && isTaken(error)) {
        await log.note(index, { where, state: 'free' });
        return false;
      }
      // It may be in place all the same: a network disk can lose its answer.
      await log.note(index, { where, leftOut, state: isGone ? 'free' : 'reserving' });
      throw error;
    }
  };
  const before = log.notes.get(index);
  if (before?.state === 'reserved' && (await take(path.basename(before.where)))) return before.where;
  const taken = await takeFreeName(path.join(plan.destination, top), (where) => take(path.basename(where)), {
    first: otherName ? 2 : 1,
    next: nextNumbers,
  });
  return taken;
}

/** That the folder which reserved the name is there no more. False where somebody filled it or took its place, or nobody can tell. */
function isFreed({ disk }: PublishPlan, candidate: string): Promise<boolean> {
  return disk.removeEmptyFolder(candidate).then(
    () => true,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  );
}

function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '');
}

/** With a folder of our own. */
async function reserve(
  { plan: { disk }, log }: PublishJob,
  candidate: string,
  { index, where, leftOut }: { readonly index: number; readonly where: string; readonly leftOut: LeftOut },
): Promise<boolean> {
  // A folder that is there is somebody's: after a kill, a line about it would say that it may be ours.
  if (await exists(disk, candidate)) return false;
  await log.note(index, { where, state: 'reserving', leftOut });
  try {
    await disk.makeFolder(candidate);
    return true;
  } catch (error) {
    // A network disk may have made it all the same: that is found out before the next attempt.
    if (errnoOf(error) !== 'EEXIST') throw error;
    await log.note(index, { where, state: 'free' });
    return false;
  }
}

/** Whose trouble was heard of only after they were created; and the folders that would be there for nobody else. */
async function removeFailed({ disk, staging, failed }: PublishPlan, top: string): Promise<void> {
  const own = failed.get(top) ?? [];
  const tree = pendingFolder(staging, 'tree');
  for (const entry of own) {
    await disk.removeAll(pendingPath(staging, 'tree', entry)).catch((error: unknown) => {
      if (!isNotThere(error)) throw error;
    });
  }
  for (const folder of [...foldersIn(tree, own)].reverse()) {
    await disk.removeEmptyFolder(folder).catch(() => undefined);
  }
}

const takesNoTimes: ReadonlySet<string | undefined> = new Set([
  ...['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'],
]);

async function setFolderTimes({ plan, group, faults }: PublishJob, tree: string): Promise<void> {
  for (const { index, kind, path: wirePath } of group.toReversed()) {
    if (kind !== 'folder' || faults.has(index)) continue;
    // As with files: a disk that does not take the time keeps the folder with its own.
    const time = clampTime(plan.entries[index]?.mtimeMs ?? Date.now());
    await plan.disk.setTime(joinPath(tree, wirePath), time).catch((error: unknown) => {
      if (!takesNoTimes.has(errnoOf(error))) throw error;
    });
  }
}
