// Makes what is not made yet of the files that are about to get their names.

import { Fault } from '../../shared/model/fault.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { filesMadeAtOnce } from '../../shared/wire/limits.ts';
import { toDiskFault } from '../disk-fault.ts';
import { type Aside, asideOf, toMake } from './aside.ts';
import type { PlaceJob } from './publish-plan.ts';

/** The ones that are there afterwards. One file's trouble is that file's: it is named and the rest go on. */
export async function makeGroup(
  { plan, faults }: Pick<PlaceJob, 'plan' | 'faults'>,
  group: readonly PlannedEntry[],
  aside: Aside,
): Promise<PlannedEntry[]> {
  const { entries, staging, keepExecutable, early, maker, marks } = plan;
  const there: PlannedEntry[] = [];
  const files = [];
  for (const planned of group) {
    const entry = entries[planned.index];
    if (planned.kind !== 'file' || entry?.kind !== 'file') continue;
    if (early.isMade(planned.index, aside, keepExecutable)) there.push(planned);
    else {
      const target = asideOf(staging, aside, planned);
      files.push({ planned, make: toMake(staging, target, entry, { index: planned.index, keepExecutable }) });
    }
  }
  for (let from = 0; from < files.length; from += filesMadeAtOnce) {
    const some = files.slice(from, from + filesMadeAtOnce);
    const batch = { pack: staging.packFile, folders: [], files: some.map(({ make }) => make), beside: marks.beside };
    const notMade = new Map(await maker.make(batch));
    for (const [at, { planned }] of some.entries()) {
      const errno = notMade.get(at);
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
