// A disk of Windows: it renames and removes nothing that another program has open, and scanners and indexers open each new file for a
// moment. Such a call is tried again for a while. Promises: between two attempts nothing is replaced, and no file removed, that was not there
// at the first.

import type { Clock } from '../../shared/model/clock.ts';
import { fileInUseRetryMs } from '../../shared/wire/limits.ts';
import type { Disk } from './disk.ts';
import { errnoOf } from './disk-fault.ts';

type Errnos = ReadonlySet<string | undefined>;

/** What Windows says of a file that somebody has open; also of one that nobody here may touch, which an attempt does not tell apart. */
const inUse: Errnos = new Set(['EBUSY', 'EPERM', 'EACCES']);
/** A file that was removed while somebody has it open keeps its place until they close it. */
const inUseBelow: Errnos = new Set([...inUse, 'ENOTEMPTY']);

export function openPatientDisk(disk: Disk, clock: Clock): Disk {
  async function patiently(work: () => Promise<void>, errnos = inUse, look = async () => ''): Promise<void> {
    let seen: string | undefined;
    for (const pauseMs of fileInUseRetryMs) {
      try {
        return await work();
      } catch (error) {
        if (!errnos.has(errnoOf(error))) throw error;
        seen ??= await look();
        await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
        if ((await look()) !== seen) throw error;
      }
    }
    return work();
  }

  /** What a rename would replace, or a removal take away. */
  async function under(name: string): Promise<string> {
    return disk.facts(name).then(
      ({ dev, ino, size, mtimeNs }) => `${dev} ${ino} ${size} ${mtimeNs}`,
      () => 'nothing',
    );
  }

  return {
    ...disk,
    rename: (from, to) =>
      patiently(
        () => disk.rename(from, to),
        inUse,
        () => under(to),
      ),
    removeFile: (file) =>
      patiently(
        () => disk.removeFile(file),
        inUse,
        () => under(file),
      ),
    removeEmptyFolder: (folder) => patiently(() => disk.removeEmptyFolder(folder)),
    removeAll: (path) => patiently(() => disk.removeAll(path), inUseBelow),
  };
}
