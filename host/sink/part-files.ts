// Where the bytes of an incoming transfer lie until it is published: large files in numbered parts of their own, small ones
// end to end in one pack. It knows which of them must be synced, and which have lost what was written to them.

import path from 'node:path';
import { atOnce, openTurns } from '../../shared/model/at-once.ts';
import type { Layout, Span } from '../../shared/model/layout.ts';
import { openPartsMax, packedFileMaxBytes, partCallsAtOnce } from '../../shared/wire/limits.ts';
import type { Disk, DiskFile } from '../disk/disk.ts';
import { errnoOf, noBytesIfUnreadable, onDisk } from '../disk/disk-fault.ts';

export type PartPlace = { readonly part: string; readonly offset: number; readonly packed: boolean };

export interface PartFiles {
  readonly pack: string;
  whereIs(index: number): PartPlace;
  /** `received` end to end is what the spans are of. */
  write(spans: readonly Span[], received: readonly Uint8Array[]): Promise<void>;
  /** Nothing where a part is missing or too short, or the disk cannot read it there any more. */
  read(spans: readonly Span[], length: number): Promise<Uint8Array | undefined>;
  /** What was written, and the names of the files. Throws while one is in doubt: it could not be synced, now or before. */
  sync(): Promise<void>;
  /**
   * Those that the disk refused to sync, and what it said. The system forgets what was written to them since the last good sync and calls
   * the next one a success, so it has to be written again.
   */
  doubtful(): ReadonlyMap<string, unknown>;
  /** What was written to these is being written again. One that the disk refused once more since stays in doubt. */
  trust(parts: ReadonlyMap<string, unknown>): void;
  /** It could not be. */
  distrust(parts: ReadonlyMap<string, unknown>): void;
  close(): Promise<void>;
}

/** `users`: of those that work on it now. It is not closed under any of them. */
type OpenPart = { readonly opening: Promise<DiskFile>; users: number };

