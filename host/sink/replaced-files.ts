// Old files that stepped aside for new ones, once these are on the disk: the trash takes them. Promises: only what is surely the old file
// is moved; and what could be done with none of them for the moment stays in the log, for the next attempt or the next start.

import path from 'node:path';
import type { Fault } from '../../shared/model/fault.ts';
import { toDiskFault } from '../disk/disk-fault.ts';
import { factsIfThere } from './disk-path.ts';
import { FolderChain } from './folder-chain.ts';
import { hasTraits, keepBeside } from './keep-beside.ts';
import type { Note } from './publish-log.ts';
import { identityOf } from './receive-folders.ts';
import { foldersTo, type Interrupted, requireItsDisk } from './settle-publish-log.ts';
import type { NextNumbers } from './take-name.ts';

type Trash = { readonly trash: (file: string) => Promise<void> };
type Remember = (index: number, note: Note) => Promise<void>;

/** Of all that the notes call published. Answers which old files still have their names beside the new ones, and why. */
export async function putAwayReplaced(
  plan: Interrupted & Trash,
  notes: Iterable<readonly [index: number, note: Note]>,
  remember: Remember,
): Promise<ReadonlyMap<number, Fault>> {
  const left = new Map<number, Fault>();
  const next: NextNumbers = new Map();
  const chain = new FolderChain(plan.disk, plan.folders.destination, { makes: false });
  try {
    for (const [index, note] of [...notes]) {
      const { old, oldIs, kept, ...rest } = note;
      if (note.state !== 'published' || old === undefined) continue;
      try {
        await putAway(plan, chain, { note: { ...note, old }, next, remember: (now) => remember(index, now) });
        await remember(index, rest);
      } catch (error) {
        left.set(index, toDiskFault(error));
      }
    }
    return left;
  } finally {
    await chain.close();
  }
}

type Replaced = {
  readonly note: Note & { readonly old: string };
  readonly next: NextNumbers;
  readonly remember: (note: Note) => Promise<void>;
};

async function putAway(
  plan: Interrupted & Trash,
  chain: FolderChain,
  { note, next, remember }: Replaced,
): Promise<void> {
  const { disk } = plan;
  const { where, old, oldIs } = note;
  const folder = await chain.reach(foldersTo(plan, old));
  requireItsDisk(plan, chain, note);
  // It was moved away with its folder.
  if (folder === undefined) return;
  const facts = await factsIfThere(disk, path.join(folder, path.basename(old)));
  // Gone, or another program put a file of its own under that name.
  if (facts === undefined || !hasTraits(facts, oldIs)) return;
  // The trash goes by its ordinary path, which leads to somebody else's file where a link took the place of a folder on the way.
  const seen = await factsIfThere(disk, old);
  const isSeen = seen !== undefined && identityOf(seen) === identityOf(facts);
  const isTaken = isSeen && (await plan.trash(old).then(yes, no));
  if (isTaken) return;
  const aside = { folder, old: path.basename(old), name: path.basename(where) };
  await keepBeside(disk, aside, (kept) => remember({ ...note, kept }), { folder: path.dirname(where), next });
}

const yes = () => true;
const no = () => false;
