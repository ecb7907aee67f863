// Bringing verified files into place. A new top folder is built whole inside the staging folder and appears in one rename;
// single files, and files for a folder that exists, are linked into place one by one, which never overwrites.

import path from 'node:path';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { isInFolder, pendingKindFor } from './pending-files.ts';
import { openPublishLog } from './publish-log.ts';
import { publishOneByOne } from './publish-one-by-one.ts';
import type { PublishFault, PublishJob, PublishPlan } from './publish-plan.ts';
import { publishTree } from './publish-tree.ts';

export type Published = {
  readonly count: number;
  readonly landedAt: string | undefined;
  readonly faults: readonly PublishFault[];
};

export async function publish(plan: PublishPlan): Promise<Published> {
  const log = await openPublishLog(plan.disk, plan.staging.folder);
  const faults: PublishFault[] = [];
  let landedAt: string | undefined;
  let count = 0;
  try {
    for (const group of byTop(plan.chosen)) {
      const job = { plan, group, placed: log.placed, note: log.note, faults };
      const top = (await isTree(job)) ? await publishTree(job) : await publishOneByOne(job);
      landedAt ??= top.landedAt;
      count += top.count;
    }
  } finally {
    await log.close();
  }
  await plan.disk.syncFolder(plan.destination);
  return { count, landedAt, faults };
}

/** A tree that an earlier run had begun to place stays one, though its name is taken now: by itself. */
async function isTree({ plan, group, placed }: PublishJob): Promise<boolean> {
  const first = group[0]!;
  const before = placed.get(first.index);
  if (before !== undefined && isInFolder(first)) return path.dirname(before) === plan.destination;
  return (await pendingKindFor(plan.disk, first, plan)) === 'tree';
}

/** A folder each, and all files without one together: they are brought into place in the same way. */
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
