// Into a folder that exists, or files without a folder: each is linked into place under a name that nothing has.

import path from 'node:path';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { publishAtOnce } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { errnoOf, toDiskFault } from '../disk/disk-fault.ts';
import { syncTogether } from '../disk/sync-together.ts';
import { createFiles } from './create-files.ts';
import { exists, joinPath, makeParents, makeRealFolder, takeFreeName } from './disk-path.ts';
import { pendingFolder, pendingPath } from './pending-files.ts';
import type { PublishedGroup, PublishJob } from './publish-plan.ts';

export async function publishOneByOne(job: PublishJob): Promise<PublishedGroup> {
  const { plan, group, placed } = job;
  const ready = pendingFolder(plan.staging, 'ready');
  await makeRealFolder(plan.disk, ready);
  await makeFoldersInPlace(job);
  const preparedOf = (entry: PlannedEntry) => pendingPath(plan.staging, 'ready', entry);
  const done = new Set<PlannedEntry>();
  for (const entry of group) {
    const before = placed.get(entry.index);
    if (before !== undefined && (await isPublished(plan.disk, preparedOf(entry), before))) done.add(entry);
  }
  const waiting = await createFiles(
    job,
    group.filter((entry) => !done.has(entry)),
    'ready',
  );
  const files = waiting.map(preparedOf);
  await plan.marks.together(files);
  await syncTogether(plan.disk, ready, { files, folders: [] });
  const folders = new Set<string>();
  let landedAt: string | undefined;
  const count = await eachOf(job, waiting, async (entry) => {
    const final = await linkFreely(job, entry, preparedOf(entry));
    folders.add(path.dirname(final));
    landedAt ??= entry.path.length > 1 ? path.join(plan.destination, entry.path[0]!) : final;
  });
  await syncTogether(plan.disk, plan.destination, { files: [], folders: [...folders] });
  return { count: done.size + count, landedAt: landedAt ?? plan.destination };
}

async function makeFoldersInPlace({ plan: { disk, destination }, group }: PublishJob): Promise<void> {
  const made = new Set<string>();
  for (const { path: wirePath, kind } of group) {
    await makeParents(disk, destination, wirePath, made);
    if (kind === 'folder') await makeRealFolder(disk, joinPath(destination, wirePath));
  }
}

async function linkFreely({ plan, note }: PublishJob, entry: PlannedEntry, prepared: string): Promise<string> {
  const wanted = joinPath(plan.destination, entry.path);
  if (plan.conflict === 'replace' && (await isPlainFile(plan.disk, wanted))) await plan.trash(wanted);
  return takeFreeName(wanted, (candidate) =>
    linkInto(plan.disk, [prepared, candidate], () => note(entry.index, candidate)),
  );
}

/** Killed between link and unlink, or after both: the file has its name already and must not get a second one. */
async function isPublished(disk: Disk, prepared: string, final: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([prepared, final].map((file) => disk.facts(file).catch(() => undefined)));
  if (theirs === undefined) return false;
  if (ours === undefined) return true;
  if (ours.ino !== theirs.ino) return false;
  await disk.removeFile(prepared);
  return true;
}

/** Appears under `final` with everything in it, or not at all. Answers false when the name is in use. */
async function linkInto(
  disk: Disk,
  [prepared, final]: readonly [string, string],
  note: () => Promise<void>,
): Promise<boolean> {
  if (await exists(disk, final)) return false;
  await note();
  try {
    await disk.link(prepared, final);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') return false;
    if (errno !== 'EPERM' && errno !== 'ENOTSUP' && errno !== 'ENOSYS' && errno !== 'EMLINK') throw error;
    return renameOverOwnEmpty(disk, prepared, final);
  }
  await disk.removeFile(prepared);
  return true;
}

/** For disks without links: reserve the name with a file of our own, then rename over that. */
async function renameOverOwnEmpty(disk: Disk, prepared: string, final: string): Promise<boolean> {
  try {
    await (await disk.open(final, 'create', 0o666)).close();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  await disk.rename(prepared, final);
  return true;
}

/** Some at once; answers how many went well. One file's trouble is that file's: it is named and the rest go on. */
async function eachOf(
  { faults }: PublishJob,
  files: readonly PlannedEntry[],
  work: (entry: PlannedEntry) => Promise<void>,
): Promise<number> {
  let next = 0;
  let count = 0;
  const worker = async () => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      try {
        await work(file);
        count += 1;
      } catch (error) {
        const fault = toDiskFault(error);
        if (fault.code === 'disk-full' || fault.code === 'disk-quota') throw fault;
        faults.push({ index: file.index, code: fault.code });
      }
    }
  };
  await Promise.all(Array.from({ length: publishAtOnce }, worker));
  return count;
}

async function isPlainFile(disk: Disk, file: string): Promise<boolean> {
  return disk.facts(file).then(
    (found) => found.kind === 'file',
    () => false,
  );
}
