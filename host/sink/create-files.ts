// Creates the files that are about to get their names and do not exist yet.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { filesMadeAtOnce } from '../../shared/wire/limits.ts';
import { toDiskFault } from '../disk/disk-fault.ts';
import { syncTogether, type ToSync } from '../disk/sync-together.ts';
import { type PendingKind, pendingPath, toCreate } from './pending-files.ts';
import { noteTrouble, type PublishJob, type PublishPlan } from './publish-plan.ts';
import { returnPart } from './published-files.ts';

/** Answers those that are there afterwards. */
export async function createFiles(
  job: PublishJob,
  group: readonly PlannedEntry[],
  kind: PendingKind,
): Promise<PlannedEntry[]> {
  const { disk, entries, staging, keepExecutable, early, creator, marks } = job.plan;
  const there: PlannedEntry[] = [];
  const files = [];
  for (const planned of group) {
    const entry = entries[planned.index];
    if (planned.kind !== 'file' || entry?.kind !== 'file') continue;
    if (early.isCreated(planned.index, kind, keepExecutable)) there.push(planned);
    else {
      // The folder that it goes to came, or went away, since an attempt before this one.
      const { part, packed } = staging.whereIs(planned.index);
      const other = pendingPath(staging, kind === 'tree' ? 'ready' : 'tree', planned);
      if (!packed && planned.size > 0) await returnPart(disk, other, part);
      const target = pendingPath(staging, kind, planned);
      files.push({ planned, create: toCreate(staging, target, entry, { index: planned.index, keepExecutable }) });
    }
  }
  for (let from = 0; from < files.length; from += filesMadeAtOnce) {
    const some = files.slice(from, from + filesMadeAtOnce);
    const batch = {
      pack: staging.packFile,
      folders: [],
      files: some.map(({ create }) => create),
      beside: marks.beside,
    };
    const notCreated = new Map(await creator.create(batch));
    for (const [at, { planned }] of some.entries()) {
      const errno = notCreated.get(at);
      if (errno === undefined) there.push(planned);
      else noteTrouble(job, planned.index, faultOf(errno));
    }
  }
  if (keepExecutable === early.keepExecutable)
    early.created(
      there.map(({ index }) => index),
      kind,
    );
  return there;
}

/**
 * Before they get their names, with their own ones in the staging folder: by those an interrupted publishing tells what is ours.
 * What the disk refused to keep is created anew when it is tried again.
 */
export async function syncPending({ disk, early }: PublishPlan, folder: string, what: ToSync): Promise<void> {
  try {
    const folders = new Set([...what.folders, folder, path.dirname(folder)]);
    await syncTogether(disk, folder, { files: what.files, folders: [...folders] });
    if (!early.isIntact()) throw new Fault('disk-error', 'another transfer was told that the disk lost something');
  } catch (error) {
    early.forget();
    throw error;
  }
}

function faultOf(errno: string): Fault {
  if (errno === 'PACK_LOST') return new Fault('journal-damaged', 'the staging folder lost bytes');
  return toDiskFault({ code: errno });
}
