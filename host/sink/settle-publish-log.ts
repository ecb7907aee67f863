// After a publishing that was interrupted: which names were really taken. What only reserved a name is removed, an old file
// that had stepped aside comes back, and the answer is written down before anything else changes what it was found by.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk, FileFacts } from '../disk/disk.ts';
import { isNotThere } from '../disk/disk-fault.ts';
import { namesLostOf, requireNamesKept, syncFolder } from '../disk/sync-together.ts';
import { removeCopy } from './copy-beside.ts';
import { factsIfThere } from './disk-path.ts';
import { FolderChain } from './folder-chain.ts';
import { keepBeside, tidyKept } from './keep-beside.ts';
import { isInFolder } from './pending-files.ts';
import type { Note, PublishLog } from './publish-log.ts';
import { identityOf, type ReceiveFolders } from './receive-folders.ts';
import { renameFreely } from './take-name.ts';

export type Interrupted = {
  readonly disk: Disk;
  /** By index. */
  readonly planned: readonly PlannedEntry[];
  /** Its ordinary path, and where to work in it. */
  readonly destination: string;
  readonly folders: Omit<ReceiveFolders, 'close'>;
};

/** What has its name by then keeps it for good: what its owner does with it later makes nothing arrive once more. */
export async function settlePublishLog(plan: Interrupted, log: PublishLog): Promise<void> {
  const isSettled = ({ state, isDurable, kept }: Note) => state === 'reserved' || (isDurable && kept === undefined);
  const lostBefore = namesLostOf(plan.disk);
  const settled = new Map<number, Note>();
  if ([...log.notes.values()].every(isSettled)) {
    log.placed.namesLost = lostBefore;
    return;
  }
  await syncNames(log, async () => {
    for (const [index, now] of await settleAll(plan, log)) if (now.state !== 'free') settled.set(index, now);
    await syncPublishedNames(plan, settled);
    // Of somebody else's sync: whoever asks afterwards is not told any more.
    requireNamesKept(plan.disk, lostBefore);
  });
  for (const [index, { copy, ...now }] of settled)
    if (now.state === 'published') settled.set(index, { ...now, isDurable: true });
  await log.rewrite(settled);
  log.placed.namesLost = lostBefore;
}

/** The system forgets what it could not sync: after that, what this run has put in place is looked for. A folder that was moved lost nothing. */
export async function syncNames({ placed }: Pick<PublishLog, 'placed'>, sync: () => Promise<void>): Promise<void> {
  try {
    await sync();
  } catch (error) {
    if (!isNotThere(error)) placed.namesLost = undefined;
    throw error;
  }
}

/**
 * Before the other name of such a file, in the staging folder, is removed: a power cut could keep the removal alone. Every folder on
 * the way is synced, for each may be new in the one above it.
 */
export async function syncPublishedNames(plan: Interrupted, notes: ReadonlyMap<number, Note>): Promise<void> {
  const published = [...notes.values()].filter(({ state, isDurable }) => state === 'published' && !isDurable);
  const ways = new Map<string, { readonly way: readonly string[]; readonly note: Pick<Note, 'isOnOtherDisk'> }>();
  const byFolder = new Map(published.map((note) => [path.dirname(note.where), note]));
  for (const note of byFolder.values()) {
    const names = foldersTo(plan, note.where);
    ways.set(names.join('/'), { way: names, note });
    // Those above one that is known are known.
    for (let depth = names.length - 1; depth >= 0; depth -= 1) {
      const way = names.slice(0, depth);
      const key = way.join('/');
      if (ways.has(key)) break;
      ways.set(key, { way, note: {} });
    }
  }
  const chain = new FolderChain(plan.disk, plan.folders.destination, { makes: false });
  try {
    for (const { way, note } of ways.values()) {
      const folder = await chain.reach(way);
      requireItsDisk(plan, chain, note);
      if (folder !== undefined) await syncFolder(plan.disk, folder);
    }
  } finally {
    await chain.close();
  }
}

/**
 * For a transfer that is thrown away: nothing of ours stays where names were only reserved. Answers with what was found. Nothing is
 * written down of it, for the disk may be full.
 */
export async function undoReservations(plan: Interrupted, log: PublishLog): Promise<ReadonlyMap<number, Note>> {
  const lostBefore = namesLostOf(plan.disk);
  const found = await settleAll(plan, log);
  await syncPublishedNames(plan, found);
  requireNamesKept(plan.disk, lostBefore);
  const reserved = [...found.values()].filter(({ state }) => state === 'reserved');
  for (const { where } of reserved.filter((note) => path.dirname(note.where) === plan.destination))
    await plan.disk.removeEmptyFolder(workPath(plan, where)).catch(() => undefined);
  return found;
}

/** `chain` is where the folder of the note would be. What is found beneath a disk that is away says nothing of what is on it. */
export function requireItsDisk(
  { folders }: Pick<Interrupted, 'folders'>,
  { device }: FolderChain,
  { isOnOtherDisk }: Pick<Note, 'isOnOtherDisk'>,
): void {
  if (isOnOtherDisk && (device === undefined || device === folders.device))
    throw new Fault('disk-gone', 'the disk of a folder in the destination is away');
}

