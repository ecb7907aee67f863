// Into a folder that exists, or files without a folder: each gets a name that nothing has. The file keeps its place in the
// staging folder until everything is on the disk, so that a crash can tell what was published.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { atOnce } from '../../shared/model/at-once.ts';
import type { Fault } from '../../shared/model/fault.ts';
import { numberedParts } from '../../shared/model/name-rules.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { publishAtOnce } from '../../shared/wire/limits.ts';
import { errnoOf, toDiskFault } from '../disk/disk-fault.ts';
import { syncTogether } from '../disk/sync-together.ts';
import { copyBeside, nameOfCopy, removeCopy } from './copy-beside.ts';
import { createFiles, syncPending } from './create-files.ts';
import { exists, factsIfThere, foldersIn, joinPath, makeRealFolder } from './disk-path.ts';
import { FolderChain } from './folder-chain.ts';
import { pendingFolder, pendingPath } from './pending-files.ts';
import type { Note } from './publish-log.ts';
import {
  isOver,
  noteFolderTrouble,
  noteTrouble,
  type PublishedGroup,
  type PublishJob,
  type PublishPlan,
} from './publish-plan.ts';
import { identityOf } from './receive-folders.ts';
import { foldersTo, settleName } from './settle-publish-log.ts';
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
  const changed = [destination, ...foldersIn(destination, [...published, ...emptyFolders])];
  await syncTogether(plan.disk, destination, { files: [], folders: changed });
  // Many at once are synced on the destination's disk alone.
  if (!isOneDisk || published.some(({ index }) => log.notes.get(index)?.copy !== undefined))
    for (const each of changed) await plan.disk.syncFolder(each);
  await trashReplaced(job);
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
        if (chain.device !== undefined && chain.device !== folders.device) isOneDisk = false;
        emptyFolders.push(...neighbours.filter(({ kind }) => kind === 'folder'));
        await atOnce(publishAtOnce, files, (entry) => giveName(job, entry, folder));
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

async function giveName(job: PublishJob, entry: PlannedEntry, folder: string): Promise<void> {
  const from = pendingPath(job.plan.staging, 'ready', entry);
  try {
    await takeName(job, entry, { folder, from }).catch((error: unknown) => {
      if (errnoOf(error) !== 'EXDEV') throw error;
      return takeNameByCopy(job, entry, { folder, from });
    });
  } catch (error) {
    noteTrouble(job, entry.index, toDiskFault(error));
  }
}

/** What takes the name, and the folder that it stands in. `copy`: its name there, where it is not the one in the staging folder. */
type Taking = { readonly folder: string; readonly from: string; readonly copy?: string };

