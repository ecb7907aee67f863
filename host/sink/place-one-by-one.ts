// Into a folder that exists, or files without a folder: each is linked into place under a name that nothing has.

import { link, lstat, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { publishAtOnce } from '../../shared/wire/limits.ts';
import { syncTogether } from '../atomic-file.ts';
import { errnoOf, toDiskFault } from '../disk-fault.ts';
import { asideFolder, asideOf } from './aside.ts';
import { makeGroup } from './make-group.ts';
import { exists, makeParents, makeRealFolder, placeIn, takeFreeName } from './place.ts';
import type { Placed, PlaceJob } from './publish-plan.ts';

export async function placeOneByOne(job: PlaceJob): Promise<Placed> {
  const { plan, group, placed } = job;
  const ready = asideFolder(plan.staging, 'ready');
  await makeRealFolder(ready);
  await makeFoldersInPlace(job);
  const preparedOf = (entry: PlannedEntry) => asideOf(plan.staging, 'ready', entry);
  const done = new Set<PlannedEntry>();
  for (const entry of group) {
    const before = placed.get(entry.index);
    if (before !== undefined && (await alreadyPlaced(preparedOf(entry), before))) done.add(entry);
  }
  const waiting = await makeGroup(
    job,
    group.filter((entry) => !done.has(entry)),
    'ready',
  );
  const files = waiting.map(preparedOf);
  await plan.marks.together(files);
  await syncTogether(ready, files, []);
  const folders = new Set<string>();
  let landedAt: string | undefined;
  const count = await eachOf(job, waiting, async (entry) => {
    const final = await linkFreely(job, entry, preparedOf(entry));
    folders.add(path.dirname(final));
    landedAt ??= entry.path.length > 1 ? path.join(plan.destination, entry.path[0]!) : final;
  });
  await syncTogether(plan.destination, [], [...folders]);
  return { count: done.size + count, landedAt: landedAt ?? plan.destination };
}

async function makeFoldersInPlace({ plan: { destination }, group }: PlaceJob): Promise<void> {
  const made = new Set<string>();
  for (const { path: wirePath, kind } of group) {
    await makeParents(destination, wirePath, made);
    if (kind === 'folder') await makeRealFolder(placeIn(destination, wirePath));
  }
}

async function linkFreely({ plan, note }: PlaceJob, entry: PlannedEntry, prepared: string): Promise<string> {
  const wanted = placeIn(plan.destination, entry.path);
  if (plan.conflict === 'replace' && (await isPlainFile(wanted))) await plan.trash(wanted);
  return takeFreeName(wanted, (candidate) => linkInto(prepared, candidate, () => note(entry.index, candidate)));
}

/** Killed between link and unlink, or after both: the file has its name already and must not get a second one. */
async function alreadyPlaced(prepared: string, final: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([prepared, final].map((file) => lstat(file).catch(() => undefined)));
  if (theirs === undefined) return false;
  if (ours === undefined) return true;
  if (ours.ino !== theirs.ino) return false;
  await unlink(prepared);
  return true;
}

/** Appears under `final` with everything in it, or not at all. Answers false when the name is in use. */
async function linkInto(prepared: string, final: string, note: () => Promise<void>): Promise<boolean> {
  if (await exists(final)) return false;
  await note();
  try {
    await link(prepared, final);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') return false;
    if (errno !== 'EPERM' && errno !== 'ENOTSUP' && errno !== 'ENOSYS' && errno !== 'EMLINK') throw error;
    return renameOverOwnEmpty(prepared, final);
  }
  await unlink(prepared);
  return true;
}

/** For disks without links: reserve the name with a file of our own, then rename over that. */
async function renameOverOwnEmpty(prepared: string, final: string): Promise<boolean> {
  try {
    await (await open(final, 'wx')).close();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(prepared, final);
  return true;
}

/** Some at once; answers how many went well. One file's trouble is that file's: it is named and the rest go on. */
async function eachOf(
  { faults }: PlaceJob,
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

async function isPlainFile(file: string): Promise<boolean> {
  return lstat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
