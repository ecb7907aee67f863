// The one way from the host to a disk. Everything else in the host names paths and gets facts, bytes or an errno; which
// disk answers (the real one, one that fails on purpose, a simulated one) is decided where the host is put together.

import type { BigIntStats } from 'node:fs';

/** A name that is not valid UTF-8 has no string. */
export type DiskPath = string | Buffer;

export type FileFacts = {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly links: number;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
};

/**
 * None of them follows a link in the last place. `read` does not wait for a pipe's other end; `create` refuses a name
 * that is taken; `append` makes the file where there is none.
 */
export type OpenAs = 'read' | 'update' | 'create' | 'append';

export interface DiskFile {
  /** Answers how many bytes were there, at most as many as `into` holds. Fewer than that: the file ends there. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Resolves when all of it is written. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Answers how much was written, perhaps not all. */
  writeParts(parts: readonly Uint8Array[], position: number): Promise<number>;
  append(text: string): Promise<void>;
  facts(): Promise<FileFacts>;
  setTime(mtimeMs: number): Promise<void>;
  /** Resolves when bytes and facts are on the disk. After an error nothing that was written since the last sync is. */
  sync(): Promise<void>;
  /** The same for the bytes and what is needed to find them. */
  syncData(): Promise<void>;
  close(): Promise<void>;
}

/** A folder that is held open: what is in it is reached by `path` however the folder itself is renamed or replaced. */
export interface DiskFolder<P extends DiskPath = string> {
  /** Its ordinary path where the system has no such way. */
  readonly path: P;
  readonly facts: FileFacts;
  close(): Promise<void>;
}

export type Room = {
  /** What `statfs` calls the kind of file system. Zero where it does not say. */
  readonly type: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
};

export interface Disk {
  open(file: DiskPath, as: OpenAs, mode?: number): Promise<DiskFile>;
  /** Refuses a link, and whatever is no folder. */
  openFolder<P extends DiskPath>(folder: P): Promise<DiskFolder<P | string>>;
  /** Of a link, the link's own. */
  facts(path: DiskPath): Promise<FileFacts>;
  /** Of what a link leads to. */
  factsBehindLinks(path: DiskPath): Promise<FileFacts>;
  readText(file: string): Promise<string>;
  /** The names in a folder, as bytes and in no order. */
  list(folder: DiskPath): Promise<Buffer[]>;
  makeFolder(folder: string, mode?: number): Promise<void>;
  /** With its parents; fine when it is there. */
  makeFolders(folder: string, mode?: number): Promise<void>;
  /** Replaces what has the new name. */
  rename(from: string, to: string): Promise<void>;
  /** Whether a folder takes the place of an empty one that has the new name. On Windows it never does. */
  readonly replacesEmptyFolders: boolean;
  /** A second name for a file. Refuses a name that is taken. */
  link(file: string, name: string): Promise<void>;
  removeFile(file: string): Promise<void>;
  removeEmptyFolder(folder: string): Promise<void>;
  /** With everything below, and without following a link. Fine when there is nothing. */
  removeAll(path: string): Promise<void>;
  setTime(path: string, mtimeMs: number): Promise<void>;
  realPath(path: string): Promise<string>;
  /** Throws when this account may not make files in it. */
  requireWritable(folder: string): Promise<void>;
  room(folder: string): Promise<Room>;
  /** Makes new names in a folder durable. */
  syncFolder(folder: string): Promise<void>;
  /** Everything on the disk that holds this folder, at once. False where the system cannot. */
  syncWholeDisk(folder: string): Promise<boolean>;
  /** Held until it is closed or this process ends, however it ends. Nothing while somebody else holds it. */
  lock(file: string): DiskLock | undefined;
  /** Calls that answer before anything else happens, for the few places that must not wait. */
  readonly blocking: BlockingDisk;
  /** At most `count` of them, started when there is something to do. */
  threads<Batch, Answer>(work: DiskWork<Batch, Answer>, count: number): DiskThreads<Batch, Answer>;
}

export type DiskLock = { close(): void };

export interface BlockingDisk {
  makeFolders(folder: string, mode?: number): void;
  /** Of this account alone, whatever it was before. */
  openPrivateAppend(file: string): BlockingAppend;
  rename(from: string, to: string): void;
  removeFile(file: string): void;
}

export interface BlockingAppend {
  readonly bytes: number;
  /** Answers how many bytes that were. */
  append(text: string): number;
  close(): void;
}

export interface DiskThreads<Batch, Answer> {
  /** Starts the first one before there is anything to do. Called again, it does nothing. */
  start(): void;
  do(batch: Batch): Promise<Answer>;
  /** Once what was asked for is done. */
  close(): Promise<void>;
}

/**
 * Many small things done to a disk in one thread, one call after the other. It travels there as text, so it sees nothing
 * that stands outside of it. What it throws comes back by its errno.
 */
export type DiskWork<Batch, Answer> = (fs: ThreadFs, batch: Batch) => Answer;

/** What such work may use of Node's file system. */
export type ThreadFs = Pick<
  typeof import('node:fs'),
  | 'constants'
  | 'openSync'
  | 'closeSync'
  | 'readSync'
  | 'writeSync'
  | 'writeFileSync'
  | 'fstatSync'
  | 'lstatSync'
  | 'fchmodSync'
  | 'futimesSync'
  | 'mkdirSync'
  | 'renameSync'
  | 'unlinkSync'
>;

export function factsOf(stats: BigIntStats): FileFacts {
  return {
    kind: kindOf(stats),
    size: Number(stats.size),
    mode: Number(stats.mode),
    uid: Number(stats.uid),
    links: Number(stats.nlink),
    dev: stats.dev,
    ino: stats.ino,
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
  };
}

function kindOf(stats: BigIntStats): FileFacts['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}
