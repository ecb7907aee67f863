// The files of an interrupted publishing that have their final names: their bytes are there and not in the staging folder.

import path from 'node:path';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk } from '../disk/disk.ts';
import { factsIfThere } from './disk-path.ts';
import { isInFolder, pendingPath } from './pending-files.ts';
import type { Note } from './publish-log.ts';
import type { Interrupted } from './settle-publish-log.ts';
import type { PublishedFiles, Staging } from './staging.ts';

export function publishedFiles(plan: Interrupted, notes: ReadonlyMap<number, Note>): PublishedFiles {
  const files = new Set<number>();
  const trees = new Set<string>();
  const missing = new Set<number>();
  for (const [index, { where, state, leftOut = [] }] of notes) {
    const entry = plan.planned[index];
    if (state !== 'published' || entry === undefined) continue;
    for (const [left] of leftOut) missing.add(left);
    if (isInFolder(entry) && path.dirname(where) === plan.destination) trees.add(entry.path[0]!);
    else files.add(index);
  }
  const isInTree = (index: number) => {
    const [top, ...rest] = plan.planned[index]?.path ?? [];
    return top !== undefined && rest.length > 0 && trees.has(top);
  };
  return { has: (index) => !missing.has(index) && (files.has(index) || isInTree(index)) };
}

/** Large files that were on their way to their names are parts again: everything is proven from where it arrived. */
export async function returnParts(
  disk: Disk,
  staging: Staging,
  { planned, published }: { readonly planned: readonly PlannedEntry[]; readonly published: PublishedFiles },
): Promise<void> {
  for (const entry of planned) {
    if (entry.kind !== 'file' || entry.size === 0 || published.has(entry.index)) continue;
    const { part, packed } = staging.whereIs(entry.index);
    if (packed) continue;
    for (const kind of ['ready', 'tree'] as const) await returnPart(disk, pendingPath(staging, kind, entry), part);
  }
}

/** Nothing happens where it is a part already, or has its final name as well. */
export async function returnPart(disk: Disk, pending: string, part: string): Promise<void> {
  const left = await factsIfThere(disk, pending);
  if (left?.kind !== 'file' || left.links !== 1) return;
  // A part that is there is what arrived; it is never replaced.
  if ((await factsIfThere(disk, part)) === undefined) await disk.rename(pending, part);
}
