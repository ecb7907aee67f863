// Into a folder that exists, or files without a folder: each gets a name that nothing has. The file keeps its place in the
// staging folder until everything is on the disk, so that a crash can tell what was published.

import path from 'node:path';
import { atOnce } from '../../shared/model/at-once.ts';
import type { Fault } from '../../shared/model/fault.ts';
import { collisionKey } from '../../shared/model/name-rules.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { publishAtOnce } from '../../shared/wire/limits.ts';
import { errnoOf, isNotThere, toDiskFault } from '../disk/disk-fault.ts';
import { requireNamesKept, syncFolder, syncTogether } from '../disk/sync-together.ts';
import { copyBeside, nameOfCopy, removeCopy } from './copy-beside.ts';
import { createFiles, syncPending } from './create-files.ts';
import { exists, factsIfThere, foldersIn, joinPath, makeRealFolder } from './disk-path.ts';
import { FolderChain } from './folder-chain.ts';
import { asideName, keepBeside, traitsOf } from './keep-beside.ts';
import { pendingFolder, pendingPath } from './pending-files.ts';
import type { Note } from './publish-log.ts';
import { isOver, noteFolderTrouble, noteTrouble, type PublishedGroup, type PublishJob } from './publish-plan.ts';
import { putAwayReplaced } from './replaced-files.ts';
import { settleName, syncNames, syncPublishedNames } from './settle-publish-log.ts';
import { linkOrRename, renameFreely, takeFreeName } from './take-name.ts';

export async function publishOneByOne(job: PublishJob): Promise<PublishedGroup> {
  const { plan, group, log } = job;
  const ready = pendingFolder(plan.staging, 'ready');
  await makeRealFolder(plan.disk, ready);
  const open = group.filter(({ index }) => !isOver(job, index));
  const created = new Set(await createFiles(job, open, 'ready'));
  const files = [...created].map((entry) => pendingPath(plan.staging, 'ready', entry));
  await plan.marks.together(files);
  await syncPending(plan, ready, { files, folders: [] });
  const { emptyFolders, isOneDisk } = await giveNames(
    job,
    open.filter((entry) => entry.kind === 'folder' || created.has(entry)),
  );
  const published = group.filter(({ index }) => log.notes.get(index)?.state === 'published');
  // Those of earlier attempts too: their sync may be what failed. And every folder on the way: each may be new in the one
  // above it, and a name is durable only with the folder that it stands in.
  const { destination } = plan.folders;
  const isNew = published.filter(({ index }) => !log.notes.get(index)?.isDurable);
  const changed = [destination, ...foldersIn(destination, [...isNew, ...emptyFolders])];
  await syncNames(log, async () => {
    await syncTogether(plan.disk, destination, { files: [], folders: changed });
    // Many at once are synced on the destination's disk alone, and a name leads beneath a disk that was pulled out.
    if (!isOneDisk || published.some(({ index }) => log.notes.get(index)?.copy !== undefined)) {
      for (const each of changed) await syncFolder(plan.disk, each);
      await syncPublishedNames(plan, log.notes);
    }
  });
  // Somebody else's failed sync may have taken the new names: the old files stay where they are known until that is looked for.
  requireNamesKept(plan.disk, log.placed.namesLost);
  const own = group.flatMap(({ index }) => {
    const note = log.notes.get(index);
    return note === undefined ? [] : [[index, note] as const];
  });
  const left = await putAwayReplaced(plan, own, (index, note) => log.note(index, note));
  // The new ones are in place, and nobody looks for the old ones once that is told: it is tried again for as long as for a name.
  for (const [index, fault] of left) job.waiting.set(index, fault);
  const [first] = published;
  if (first === undefined) return { count: 0, landedAt: undefined };
  const landedAt =
    first.path.length > 1 ? path.join(plan.destination, first.path[0]!) : log.notes.get(first.index)!.where;
  return { count: published.length, landedAt };
}