/** Where to reach a path that the log names, through the handle on the destination. */
export function workPath(
  { destination, folders }: Pick<Interrupted, 'destination' | 'folders'>,
  where: string,
): string {
  return path.join(folders.destination, path.relative(destination, where));
}

/** From the destination down to where a path of the log lies. */
export function foldersTo({ destination }: Pick<Interrupted, 'destination'>, where: string): string[] {
  return path.relative(destination, path.dirname(where)).split(path.sep).filter(Boolean);
}

/** A note as it was, and as it was found to be. */
type Settled = { readonly note: Note; readonly now: Note };

/** Each name is reached through handles: a link that took the place of its folder meanwhile leads to somebody else's files. */
async function settleAll(plan: Interrupted, log: PublishLog): Promise<Map<number, Note>> {
  const settled = new Map<number, Note>();
  const lost = namesLostOf(plan.disk);
  const chain = new FolderChain(plan.disk, plan.folders.destination, { makes: false });
  try {
    for (const [index, note] of [...log.notes]) {
      const remember = (what: Note) => log.note(index, what);
      const isOwn = note.state === 'published' && log.placed.indexes.has(index);
      const isSure = note.isDurable === true || (isOwn && log.placed.namesLost === lost);
      const now = await settle(plan, chain, { index, note, remember, isOwn, isSure });
      // What cannot be seen while the destination is away is not lost.
      if (now.state === 'free' && note.state !== 'free') await plan.folders.requireDestination();
      settled.set(index, now);
      await removeItsCopy(plan, chain, { note, now });
    }
  } finally {
    await chain.close();
  }
  return settled;
}

/**
 * Whatever came of it: what has the name keeps it, and what has not is copied anew. Nobody looks for a copy again that a power cut brings
 * back: of what has no name it is durable before the log says nothing of it any more, and of what has one it is with the name.
 */
async function removeItsCopy(plan: Interrupted, chain: FolderChain, { note, now }: Settled): Promise<void> {
  const { disk } = plan;
  if (note.copy === undefined) return;
  const folder = await chain.reach(foldersTo(plan, note.where));
  requireItsDisk(plan, chain, note);
  if (folder === undefined) return;
  await removeCopy(disk, path.join(folder, note.copy));
  if (now.state !== 'published') await syncFolder(disk, folder);
}

/** What came of taking one name. For as long as what takes it has the name that it had before. */
export async function settleName(plan: Interrupted, named: Named, note: Note): Promise<Note> {
  return note.state === 'free' || note.state === 'published' ? note : settleFile(plan, named, note);
}

/** `isOwn`: this run has put it in place. `isSure`: where it no longer is, its owner moved, changed or removed it. */
type Unsettled = {
  readonly index: number;
  readonly note: Note;
  readonly remember: Remember;
  readonly isOwn: boolean;
  readonly isSure: boolean;
};

async function settle(
  plan: Interrupted,
  chain: FolderChain,
  { index, note, remember, isOwn, isSure }: Unsettled,
): Promise<Note> {
  const entry = plan.planned[index];
  if (note.state === 'free' || note.state === 'reserved' || entry === undefined) return note;
  if (isSure && note.kept === undefined) return note;
  const parents = foldersTo(plan, note.where);
  const folder = await chain.reach(parents);
  requireItsDisk(plan, chain, note);
  const { old, kept } = note;
  if (folder !== undefined && isInFolder(entry) && parents.length === 0)
    return settleTree(plan, { entry, folder, remember }, note);
  if (folder !== undefined && old !== undefined && kept !== undefined)
    await tidyKept(plan.disk, { folder, old: path.basename(old), kept });
  if (isSure) return folder === undefined ? note : withoutKept(note);
  // What is pending is a second name of what was published, also where its owner moved that, or its folder, or wrote into it since. Shorter,
  // and put in place before this run, a power cut may have taken its bytes.
  const pending = await factsOfPending(plan, { entry, folder }, note.copy);
  if (pending !== undefined && pending.links > 1 && (isOwn || pending.size >= entry.size))
    return { where: note.where, state: 'published', ...about(note) };
  // What is in the way is left alone, and the file arrives once more.
  if (folder === undefined) return { where: note.where, state: 'free' };
  const named = { entry, folder, remember };
  if (note.state !== 'published') return settleFile(plan, named, note);
  const isBack = old !== undefined && (await isUndone(plan, named, note));
  return isBack
    ? settleFile(plan, named, { ...note, state: 'replacing' })
    : checkPublished(plan, { ...named, isOwn }, note);
}

function withoutKept({ kept: _, ...note }: Note): Note {
  return note;
}

/** Writes down what is about to be done. */
type Remember = (note: Note) => Promise<void>;

/** `folder`: where to work in the folder of the name. */
type Named = { readonly entry: PlannedEntry; readonly folder: string; readonly remember: Remember };