export function openPartFiles(disk: Disk, folder: string, layout: Layout): PartFiles {
  const pack = path.join(folder, 'small.pack');
  const places = new Map<number, PartPlace>();
  /** The one that was used last stands last. */
  const open = new Map<string, OpenPart>();
  const unsynced = new Set<string>();
  /** And what the disk said. */
  const doubtful = new Map<string, unknown>();
  /** Of parts that are being closed. A sync of all waits for them: they took what they sync out of its hands. */
  const syncing = new Set<Promise<void>>();
  /** On a share that hangs each call keeps a thread of the host. */
  const inTurn = openTurns(partCallsAtOnce);
  /** A run before this one may have been killed before it synced those that it made. */
  let hasNewNames = true;
  let packedBytes = 0;
  for (const { index, size } of layout.files) {
    if (size < packedFileMaxBytes) {
      places.set(index, { part: pack, offset: packedBytes, packed: true });
      packedBytes += size;
    } else places.set(index, { part: path.join(folder, `${index}.part`), offset: 0, packed: false });
  }

  const whereIs = (index: number): PartPlace => places.get(index) ?? { part: pack, offset: 0, packed: true };

  async function withPart<T>(part: string, work: (handle: DiskFile) => Promise<T>): Promise<T> {
    const used = open.get(part) ?? {
      opening: inTurn(() => openOrCreate(disk, part, () => (hasNewNames = true))),
      users: 0,
    };
    open.delete(part);
    open.set(part, used);
    used.opening.catch(() => open.get(part) === used && open.delete(part));
    used.users += 1;
    try {
      const handle = await used.opening;
      return await inTurn(() => work(handle));
    } finally {
      used.users -= 1;
      if (open.size > openPartsMax) await closeOldest();
    }
  }

  async function closeOldest(): Promise<void> {
    const oldest = [...open].find(([, { users }]) => users === 0);
    if (oldest === undefined) return;
    const [part, { opening }] = oldest;
    open.delete(part);
    const handle = await opening;
    if (unsynced.has(part)) {
      const sync = inTurn(() => syncOne(part, handle));
      syncing.add(sync);
      // Should it fail, the part is in doubt, and the next sync of all looks after it.
      await sync.catch(() => undefined);
      syncing.delete(sync);
    }
    await inTurn(() => handle.close());
  }

  async function syncOne(part: string, handle: DiskFile): Promise<void> {
    unsynced.delete(part);
    try {
      await handle.syncData();
    } catch (error) {
      doubtful.set(part, error);
      throw error;
    }
  }

  return {
    pack,
    whereIs,
    write: (spans, received) =>
      onDisk(async () => {
        const stretches = joined(spans, whereIs);
        // The memory that is written from is given back once this is over.
        await atOnce(stretches.length, stretches, ({ part, offset, blockOffset, length }) =>
          withPart(part, async (handle) => {
            for (let done = 0; done < length; ) {
              const left = stretchOf(received, blockOffset + done, length - done);
              done += await handle.writeParts(left, offset + done);
            }
            // Only now: a sync that is under way may have come too early for these bytes.
            unsynced.add(part);
          }),
        );
      }),
    async read(spans, length) {
      const bytes = new Uint8Array(length);
      for (const { part, offset, blockOffset, length: wanted } of joined(spans, whereIs)) {
        const into = bytes.subarray(blockOffset, blockOffset + wanted);
        const count = await withPart(part, (handle) => handle.read(into, offset).catch(noBytesIfUnreadable));
        if (count < wanted) return undefined;
      }
      return bytes;
    },
    async sync() {
      const outcomes = await Promise.allSettled([
        ...syncing,
        ...[...unsynced].map((part) => withPart(part, (handle) => syncOne(part, handle))),
      ]);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      const [why] = doubtful.values();
      if (doubtful.size > 0) throw why;
      if (!hasNewNames) return;
      hasNewNames = false;
      await disk.syncFolder(folder).catch((error: unknown) => {
        hasNewNames = true;
        throw error;
      });
    },
    doubtful: () => new Map(doubtful),
    trust(parts) {
      for (const [part, why] of parts) if (doubtful.get(part) === why) doubtful.delete(part);
    },
    distrust(parts) {
      for (const [part, why] of parts) doubtful.set(part, why);
    },
    async close() {
      const all = [...open.values()];
      open.clear();
      await Promise.all(
        all.map(({ opening }) => opening.then((handle) => inTurn(() => handle.close())).catch(() => undefined)),
      );
    },
  };
}

export async function openOrCreate(disk: Disk, file: string, onCreate?: () => void): Promise<DiskFile> {
  try {
    return await disk.open(file, 'update');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    const created = await disk.open(file, 'create');
    onCreate?.();
    return created;
  }
}

/** `length` bytes from `from` on of what the parts are end to end, uncopied. */
function stretchOf(parts: readonly Uint8Array[], from: number, length: number): Uint8Array[] {
  const stretch: Uint8Array[] = [];
  let at = 0;
  for (const part of parts) {
    const begin = Math.max(from - at, 0);
    const end = Math.min(from + length - at, part.byteLength);
    if (begin < end) stretch.push(part.subarray(begin, end));
    at += part.byteLength;
  }
  return stretch;
}

type Run = { readonly part: string; readonly offset: number; readonly blockOffset: number; length: number };

/** Neighbours in the pack become one write. */
function joined(spans: readonly Span[], whereIs: (index: number) => PartPlace): Run[] {
  const runs: Run[] = [];
  for (const span of spans) {
    const { part, offset: base } = whereIs(span.index);
    const offset = base + span.fileOffset;
    const last = runs.at(-1);
    if (
      last?.part === part &&
      last.offset + last.length === offset &&
      last.blockOffset + last.length === span.blockOffset
    ) {
      last.length += span.length;
    } else runs.push({ part, offset, blockOffset: span.blockOffset, length: span.length });
  }
  return runs;
}