/** Answers the empty folders that are there now, and whether all that were gone into are on the destination's disk. */
async function giveNames(
  job: PublishJob,
  group: readonly PlannedEntry[],
): Promise<{ readonly emptyFolders: PlannedEntry[]; readonly isOneDisk: boolean }> {
  const { disk, folders } = job.plan;
  const emptyFolders: PlannedEntry[] = [];
  let isOneDisk = true;
  const chain = new FolderChain(disk, folders.destination, { makes: true });
  try {
    for (const [parents, neighbours] of byParents(group)) {
      const files = neighbours.filter(({ kind }) => kind === 'file');
      try {
        const folder = await chain.enter(parents);
        const isOther = chain.device !== undefined && chain.device !== folders.device;
        if (isOther) isOneDisk = false;
        emptyFolders.push(...neighbours.filter(({ kind }) => kind === 'folder'));
        await atOnce(publishAtOnce, files, (entry) => giveName(job, entry, { folder, isOther }));
      } catch (error) {
        const fault = toDiskFault(error);
        for (const { index, kind } of neighbours)
          (kind === 'file' ? noteTrouble : noteFolderTrouble)(job, index, fault);
      }
    }
    return { emptyFolders, isOneDisk };
  } finally {
    await chain.close();
  }
}

/** In the manifest's order, in which neighbours mostly lie in one folder. An empty folder stands in itself. */
function byParents(group: readonly PlannedEntry[]): [parents: readonly string[], neighbours: PlannedEntry[]][] {
  const runs: [readonly string[], PlannedEntry[]][] = [];
  for (const entry of group) {
    const parents = entry.kind === 'folder' ? entry.path : entry.path.slice(0, -1);
    const last = runs.at(-1);
    const isNeighbour = last !== undefined && last[0].join('/') === parents.join('/');
    const run: [readonly string[], PlannedEntry[]] = isNeighbour ? last : [parents, []];
    if (!isNeighbour) runs.push(run);
    run[1].push(entry);
  }
  return runs;
}

type Place = { readonly folder: string; readonly isOther: boolean };

async function giveName(job: PublishJob, entry: PlannedEntry, { folder, isOther }: Place): Promise<void> {
  const from = pendingPath(job.plan.staging, 'ready', entry);
  try {
    if (isOther) return await takeNameByCopy(job, entry, { folder, from, isOnOtherDisk: true });
    await takeName(job, entry, { folder, from }).catch((error: unknown) => {
      if (errnoOf(error) !== 'EXDEV') throw error;
      return takeNameByCopy(job, entry, { folder, from });
    });
  } catch (error) {
    // On a disk without links it left with a name that was lost since.
    if (isNotThere(error)) job.plan.early.left([entry.index]);
    noteTrouble(job, entry.index, toDiskFault(error));
  }
}

/**
 * What takes the name, and the folder that it stands in. `copy`: its name there, where it is not the one in the staging folder. On a disk
 * of the same number (a folder that is mounted a second time) it is found out only by trying.
 */
type Taking = Pick<Note, 'copy' | 'isOnOtherDisk'> & { readonly folder: string; readonly from: string };

async function takeNameByCopy(job: PublishJob, entry: PlannedEntry, { folder, from, ...other }: Taking): Promise<void> {
  const { plan, log, waiting } = job;
  const { index } = entry;
  const copy = nameOfCopy();
  const to = path.join(folder, copy);
  const remember = (note: Note) => noteTaking(job, entry, { ...other, copy }, note);
  // An old file that is aside there is brought back first, or nobody would know of it any more.
  const before = log.notes.get(index);
  if (before !== undefined) await settleName(plan, { entry, folder, remember }, before);
  // After a power cut, too: nobody would look for it.
  await remember({ where: joinPath(plan.destination, entry.path), state: 'free' });
  try {
    await copyBeside(plan, { from, to });
    await takeName(job, entry, { ...other, folder, from: to, copy });
  } catch (error) {
    // Once the copy is removed, nothing tells what is ours.
    const found = await settleName(plan, { entry, folder, remember }, log.notes.get(index)!);
    await remember(found);
    if (found.state === 'published') waiting.delete(index);
    else return giveUpCopy(job, { index, folder, to }, toDiskFault(error));
  }
  await removeCopy(plan.disk, to);
}

async function giveUpCopy(
  job: PublishJob,
  { index, folder, to }: { readonly index: number; readonly folder: string; readonly to: string },
  fault: Fault,
): Promise<void> {
  const { disk } = job.plan;
  // Of that disk: the others have nothing to do with it.
  if (fault.code === 'disk-full' || fault.code === 'disk-quota') job.waiting.set(index, fault);
  else noteTrouble(job, index, fault);
  await removeCopy(disk, to);
  await syncFolder(disk, folder);
}

