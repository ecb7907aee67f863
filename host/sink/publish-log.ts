// The log of a publishing, in the staging folder: that it has begun, and every name before it is taken. From its first byte
// on a crash continues the publishing instead of receiving again, and undoes what only reserved a name.
// A line is a JSON array: index of the entry, its name on this disk, what about it, where the old file of that name
// went, what is not in a folder that came whole, what a copy of it beside that name is called, which file the old one is, which name it takes
// where the trash does not take it, 1 where the name is on another disk, and 1 where the name is durable. What is at the end and says nothing is
// left out; the last line of an entry counts.

import { constants } from 'node:buffer';
import path from 'node:path';
import { Fault, type FaultCode, isFaultCode } from '../../shared/model/fault.ts';
import { replaceFile } from '../disk/atomic-file.ts';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { errnoOf, toDiskFault } from '../disk/disk-fault.ts';
import { isNameOfCopy } from './copy-beside.ts';
import { factsIfThere, leadsAway } from './disk-path.ts';

/**
 * `taking`: the name is about to be taken, perhaps it was. `reserving`: it may be an empty one of ours, and may have been
 * filled since; with `old`, that one may be, and the old file has its name still. `reserved`: it is an empty folder of ours, as was
 * found after an interruption. `replacing`: the old file was about to be renamed to `old`. `published`: it is in place. `free`: nothing came of it.
 */
export type NoteState = 'taking' | 'reserving' | 'reserved' | 'replacing' | 'published' | 'free';

/** What can never be in a folder that comes whole, by index. */
export type LeftOut = readonly (readonly [index: number, code: FaultCode])[];

export type Note = {
  readonly where: string;
  readonly state: NoteState;
  readonly old?: string;
  /** What tells it from another file of that name, see `keep-beside.ts`. Absent where an interruption came before it was looked at. */
  readonly oldIs?: string;
  /** The name beside the new file that the old one is about to take: an empty file of ours may have it, or the old one may have both. */
  readonly kept?: string;
  readonly leftOut?: LeftOut;
  /** In the same folder, on another disk than the staging folder: what takes the name instead of the file there. `free`: perhaps half a copy. */
  readonly copy?: string;
  /** The folder of that name was on another disk than the destination. Where it no longer is, that disk is away. */
  readonly isOnOtherDisk?: true;
  /** Of a published one: no power cut takes the name away any more. Where it no longer is, its owner moved, changed or removed it. */
  readonly isDurable?: true;
};

/**
 * What this run has put in place: its bytes were synced before. `namesLost`: as `namesLostOf` said when its names were last settled. Where it
 * says otherwise now, or nothing was settled, the disk may have lost some.
 */
export type Placed = { readonly indexes: Set<number>; namesLost: number | undefined };

export interface PublishLog {
  /** The last of each entry. */
  readonly notes: ReadonlyMap<number, Note>;
  readonly placed: Placed;
  note(index: number, note: Note): Promise<void>;
  /** Makes durable what was noted. Once that has failed it fails until all of it was written anew. */
  sync(): Promise<void>;
  /** Writes down only what counts, durably, whatever was there before. `kept` is of entries that have a note. */
  rewrite(notes: ReadonlyMap<number, Note>): Promise<void>;
  close(): Promise<void>;
}

const fileName = 'placing';
const states: ReadonlySet<unknown> = new Set<NoteState>([
  'taking',
  'reserving',
  'reserved',
  'replacing',
  'published',
  'free',
]);

export function nothingPlaced(): Placed {
  return { indexes: new Set(), namesLost: undefined };
}

/** True when an earlier run had verified everything and begun to publish it. */
export async function hasBegunPublishing(disk: Disk, stagingFolder: string): Promise<boolean> {
  return (await factsIfThere(disk, path.join(stagingFolder, fileName))) !== undefined;
}

export async function openPublishLog(
  disk: Disk,
  stagingFolder: string,
  placed: Placed = nothingPlaced(),
): Promise<PublishLog> {
  const file = path.join(stagingFolder, fileName);
  const notes = await readPublishLog(disk, stagingFolder);
  let log: Promise<DiskFile> | undefined;
  const opened = () => {
    log ??= disk.open(file, 'append').catch((error: unknown) => {
      log = undefined;
      throw error;
    });
    return log;
  };
  const close = async () => {
    const held = log;
    log = undefined;
    await (await held)?.close();
  };
  let syncing: Promise<unknown> = Promise.resolve();
  let nextSync: Promise<void> | undefined;
  /** The system forgets what it could not sync, says so once, and calls the next sync a success: the lines of all who asked are in doubt. */
  let doubt: { readonly why: unknown } | undefined;
  const syncNow = async () => {
    if (doubt !== undefined) throw doubt.why;
    const held = await opened();
    await held.sync().catch((why: unknown) => {
      doubt = { why };
      throw why;
    });
  };
  try {
    await (await opened()).sync();
    await disk.syncFolder(stagingFolder);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    notes,
    placed,
    async note(index, note) {
      // On a line of its own, whatever a full disk or a power cut left of the one before.
      await ofLog(async () => (await opened()).append(`\n${lineOf(index, note)}`));
      notes.set(index, note);
      if (note.state === 'published') placed.indexes.add(index);
    },
    sync() {
      // Many ask at once, and one sync that begins after that is enough for all of them.
      nextSync ??= syncing.then(() => {
        const sync = ofLog(syncNow);
        syncing = sync.catch(() => undefined);
        nextSync = undefined;
        return sync;
      });
      return nextSync;
    },
    async rewrite(kept) {
      // Windows replaces no file that is open, not even by the program that has it open.
      await close();
      try {
        await replaceFile(disk, file, [...kept].map(([index, note]) => lineOf(index, note)).join(''));
        doubt = undefined;
      } catch (error) {
        if (!isFull(error)) throw error;
        // Some more lines may fit where another file does not.
        await ofLog(async () => (await opened()).append(changesOf(notes, kept)));
        await ofLog(syncNow);
      }
      notes.clear();
      for (const [index, note] of kept) notes.set(index, note);
    },
    close,
  };
}

