// Publishing: verified files get their final names. A new top folder is built whole inside the staging folder and appears
// in one rename; single files, and files for a folder that exists, get their names one by one, which never overwrites.
// Promises: nothing that was verified is thrown away because a disk would not take it. It is tried again for a while, then
// the transfer waits, and its files stay in the staging folder.

import path from 'node:path';
import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import { collisionKey } from '../../shared/model/name-rules.ts';
import type { EntryFault } from '../../shared/model/transfer.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { publishRetryMs } from '../../shared/wire/limits.ts';
import { toDiskFault } from '../disk/disk-fault.ts';
import { namesLostOf, syncFolder } from '../disk/sync-together.ts';
import { isInFolder, pendingKindFor } from './pending-files.ts';
import { openPublishLog, type PublishLog } from './publish-log.ts';
import { publishOneByOne } from './publish-one-by-one.ts';
import { isOver, noteTrouble, type PublishJob, type PublishPlan, treeIndex } from './publish-plan.ts';
import { publishTree } from './publish-tree.ts';
import { settlePublishLog, syncNames } from './settle-publish-log.ts';

export type Published = {
  readonly count: number;
  readonly landedAt: string | undefined;
  readonly faults: readonly EntryFault[];
};

/**
 * Throws `publish-waiting` when something could not get its name. Called again, it goes on with what is left. `writeDown` keeps for good
 * that it is over, and its answer is the answer.
 */
export async function publish<T>(plan: PublishPlan, writeDown: (published: Published) => Promise<T>): Promise<T> {
  const log = await openLog(plan);
  const faults = new Map<number, FaultCode>();
  const waiting = new Map<number, Fault>();
  try {
    for (let attempt = 0; ; attempt += 1) {
      const otherName = attempt === publishRetryMs.length;
      const ofAttempt = { otherName, ownNames: new Set<string>(), nextNumbers: new Map() };
      try {
        return await writeDown(await tryOnce(plan, { log, faults, waiting, ...ofAttempt }));
      } catch (error) {
        // Before its owner does anything with what has its name by now. What could not be found out is looked at with the next attempt.
        await settlePublishLog(plan, log).catch(() => undefined);
        const pause = publishRetryMs[attempt];
        if (!isWaiting(error) || pause === undefined || plan.leaving.aborted) throw error;
        await pauseFor(pause, plan);
      }
    }
  } finally {
    // Either all is written down, and nothing in it matters any more, or why it is not is told.
    await log.close().catch(() => undefined);
  }
}

/** What passes is waited for; of a disk that is full, or gone, its person is told at once. */
async function openLog(plan: PublishPlan): Promise<PublishLog> {
  for (const pauseMs of publishRetryMs) {
    try {
      return await openPublishLog(plan.disk, plan.staging.folder, plan.placed);
    } catch (error) {
      if (!mayPass.has(toDiskFault(error).code) || plan.leaving.aborted) throw error;
      await pauseFor(pauseMs, plan);
    }
  }
  return openPublishLog(plan.disk, plan.staging.folder, plan.placed);
}

const mayPass: ReadonlySet<FaultCode> = new Set(['disk-error', 'disk-too-many-open']);

type Progress = Omit<PublishJob, 'plan' | 'group'>;

async function tryOnce(plan: PublishPlan, progress: Progress): Promise<Published> {
  const { faults, log, waiting } = progress;
  await plan.folders.requireDestination();
  const published = await tryAll(plan, progress);
  if (waiting.size > 0) throw stillWaiting(waiting);
  await syncNames(log, () => syncFolder(plan.disk, plan.folders.destination));
  await plan.folders.requireDestination();
  if (log.placed.namesLost !== namesLostOf(plan.disk)) throw lostNames(plan);
  return { ...published, faults: [...faults].map(([index, code]) => entryFault(plan, index, code)) };
}

async function tryAll(plan: PublishPlan, progress: Progress): Promise<Omit<Published, 'faults'>> {
  progress.waiting.clear();
  try {
    await settlePublishLog(plan, progress.log);
    noteLeftOut(progress);
    for (const { where } of progress.log.notes.values()) progress.ownNames.add(collisionKey(where));
    return await publishGroups(plan, progress);
  } catch (error) {
    noteForAll({ plan, group: plan.chosen, ...progress }, toDiskFault(error));
    return { count: 0, landedAt: undefined };
  }
}

/** An earlier run, or one that could not write down its end, left these out of what it published. */
function noteLeftOut({ log, faults }: Progress): void {
  for (const { state, leftOut = [] } of log.notes.values()) {
    if (state === 'published') for (const [index, code] of leftOut) faults.set(index, code);
  }
}

async function publishGroups(plan: PublishPlan, progress: Progress): Promise<Omit<Published, 'faults'>> {
  let landedAt: string | undefined;
  let count = 0;
  for (const group of byTop(plan.chosen)) {
    const job: PublishJob = { plan, group, ...progress };
    try {
      const top = (await isTree(job)) ? await publishTree(job) : await publishOneByOne(job);
      landedAt ??= top.landedAt;
      count += top.count;
    } catch (error) {
      noteForAll(job, toDiskFault(error));
    }
  }
  return { count, landedAt };
}

/** Where all have their names already, the first stands for what is still to be done about them. */
function noteForAll(job: PublishJob, fault: Fault): void {
  const left = job.group.filter(({ index }) => !isOver(job, index));
  for (const { index } of left.length > 0 ? left : job.group.slice(0, 1)) noteTrouble(job, index, fault);
}

function entryFault({ planned }: PublishPlan, index: number, code: FaultCode): EntryFault {
  return planned[index]?.kind === 'folder' ? { index, code, isFolder: true } : { index, code };
}

/** Shorter when nobody waits for it any more. */
function pauseFor(pauseMs: number, { clock, leaving }: PublishPlan): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(pauseMs, done);
    leaving.addEventListener('abort', done);
    function done(): void {
      cancel();
      leaving.removeEventListener('abort', done);
      resolve();
    }
  });
}

function stillWaiting(waiting: ReadonlyMap<number, Fault>): Fault {
  const [cause] = waiting.values();
  return new Fault('publish-waiting', `${waiting.size} files could not be put in place`, {
    cause,
    detail: { files: waiting.size, code: cause?.code ?? 'disk-error' },
  });
}

/** Whoever's sync it was that failed: all that has its name by now is looked for before it counts. */
function lostNames({ chosen }: PublishPlan): Fault {
  const detail = { files: chosen.length, code: 'disk-error' };
  return new Fault('publish-waiting', 'the disk could not keep names meanwhile', { detail });
}

function isWaiting(error: unknown): boolean {
  return error instanceof Fault && error.code === 'publish-waiting';
}

/** A tree that an earlier run had begun to publish stays one, though its name is taken now: by itself. And files that came one by one do. */
async function isTree(job: PublishJob): Promise<boolean> {
  const { plan, group, log } = job;
  const first = group[0]!;
  const notes = [treeIndex(job), ...group.map(({ index }) => index)].map((index) => log.notes.get(index));
  const before = notes.find((note) => note !== undefined);
  if (before !== undefined && isInFolder(first)) return path.dirname(before.where) === plan.destination;
  return (await pendingKindFor(plan.disk, first, { ...plan, destination: plan.folders.destination })) === 'tree';
}

/** A folder each, and all files without one together: they are published in the same way. */
function byTop(chosen: readonly PlannedEntry[]): PlannedEntry[][] {
  const groups = new Map<string, PlannedEntry[]>();
  for (const entry of chosen) {
    const key = isInFolder(entry) ? entry.path[0]! : '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}