async function takeNameByCopy(job: PublishJob, entry: PlannedEntry, { folder, from }: Taking): Promise<void> {
  const { plan, log, waiting } = job;
  const { index } = entry;
  const copy = nameOfCopy();
  const to = path.join(folder, copy);
  // After a power cut, too: nobody would look for it.
  await log.note(index, { where: joinPath(plan.destination, entry.path), state: 'free', copy });
  await log.sync();
  try {
    await copyBeside(plan, { from, to });
    await takeName(job, entry, { folder, from: to, copy });
  } catch (error) {
    // Once the copy is removed, nothing tells what is ours.
    const found = await settleName(plan, { entry, folder }, log.notes.get(index)!);
    await log.note(index, { ...found, copy });
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
  await disk.syncFolder(folder);
}

async function takeName(job: PublishJob, entry: PlannedEntry, taking: Taking): Promise<void> {
  const { plan, waiting, otherName } = job;
  const { folder, from } = taking;
  const shown = path.dirname(joinPath(plan.destination, entry.path));
  const wanted = path.join(folder, entry.path.at(-1)!);
  const whereOf = (candidate: string) => path.join(shown, path.basename(candidate));
  const note = (what: Note) => noteTaking(job, entry, taking, what);
  if (plan.conflict === 'replace' && (await isPlainFile(job, wanted))) {
    if (await replace(job, entry, { ...taking, shown })) return;
  }
  const taken = await takeFreeName(
    wanted,
    async (candidate) => {
      if (await exists(plan.disk, candidate)) return false;
      const where = whereOf(candidate);
      await note({ where, state: 'taking' });
      return linkOrRename(plan.disk, { from, to: candidate }, () => note({ where, state: 'reserving' }));
    },
    otherName ? 2 : 1,
  );
  await note({ where: whereOf(taken), state: 'published' });
  waiting.delete(entry.index);
}

/** Of a copy, durably: after a power cut the two disks tell different times, and without a line of it what has its name gets another one. */
async function noteTaking({ log }: PublishJob, { index }: PlannedEntry, { copy }: Taking, note: Note): Promise<void> {
  await log.note(index, copy === undefined ? note : { ...note, copy });
  if (copy !== undefined && note.state !== 'published') await log.sync();
}

/** A name that nobody else gives to a file, and that leads to none where another folder took the place of ours. */
const replacedMark = () => ` (replaced ${randomBytes(4).toString('hex')})`;
/** Where it stays there. */
const keptMark = ' (replaced)';

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
  const aside = markedName(name, replacedMark());
  const [wanted, where] = [path.join(folder, name), path.join(shown, name)];
  const shownAs = (candidate: string) => path.join(shown, path.basename(candidate));
  let isReserved = false;
  const old = await takeFreeName(path.join(folder, aside), async (candidate) => {
    if (await exists(disk, candidate)) return false;
    await note({ where, state: 'replacing', old: shownAs(candidate) });
    return renameFreely(disk, wanted, candidate, async () => {
      isReserved = true;
      await note({ where, state: 'reserving', old: shownAs(candidate) });
    });
  });
  const shownOld = shownAs(old);
  try {
    const oldIs = identityOf(await disk.facts(old));
    // From here on an empty file can only be the one that reserves the name of the new one.
    if (isReserved) await note({ where, state: 'replacing', old: shownOld });
    const isPublished = await linkOrRename(disk, { from, to: wanted }, async () => undefined);
    if (isPublished) await note({ where, state: 'published', old: shownOld, oldIs });
    else await note({ where, state: 'free' });
    if (isPublished) job.waiting.delete(entry.index);
    return isPublished;
  } catch (error) {
    // Where the new one has the name all the same, the log says what happened: it is read again before the next attempt.
    if (await renameFreely(disk, old, wanted)) await note({ where, state: 'free' });
    throw error;
  }
}

function markedName(name: string, mark: string): string {
  const { stem, extension } = numberedParts(name, mark.length);
  return `${stem}${mark}${extension}`;
}

async function trashReplaced({ plan, group, log }: PublishJob): Promise<void> {
  const chain = new FolderChain(plan.disk, plan.folders.destination, { makes: false });
  try {
    for (const { index } of group) {
      const note = log.notes.get(index);
      if (note?.state !== 'published' || note.old === undefined) continue;
      const { where, old, oldIs, copy } = note;
      if (await isStillOurs(plan, chain, { old, oldIs }))
        await plan.trash(old).catch(() => keepBeside(plan, chain, { where, old }));
      await log.note(index, { where, state: 'published', ...(copy === undefined ? {} : { copy }) });
    }
  } finally {
    await chain.close();
  }
}

/**
 * The trash goes by its ordinary path, which leads to somebody else's file where a link took the place of a folder on the way. And
 * another program may have put a file of its own under that name.
 */
async function isStillOurs(
  plan: PublishPlan,
  chain: FolderChain,
  { old, oldIs }: { readonly old: string; readonly oldIs: string | undefined },
): Promise<boolean> {
  try {
    const folder = await chain.reach(foldersTo(plan, old));
    if (folder === undefined) return false;
    const ours = identityOf(await plan.disk.facts(path.join(folder, path.basename(old))));
    return ours === (oldIs ?? ours) && ours === identityOf(await plan.disk.facts(old));
  } catch {
    return false;
  }
}

/** What the trash does not take stays beside the new file. */
async function keepBeside(
  plan: PublishPlan,
  chain: FolderChain,
  { where, old }: { readonly where: string; readonly old: string },
): Promise<void> {
  try {
    const folder = await chain.reach(foldersTo(plan, old));
    if (folder === undefined) return;
    const from = path.join(folder, path.basename(old));
    await takeFreeName(
      path.join(folder, markedName(path.basename(where), keptMark)),
      async (candidate) => !(await exists(plan.disk, candidate)) && renameFreely(plan.disk, from, candidate),
    );
  } catch {
    // It has a name, if not the best one.
  }
}

async function isPlainFile({ plan: { disk } }: PublishJob, file: string): Promise<boolean> {
  return (await factsIfThere(disk, file))?.kind === 'file';
}