function isFull(error: unknown): boolean {
  const { code } = toDiskFault(error);
  return code === 'disk-full' || code === 'disk-quota';
}

/** Lines after which the same counts as in a log of `kept` alone. */
function changesOf(notes: ReadonlyMap<number, Note>, kept: ReadonlyMap<number, Note>): string {
  let lines = '';
  for (const [index, before] of notes) {
    const line = lineOf(index, kept.get(index) ?? { where: before.where, state: 'free' });
    if (line !== lineOf(index, before)) lines += `\n${line}`;
  }
  return lines;
}

/** What the disk says of the log is nothing that is wrong with a file for ever. */
async function ofLog<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fault = toDiskFault(error);
    if (fault.code !== 'disk-file-too-large') throw error;
    throw new Fault('disk-error', 'the log of a publishing cannot be written', { cause: error });
  }
}

export async function readPublishLog(disk: Disk, stagingFolder: string): Promise<Map<number, Note>> {
  const notes = new Map<number, Note>();
  const file = await disk.open(path.join(stagingFolder, fileName), 'read').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return notes;
  try {
    for (const line of (await textOf(file)).split('\n')) {
      const note = parseLine(line);
      if (note !== undefined) notes.set(...note);
    }
    return notes;
  } finally {
    await file.close();
  }
}

/** Throws where it is no file: what was published is not known then, and nothing may be removed. */
async function textOf(file: DiskFile): Promise<string> {
  const { kind, size } = await file.facts();
  if (kind !== 'file' || size > constants.MAX_STRING_LENGTH)
    throw new Fault('destination-refused', 'the log of a publishing is none');
  const bytes = Buffer.alloc(size);
  return bytes.toString('utf8', 0, await file.read(bytes, 0));
}

function lineOf(index: number, { where, state, old, oldIs, leftOut = [], copy, kept, ...is }: Note): string {
  const missing = leftOut.length === 0 ? undefined : leftOut;
  const line: unknown[] = [
    index,
    where,
    state,
    old,
    missing,
    copy,
    oldIs,
    kept,
    is.isOnOtherDisk && 1,
    is.isDurable && 1,
  ];
  while (line.at(-1) === undefined) line.pop();
  return `${JSON.stringify(line)}\n`;
}

/**
 * Nothing for an empty or torn last line: that name had not been taken yet. And for one that names what no line of ours does: the log lies on
 * a disk that others may have had in their hands.
 */
function parseLine(line: string): [number, Note] | undefined {
  try {
    const [index, where, state = 'taking', old, leftOut, copy, oldIs, kept, other, durable] = JSON.parse(
      line,
    ) as unknown[];
    if (typeof index !== 'number' || typeof where !== 'string' || !states.has(state)) return undefined;
    const names = [path.basename(where), ...(typeof old === 'string' ? [path.basename(old)] : [])];
    if (typeof kept === 'string') names.push(kept);
    if (names.some(leadsAway)) return undefined;
    const note = {
      // Without a step up after a link.
      where: path.normalize(where),
      state: state as NoteState,
      ...(typeof old === 'string' ? { old: path.normalize(old) } : {}),
      ...(Array.isArray(leftOut) && leftOut.length > 0 ? { leftOut: leftOut.flatMap(readLeftOut) } : {}),
      ...(isNameOfCopy(copy) ? { copy } : {}),
      ...(typeof oldIs === 'string' ? { oldIs } : {}),
      ...(typeof kept === 'string' ? { kept } : {}),
      ...(other === 1 ? { isOnOtherDisk: true as const } : {}),
      ...(durable === 1 ? { isDurable: true as const } : {}),
    };
    return [index, note];
  } catch {
    return undefined;
  }
}

function readLeftOut(raw: unknown): LeftOut {
  const [index, code] = Array.isArray(raw) ? (raw as unknown[]) : [];
  if (typeof index !== 'number') return [];
  return [[index, isFaultCode(code) ? code : 'disk-error']];
}
