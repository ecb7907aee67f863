// Gives a file its name in a folder without ever taking the place of another one.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import { numberedParts } from '../../shared/model/name-rules.ts';
import { freeNameTriesMax } from '../../shared/wire/limits.ts';
import type { Disk, FileFacts } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-fault.ts';
import { syncFolder } from '../disk/sync-together.ts';
import { factsIfThere } from './disk-path.ts';
import { identityOf } from './receive-folders.ts';

const withoutLinks: ReadonlySet<string | undefined> = new Set([
  ...['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'],
  // What Node makes of the answer of exFAT and FAT under Windows: https://github.com/nodejs/node/issues/65817
  'EISDIR',
]);

/**
 * The number to try next, by folder and by what stands around it: thousands of long names may be cut to the same, and none of them tries
 * again what another one found in use.
 */
export type NextNumbers = Map<string, number>;

/** `folder`: by its ordinary path. `first`: 2 where the name itself is not to be tried. */
type Tries = { readonly first?: 1 | 2; readonly folder?: string; readonly next?: NextNumbers };

/** `x.txt`, `x (2).txt`, `x (3).txt` … `take` answers false when the name is in use. A long name is cut where the number goes. */
export async function takeFreeName(
  wanted: string,
  take: (candidate: string) => Promise<boolean>,
  { first = 1, folder = path.dirname(wanted), next = new Map() }: Tries = {},
): Promise<string> {
  if (first === 1 && (await take(wanted))) return wanted;
  const { stem, extension } = numberedParts(path.basename(wanted));
  const key = [folder, stem, extension].join(path.sep);
  for (let at = next.get(key) ?? 2; at <= freeNameTriesMax; at = next.get(key)!) {
    // Before anything is waited for: those beside this one try others.
    next.set(key, at + 1);
    const candidate = path.join(path.dirname(wanted), `${stem} (${at})${extension}`);
    const isTaken = await take(candidate).catch((error: unknown) => {
      if (next.get(key) === at + 1) next.set(key, at);
      throw error;
    });
    if (isTaken) return candidate;
  }
  throw new Fault('destination-refused', 'no free name left');
}

/**
 * Appears under `to` with everything in it, or not at all; keeps the old name too where the disk has links. Answers false
 * when the name is in use. `reserving` runs before an empty file of ours may lie there.
 */
export async function linkOrRename(
  disk: Disk,
  { from, to }: { readonly from: string; readonly to: string },
  reserving: () => Promise<void>,
): Promise<boolean> {
  return (await moveOrLink(disk, { from, to }, reserving)) !== 'in-use';
}

async function moveOrLink(
  disk: Disk,
  { from, to }: { readonly from: string; readonly to: string },
  reserving: () => Promise<void>,
): Promise<'linked' | 'renamed' | 'in-use'> {
  try {
    await disk.link(from, to);
    return 'linked';
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') return isOneFile(await namesAfter(disk, { from, to })) ? 'linked' : 'in-use';
    if (!withoutLinks.has(errno)) throw error;
  }
  await reserving();
  return (await renameOverOwnEmpty(disk, from, to)) ? 'renamed' : 'in-use';
}

/** For disks without links: reserve the name with a file of our own, then rename over that. */
async function renameOverOwnEmpty(disk: Disk, from: string, to: string): Promise<boolean> {
  try {
    await (await disk.open(to, 'create', 0o666)).close();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await disk.rename(from, to);
  } catch (error) {
    const { old, now } = await namesAfter(disk, { from, to });
    // Then this is the only one. Where somebody else took the old one away, the disk says that it is not there.
    if (old === 'none' && typeof now === 'object' && errnoOf(error) !== 'ENOENT') return true;
    // Somebody may have filled it meanwhile.
    if (typeof now === 'object' && now.size === 0) await disk.removeFile(to).catch(() => undefined);
    throw error;
  }
  return true;
}

type Names = { readonly old: FileFacts | 'none' | 'unknown'; readonly now: FileFacts | 'none' | 'unknown' };

/**
 * After an error: what has these names. A network disk may do what it was asked for and lose the answer: what it says is then no reason to
 * remove anything.
 */
async function namesAfter(disk: Disk, { from, to }: { readonly from: string; readonly to: string }): Promise<Names> {
  const look = (name: string) =>
    factsIfThere(disk, name).then(
      (facts) => facts ?? ('none' as const),
      () => 'unknown' as const,
    );
  return { old: await look(from), now: await look(to) };
}

function isOneFile({ old, now }: Names): boolean {
  return typeof old === 'object' && typeof now === 'object' && identityOf(old) === identityOf(now);
}

/** False when the new name is in use. `reserving` runs before an empty file of ours may lie under it. */
export async function renameFreely(
  disk: Disk,
  from: string,
  to: string,
  reserving: () => Promise<void> = async () => undefined,
): Promise<boolean> {
  const before = identityOf(await disk.facts(from));
  const way = await moveOrLink(disk, { from, to }, reserving);
  // Renamed, it has one name only: the new one, which nothing here may remove.
  if (way !== 'linked') return way === 'renamed';
  try {
    // Two changes of a folder may reach the disk in any order: a power cut could keep the end of the old name alone.
    await syncFolder(disk, path.dirname(to));
    // That takes a while, and somebody may have saved a new file under the old name meanwhile: the one that is meant has left it.
    // It is compared with itself: some network disks give each name of a file a number of its own.
    const old = await factsIfThere(disk, from);
    if (old !== undefined && identityOf(old) !== before) return true;
    // Or taken its second name away: then the first is the only one.
    await disk.facts(to);
    await disk.removeFile(from);
  } catch (error) {
    const names = await namesAfter(disk, { from, to });
    if (isOneFile(names)) await disk.removeFile(to).catch(() => undefined);
    // Or else the old name is gone, or somebody else's by now.
    else if (names.old !== 'unknown' && typeof names.now === 'object') return true;
    throw error;
  }
  return true;
}
