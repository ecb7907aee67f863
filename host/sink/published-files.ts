// The files of an interrupted publishing that have their final names: their bytes are there and not in the staging folder.

import path from 'node:path';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk, FileFacts } from '../disk/disk.ts';
import { factsIfThere } from './disk-path.ts';
import { clampTime, isInFolder, pendingPath } from './pending-files.ts';
import type { Note } from './publish-log.ts';
import { type Interrupted, workPath } from './settle-publish-log.ts';
import type { PublishedFiles, Staging } from './staging.ts';

export function publishedFiles(
  plan: Interrupted,
  notes: ReadonlyMap<number, Note>,
  entries: readonly ManifestEntry[],
): PublishedFiles {
  const files = new Map<number, string>();
  const trees = new Map<string, string>();
  const missing = new Set<number>();
  for (const [index, { where, state, leftOut = [] }] of notes) {
    const entry = plan.planned[index];
    if (state !== 'published' || entry === undefined) continue;
    for (const [left] of leftOut) missing.add(left);
    if (isInFolder(entry) && path.dirname(where) === plan.destination) trees.set(entry.path[0]!, where);
    else files.set(index, where);
  }

  function whereOf(index: number): string | undefined {
    const entry = plan.planned[index];
    if (entry === undefined || missing.has(index)) return undefined;
    const top = entry.path.length > 1 ? trees.get(entry.path[0]!) : undefined;
    return top === undefined ? files.get(index) : [top, ...entry.path.slice(1)].join(path.sep);
  }

  return {
    has: (index) => whereOf(index) !== undefined,
    async read(index, offset, length) {
      const file = await plan.disk.open(workPath(plan, whereOf(index)!), 'read').catch(() => undefined);
      if (file === undefined) return undefined;
      try {
        if (!isAsPublished(await file.facts(), entries[index])) return undefined;
        const bytes = new Uint8Array(length);
        return (await file.read(bytes, offset)) === length ? bytes : undefined;
      } catch {
        // Its owner's program may hold it, or its disk be away: whoever waits beside it is not kept by that.
        return undefined;
      } finally {
        await file.close();
      }
    },
  };
}

/** Whoever writes into it gives it a time of its own. Some disks keep no more than every second second. */
function isAsPublished({ size, mtimeNs }: FileFacts, entry: ManifestEntry | undefined): boolean {
  if (entry?.kind !== 'file' || size !== entry.size) return false;
  return Math.abs(Number(mtimeNs / 1_000_000n) - clampTime(entry.mtimeMs)) <= coarsestTimeMs;
}
const coarsestTimeMs = 2_000;

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
