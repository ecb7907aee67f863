// Creates the files that are about to get their names and do not exist yet.

import { Fault } from '../../shared/model/fault.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { filesMadeAtOnce } from '../../shared/wire/limits.ts';
import { toDiskFault } from '../disk/disk-fault.ts';
import { type PendingKind, pendingPath, toCreate } from './pending-files.ts';
import type { PublishJob } from './publish-plan.ts';

/** The ones that are there afterwards. One file's trouble is that file's: it is named and the rest go on. */
export async function createFiles(
  { plan, faults }: Pick<PublishJob, 'plan' | 'faults'>,
  group: readonly PlannedEntry[],
  kind: PendingKind,
): Promise<PlannedEntry[]> {
  const { entries, staging, keepExecutable, early, creator, marks } = plan;
  const there: PlannedEntry[] = [];
  const files = [];
  for (const planned of group) {
    const entry = entries[planned.index];
    if (planned.kind !== 'file' || entry?.kind !== 'file') continue;
    if (early.isCreated(planned.index, kind, keepExecutable)) there.push(planned);
    else {
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
      else faults.push({ index: planned.index, code: ownTrouble(errno).code });
    }
  }
  return there;
}

/** A full disk is everybody's trouble and is thrown. */
export function ownTrouble(errno: string): Fault {
  if (errno === 'PACK_LOST') return new Fault('journal-damaged', 'the staging folder lost bytes');
  const fault = toDiskFault({ code: errno });
  if (fault.code === 'disk-full' || fault.code === 'disk-quota') throw fault;
  return fault;
}
