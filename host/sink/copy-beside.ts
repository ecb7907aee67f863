// A folder within the destination can be another disk: a mount point, a subvolume. No name leads there from the staging folder. A file is
// copied into that folder first, under a name of ours, and takes its own name from there. Promises: what gets a name is whole and on that
// disk; and the log knows the copy before it exists, so that an interruption leaves none behind.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import { copyStretchBytes } from '../../shared/wire/limits.ts';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { syncFolder } from '../disk/sync-together.ts';
import { refuseWithoutRoom } from './destination.ts';
import { factsIfThere } from './disk-path.ts';
import type { QuarantineMarks } from './quarantine-marks.ts';

/** No offered file has such a name: `name-rules.ts` keeps it for us. */
const ownName = /^\.tincan-[0-9a-f]{16}$/;

export function nameOfCopy(): string {
  return `.tincan-${randomBytes(8).toString('hex')}`;
}

export function isNameOfCopy(name: unknown): name is string {
  return typeof name === 'string' && ownName.test(name);
}

type CopyTools = { readonly disk: Disk; readonly marks: QuarantineMarks; readonly leaving: AbortSignal };

/** `to` is new. What was written of it is left for whoever removes the copy, however this ends. */
export async function copyBeside(
  { disk, marks, leaving }: CopyTools,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const source = await disk.open(from, 'read');
  try {
    const { size, mode, mtimeNs } = await source.facts();
    // Known before, so that a disk without room is not filled up at every attempt.
    await refuseWithoutRoom(path.dirname(to), size, { disk });
    const copy = await disk.open(to, 'create', mode & 0o777);
    try {
      await copyBytes(leaving, { source, copy, size });
      if (marks.beside !== null) await writeBeside(disk, `${to}${marks.beside.suffix}`, marks.beside.content);
      // As with every file: a disk that does not take the time keeps the file with its own.
      await copy.setTime(Number(mtimeNs / 1_000_000n)).catch(() => undefined);
      await marks.together([to]);
      await copy.sync();
    } finally {
      await copy.close();
    }
    await syncFolder(disk, path.dirname(to));
  } finally {
    await source.close();
  }
}

export async function removeCopy(disk: Disk, copy: string): Promise<void> {
  // One that was renamed is not there any more.
  if ((await factsIfThere(disk, copy))?.kind === 'file') await disk.removeFile(copy);
}

type Copying = { readonly source: DiskFile; readonly copy: DiskFile; readonly size: number };

async function copyBytes(leaving: AbortSignal, { source, copy, size }: Copying): Promise<void> {
  const stretch = new Uint8Array(Math.min(copyStretchBytes, size));
  for (let done = 0; done < size; ) {
    // A large file takes minutes, and whoever leaves waits for this.
    if (done > 0 && leaving.aborted) throw new Fault('disk-error', 'nobody waits for it any more');
    const count = await source.read(stretch.subarray(0, size - done), done);
    if (count === 0) throw new Fault('disk-error', 'the staging folder lost bytes');
    await copy.write(stretch.subarray(0, count), done);
    done += count;
  }
}

/** A disk without streams keeps the file without. */
async function writeBeside(disk: Disk, stream: string, content: string): Promise<void> {
  try {
    const file = await disk.open(stream, 'create');
    try {
      await file.write(Buffer.from(content), 0);
    } finally {
      await file.close();
    }
  } catch {
    // A missing mark loses nobody's bytes.
  }
}