/** After a power cut the log may be newer than the folder that it speaks of. What is not there arrives once more. */
async function checkPublished(
  plan: Interrupted,
  { entry, folder, isOwn }: Named & Pick<Unsettled, 'isOwn'>,
  note: Note,
): Promise<Note> {
  const full = path.join(folder, path.basename(note.where));
  const final = await factsIfThere(plan.disk, full);
  const isThere = final !== undefined && (final.kind !== 'file' || final.size === entry.size);
  // The name that was reserved is all that is left.
  const isReservation = !isThere && final?.size === 0 && final.links === 1;
  if (isThere || (isOwn && final !== undefined && !isReservation))
    return { where: note.where, state: 'published', ...about(note) };
  if (isReservation) await plan.disk.removeFile(full);
  return { where: note.where, state: 'free' };
}

/** Whether a file that was to replace another one lost its name again, though the log calls it published. */
async function isUndone(
  { disk, folders }: Interrupted,
  { entry, folder }: Named,
  { where, old, copy }: Note,
): Promise<boolean> {
  const full = path.join(folder, path.basename(where));
  const final = await factsIfThere(disk, full);
  const replaced = await factsIfThere(disk, path.join(folder, path.basename(old!)));
  if (final === undefined) return true;
  if (final.size === 0 && entry.size > 0 && final.links === 1) {
    // The name that was reserved is all that is left.
    await disk.removeFile(full);
    return true;
  }
  if (replaced !== undefined && replaced.size > 0) return identityOf(replaced) === identityOf(final);
  // On a disk without links the new one is in the staging folder for as long as it has not got its name.
  const pending = await factsOfPending({ disk, folders }, { entry, folder }, copy);
  return pending?.links === 1 && final.size > 0;
}

/** Of what takes the name, under the name that it has before. */
async function factsOfPending(
  { disk, folders }: Pick<Interrupted, 'disk' | 'folders'>,
  { entry, folder }: { readonly entry: PlannedEntry; readonly folder: string | undefined },
  copy: string | undefined,
): Promise<FileFacts | undefined> {
  if (copy === undefined) return factsIfThere(disk, path.join(folders.staging, 'ready', String(entry.index)));
  return folder === undefined ? undefined : factsIfThere(disk, path.join(folder, copy));
}

async function settleTree(plan: Interrupted, { entry, folder }: Named, note: Note): Promise<Note> {
  const { where } = note;
  const { disk, folders } = plan;
  const final = await factsIfThere(disk, path.join(folder, path.basename(where)));
  const built = await factsIfThere(disk, path.join(folders.staging, 'tree', entry.path[0]!));
  if (final?.kind !== 'folder') return { where, state: 'free' };
  return built === undefined ? { ...note, state: 'published' } : { where, state: 'reserved' };
}

/** What stays known of a file however it comes out. */
function about({ old, oldIs, copy, isOnOtherDisk }: Note): Partial<Note> {
  return {
    ...(old === undefined ? {} : { old }),
    ...(oldIs === undefined ? {} : { oldIs }),
    ...(copy === undefined ? {} : { copy }),
    ...(isOnOtherDisk && { isOnOtherDisk }),
  };
}

async function settleFile(plan: Interrupted, { entry, folder, remember }: Named, note: Note): Promise<Note> {
  const { disk } = plan;
  const { where, state, old, copy } = note;
  const full = path.join(folder, path.basename(where));
  const oldFull = old === undefined ? undefined : path.join(folder, path.basename(old));
  const keepOld = async (oldName: string) =>
    keepBeside(disk, { folder, old: oldName, name: path.basename(where) }, (kept) => remember({ ...note, kept }));
  const final = await factsIfThere(disk, full);
  const pending = await factsOfPending(plan, { entry, folder }, copy);
  const replaced = oldFull === undefined ? undefined : await factsIfThere(disk, oldFull);
  if (state === 'reserving' && oldFull !== undefined && final !== undefined) {
    const isOther = replaced !== undefined && identityOf(replaced) !== identityOf(final);
    // The old file did not step aside; what reserved the name for it goes. Or it did, and somebody else has its name by now.
    if (isOther && replaced.size === 0 && replaced.links === 1) await disk.removeFile(oldFull);
    else if (isOther) await keepOld(path.basename(oldFull));
    return { where, state: 'free' };
  }
  if (final?.kind === 'file') {
    // The old file may not have stepped aside, or have both names.
    const isStillOld = state === 'replacing' && (replaced === undefined || identityOf(replaced) === identityOf(final));
    // A copy that is not there took the name, or was removed just before an interruption.
    const isMoved = !isStillOld && (copy === undefined || final.size === entry.size);
    const isOurs = pending === undefined ? isMoved : identityOf(pending) === identityOf(final);
    if (isOurs) return { where, state: 'published', ...about(note) };
    const isReservation = state !== 'taking' && !isStillOld && final.size === 0 && final.links === 1;
    if (isReservation) await disk.removeFile(full);
  }
  if (oldFull === undefined || replaced === undefined) return { where, state: 'free' };
  // It got its second name and still has the first.
  if (final !== undefined && identityOf(final) === identityOf(replaced)) await disk.removeFile(oldFull);
  else if (!(await renameFreely(disk, oldFull, full))) await keepOld(path.basename(oldFull));
  return { where, state: 'free' };
}
