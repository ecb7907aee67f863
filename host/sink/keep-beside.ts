// An old file that stepped aside for a new one has a name that says so, and a number that nobody chose. Where neither its own name nor the
// trash takes it, it stays beside the new one under a plain name. Promises: it takes the place of nothing; and the log knows the plain name
// before it is taken, so that no empty file and no second name is left of an interruption.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { numberedParts } from '../../shared/model/name-rules.ts';
import type { Disk, FileFacts } from '../disk/disk.ts';
import { exists, factsIfThere } from './disk-path.ts';
import { identityOf } from './receive-folders.ts';
import { type NextNumbers, renameFreely, takeFreeName } from './take-name.ts';

/** A name that nobody else gives to a file, and that leads to none where another folder took the place of ours. */
export function asideName(name: string): string {
  return markedName(name, ` (replaced ${randomBytes(4).toString('hex')})`);
}

function markedName(name: string, mark: string): string {
  const { stem, extension } = numberedParts(name, mark.length);
  return `${stem}${mark}${extension}`;
}

/** What tells a file from another one of its name: the log remembers it. */
export function traitsOf(facts: FileFacts): string {
  return `${identityOf(facts)}:${facts.size}:${facts.mtimeNs}`;
}

/** Some disks (FAT, exFAT, network disks) number their files anew when they are mounted again, and any may be another device by then. */
export function hasTraits(facts: FileFacts, remembered: string | undefined): boolean {
  if (remembered === undefined) return true;
  const [dev, ino, ...content] = remembered.split(':');
  return identityOf(facts) === `${dev}:${ino}` || content.join(':') === `${facts.size}:${facts.mtimeNs}`;
}

type Aside = { readonly folder: string; readonly old: string; readonly name: string };

/** `old` and `name` are names in `folder`: of the old file, and of what replaced it. `remember` writes down the plain name. */
export async function keepBeside(
  disk: Disk,
  { folder, old, name }: Aside,
  remember: (kept: string) => Promise<void>,
  tries?: { readonly folder: string; readonly next: NextNumbers },
): Promise<void> {
  const from = path.join(folder, old);
  // A trash that says it failed may have taken it all the same.
  if ((await factsIfThere(disk, from)) === undefined) return;
  const take = async (candidate: string) => {
    if (await exists(disk, candidate)) return false;
    await remember(path.basename(candidate));
    return renameFreely(disk, from, candidate);
  };
  await takeFreeName(path.join(folder, markedName(name, ' (replaced)')), take, tries);
}

/** After an interruption: the old file has its one name again, or the plain one. */
export async function tidyKept(
  disk: Disk,
  { folder, old, kept }: { readonly folder: string; readonly old: string; readonly kept: string },
): Promise<void> {
  const aside = await factsIfThere(disk, path.join(folder, old));
  const plain = await factsIfThere(disk, path.join(folder, kept));
  if (aside === undefined || plain?.kind !== 'file') return;
  const isReservation = plain.size === 0 && plain.links === 1;
  if (isReservation || identityOf(plain) === identityOf(aside)) await disk.removeFile(path.join(folder, kept));
}