async function takeName(job: PublishJob, entry: PlannedEntry, taking: Taking): Promise<void> {
  const { plan, waiting, otherName, ownNames, nextNumbers } = job;
  const { folder, from } = taking;
  const shown = path.dirname(joinPath(plan.destination, entry.path));
  const wanted = path.join(folder, entry.path.at(-1)!);
  const whereOf = (candidate: string) => path.join(shown, path.basename(candidate));
  const note = (what: Note) => noteTaking(job, entry, taking, what);
  const isOurs = () => ownNames.has(collisionKey(whereOf(wanted)));
  if (plan.conflict === 'replace' && (await isPlainFile(job, wanted)) && !isOurs()) {
    if (await replace(job, entry, { ...taking, shown })) return;
  }
  const taken = await takeFreeName(
    wanted,
    async (candidate) => {
      if (await exists(plan.disk, candidate)) return false;
      const where = whereOf(candidate);
      ownNames.add(collisionKey(where));
      await note({ where, state: 'taking' });
      return linkOrRename(plan.disk, { from, to: candidate }, () => note({ where, state: 'reserving' }));
    },
    { first: otherName ? 2 : 1, folder: shown, next: nextNumbers },
  );
  await note({ where: whereOf(taken), state: 'published' });
  waiting.delete(entry.index);
}

/**
 * Durably of a copy, and of an old file that is to step aside: after a power cut the folder may be newer than the log, and without a line
 * of it what has its name gets another one, and nobody looks for the old one.
 */
async function noteTaking(
  { log }: PublishJob,
  { index }: PlannedEntry,
  { copy, isOnOtherDisk }: Pick<Taking, 'copy' | 'isOnOtherDisk'>,
  note: Note,
): Promise<void> {
  await log.note(index, { ...note, ...(copy === undefined ? {} : { copy }), ...(isOnOtherDisk && { isOnOtherDisk }) });
  const isAside = note.state === 'replacing' || note.state === 'reserving';
  if (note.state !== 'published' && (copy !== undefined || (isAside && note.old !== undefined))) await log.sync();
}

/**
 * The old file steps aside under a name of its own, and comes back should the new one not get the name. It goes to the trash
 * once the new one is on the disk. False when somebody else took the name meanwhile.
 */
async function replace(
  job: PublishJob,
  entry: PlannedEntry,
  taking: Taking & { readonly shown: string },
): Promise<boolean> {
  const { disk } = job.plan;
  const { folder, shown, from } = taking;
  const note = (what: Note) => noteTaking(job, entry, taking, what);
  const name = entry.path.at(-1)!;
  const [wanted, where] = [path.join(folder, name), path.join(shown, name)];
  const shownAs = (candidate: string) => path.join(shown, path.basename(candidate));
  let isReserved = false;
  const old = await takeFreeName(path.join(folder, asideName(name)), async (candidate) => {
    if (await exists(disk, candidate)) return false;
    await note({ where, state: 'replacing', old: shownAs(candidate) });
    return renameFreely(disk, wanted, candidate, async () => {
      isReserved = true;
      await note({ where, state: 'reserving', old: shownAs(candidate) });
    });
  });
  let about: Pick<Note, 'where' | 'old' | 'oldIs'> = { where, old: shownAs(old) };
  let isPublished: boolean;
  try {
    about = { ...about, oldIs: traitsOf(await disk.facts(old)) };
    // From here on an empty file can only be the one that reserves the name of the new one.
    if (isReserved) await note({ ...about, state: 'replacing' });
    isPublished = await linkOrRename(disk, { from, to: wanted }, async () => undefined);
    if (isPublished) await note({ ...about, state: 'published' });
  } catch (error) {
    // Where the new one has the name all the same, the log says what happened: it is read again before the next attempt.
    if (await renameFreely(disk, old, wanted)) await note({ where, state: 'free' });
    throw error;
  }
  if (isPublished) job.waiting.delete(entry.index);
  else {
    const aside = { folder, old: path.basename(old), name };
    await keepBeside(disk, aside, (kept) => note({ ...about, state: 'replacing', kept }));
    await note({ where, state: 'free' });
  }
  return isPublished;
}

async function isPlainFile({ plan: { disk } }: PublishJob, file: string): Promise<boolean> {
  return (await factsIfThere(disk, file))?.kind === 'file';
}
