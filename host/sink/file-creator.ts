// The work of the thread that creates whole files in the staging folder out of what arrived. One thread: many at once in one
// folder stand in each other's way. The function travels there as text, so it sees nothing that stands outside of it.

import { packStretchBytes } from '../../shared/wire/limits.ts';
import type { Disk, ThreadFs } from '../disk/disk.ts';

export type FileToCreate = {
  /** Its full name in the staging folder. Whatever lies there is an interrupted run's, and goes. */
  readonly target: string;
  readonly mode: number;
  readonly mtimeMs: number;
  readonly size: number;
  /** Where its bytes are: a stretch of the pack, or a part of its own that only has to take the name. */
  readonly from: { readonly offset: number } | { readonly part: string };
};

export type FileBatch = {
  readonly pack: string;
  /** How much of the pack is read at a time. */
  readonly stretchBytes: number;
  /** Made before the files, parents first. A link or a file in place of one refuses the whole batch; a name that is too long does not. */
  readonly folders: readonly string[];
  /** What comes from the pack is in the pack's order. */
  readonly files: readonly FileToCreate[];
  /** A stream beside each file that says where it comes from. */
  readonly beside: { readonly suffix: string; readonly content: string } | null;
};

/**
 * Which of the files could not be created, and the errno that says why. Nothing is left of them under their names: where the disk does not
 * take one back, the whole batch fails, and is made anew when it is tried again. And which folders, by their names, where these are too long.
 */
export type NotCreated = readonly (readonly [what: number | string, errno: string])[];

export function createInThread(fs: ThreadFs, batch: FileBatch): NotCreated {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = fs.constants;
  const { files, beside, stretchBytes } = batch;
  const notCreated: [number | string, string][] = [];
  const stretch = { bytes: new Uint8Array(0), from: 0, length: 0 };
  let pack: number | undefined;
  /** A file that is not whole is still there. */
  let leftBehind: { readonly error: unknown } | undefined;

  function makeFolder(folder: string): void {
    try {
      fs.mkdirSync(folder);
    } catch (error) {
      if (errnoOf(error) === 'ENAMETOOLONG') return void notCreated.push([folder, 'ENAMETOOLONG']);
      if (errnoOf(error) !== 'EEXIST') throw error;
      if (!fs.lstatSync(folder).isDirectory()) throw Object.assign(new Error('in the way'), { code: 'ENOTDIR' });
    }
  }

  function fromPack(at: number, offset: number, size: number): Uint8Array {
    if (offset < stretch.from || offset + size > stretch.from + stretch.length) readStretch(at, offset);
    const start = offset - stretch.from;
    if (start + size > stretch.length) throw Object.assign(new Error('short'), { code: 'PACK_LOST' });
    return stretch.bytes.subarray(start, start + size);
  }

  /** As far as the next files lie one behind the other. */
  function readStretch(first: number, offset: number): void {
    if (stretch.bytes.length === 0) stretch.bytes = new Uint8Array(stretchBytes);
    pack ??= fs.openSync(batch.pack, 'r');
    let end = offset;
    for (let at = first; at < files.length; at += 1) {
      const { from, size } = files[at]!;
      if (size === 0) continue;
      if (!('offset' in from) || from.offset !== end || end + size - offset > stretchBytes) break;
      end += size;
    }
    // A read that fails leaves nothing that another file could be made of.
    stretch.length = 0;
    stretch.length = readFully(pack, end - offset, offset);
    stretch.from = offset;
  }

  /** A network disk may answer with a part of what is there. */
  function readFully(handle: number, wanted: number, from: number): number {
    for (let done = 0; done < wanted; ) {
      const count = fs.readSync(handle, stretch.bytes, done, wanted - done, from + done);
      if (count === 0) return done;
      done += count;
    }
    return wanted;
  }

  /** Never opens what is there: it may be a second name of a file that was published before a crash. */
  function createNew(target: string, mode: number): number {
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    try {
      return fs.openSync(target, flags, mode);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      fs.unlinkSync(target);
      return fs.openSync(target, flags, mode);
    }
  }

  function takePart(part: string, target: string): void {
    try {
      fs.renameSync(part, target);
    } catch (error) {
      // An interrupted run had taken it already.
      if (errnoOf(error) !== 'ENOENT' || !fs.lstatSync(target).isFile()) throw error;
    }
  }

  function fill(at: number, handle: number): void {
    const { target, from, size, mode, mtimeMs } = files[at]!;
    if ('part' in from) whereItCan(() => fs.fchmodSync(handle, mode));
    else if (size > 0) {
      const bytes = fromPack(at, from.offset, size);
      for (let done = 0; done < size; ) done += fs.writeSync(handle, bytes, done, size - done, done);
    }
    // Writing a stream of a file is writing the file, to NTFS: a time that was set before would be lost.
    if (beside !== null) mark(`${target}${beside.suffix}`, beside.content);
    whereItCan(() => fs.futimesSync(handle, mtimeMs / 1000, mtimeMs / 1000));
  }

  /** A disk whose files all belong to somebody else, or that has no modes, keeps the file with what it gives it. */
  function whereItCan(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(errnoOf(error))) throw error;
    }
  }

  function mark(stream: string, content: string): void {
    try {
      fs.writeFileSync(stream, content);
    } catch {
      // A disk without streams keeps the file without.
    }
  }

  function make(at: number): void {
    const { target, from, mode } = files[at]!;
    if ('part' in from) takePart(from.part, target);
    try {
      const handle = 'part' in from ? fs.openSync(target, fs.constants.O_RDWR | O_NOFOLLOW) : createNew(target, mode);
      try {
        fill(at, handle);
      } finally {
        fs.closeSync(handle);
      }
    } catch (error) {
      undo(at);
      throw error;
    }
  }

  /** A file that is not whole must not be found where whole ones are, and get its name with them. */
  function undo(at: number): void {
    const { target, from } = files[at]!;
    try {
      if ('part' in from) fs.renameSync(target, from.part);
      else fs.unlinkSync(target);
    } catch (error) {
      if (!saysNotThere(error) && isThere(target)) leftBehind = { error };
    }
  }

  function isThere(target: string): boolean {
    try {
      fs.lstatSync(target);
      return true;
    } catch (error) {
      return !saysNotThere(error);
    }
  }

  function saysNotThere(error: unknown): boolean {
    return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL'].includes(errnoOf(error));
  }

  function errnoOf(error: unknown): string {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }

  try {
    for (const folder of batch.folders) makeFolder(folder);
    for (let at = 0; at < files.length; at += 1) {
      try {
        make(at);
      } catch (error) {
        notCreated.push([at, errnoOf(error)]);
      }
      if (leftBehind !== undefined) throw leftBehind.error;
    }
  } finally {
    if (pack !== undefined) fs.closeSync(pack);
  }
  return notCreated;
}

export interface FileCreator {
  /** There will be something to create. Called again, it does nothing. */
  start(): void;
  create(batch: Omit<FileBatch, 'stretchBytes'>): Promise<NotCreated>;
  close(): Promise<void>;
}

export function openFileCreator(disk: Disk): FileCreator {
  const threads = disk.threads(createInThread, 1);
  return {
    start: threads.start,
    create: (batch) => threads.do({ ...batch, stretchBytes: packStretchBytes }),
    close: threads.close,
  };
}
