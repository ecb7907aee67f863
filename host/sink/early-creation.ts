// Small files, made in the staging folder as soon as they are whole, while the rest still travels: publishing then is one
// sync and one rename. Nothing depends on it. What could not be made early, for want of room or for any other reason, is
// made when it is published; and what an earlier run made is thrown away when its transfer is opened again, because
// nobody has proven it since.

import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import { filesMadeAtOnce, filesMadeBehindMax, syncEveryFiles } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { toDiskFault } from '../disk/disk-fault.ts';
import { lossesOf, syncWhole } from '../disk/sync-together.ts';
import { foldersIn } from './disk-path.ts';
import type { FileCreator } from './file-creator.ts';
import { type PendingKind, pendingFolder, pendingKindFor, pendingPath, toCreate } from './pending-files.ts';
import type { QuarantineMarks } from './quarantine-marks.ts';
import type { Staging } from './staging.ts';

export interface EarlyCreation {
  readonly keepExecutable: boolean;
  /** These have all their bytes now. */
  whole(indexes: readonly number[]): void;
  /** Room on the disk beyond what is still to come: what lies in the pack will lie there a second time. */
  allow(spareBytes: number): void;
  /** Resolves when not too many are behind: progress that is shown should not end long before the work does. */
  caughtUp(): Promise<void>;
  /** Once the ones under way are created. Then none are begun any more. */
  stop(): Promise<void>;
  isCreated(index: number, kind: PendingKind, keepExecutable: boolean): boolean;
  /** These were created by publishing, as `keepExecutable` says now. */
  created(indexes: readonly number[], kind: PendingKind): void;
  /** These are not where they were created. */
  left(indexes: readonly number[]): void;
  /** The disk lost something: everything is created again. */
  forget(): void;
  /** No whole sync failed since it was last asked what is created, another transfer's included. */
  isIntact(): boolean;
}

export type EarlyOptions = {
  readonly disk: Disk;
  readonly staging: Staging;
  readonly creator: FileCreator;
  readonly entries: readonly ManifestEntry[];
  readonly planned: readonly PlannedEntry[];
  readonly destination: string;
  readonly conflict: ConflictPolicy;
  readonly keepExecutable: boolean;
  readonly marks: QuarantineMarks;
  /** Whole from the beginning. */
  readonly empty: readonly number[];
  /** Small files with bytes. */
  readonly packed: readonly number[];
};

export function openEarlyCreation(options: EarlyOptions): EarlyCreation {
  const { disk, staging, creator, entries, planned, empty, keepExecutable } = options;
  const isPacked = new Set(options.packed);
  const created = new Map<number, PendingKind>();
  const tops = new Map<string, PendingKind>();
  const folders = new Set<string>();
  let bytesLeft = options.packed.reduce((sum, index) => sum + onDiskBytes(sizeOf(index)), 0);
  let waiting: number[] = [];
  let emptyDone = 0;
  let unsynced = 0;
  let isSyncing = false;
  let syncing: Promise<void> = Promise.resolve();
  /** How often the disk lost something, as far as this transfer knows, and as far as anybody was told. */
  let losses = 0;
  let lossesKnown = lossesOf(disk);
  let isAllowed = false;
  let isStopped = false;
  let batch: Promise<void> | undefined;
  let running: Promise<void> | undefined;

  function sizeOf(index: number): number {
    return planned[index]?.size ?? 0;
  }

  /** In the order in which they lie in the pack. Empty files when there is nothing better to do. */
  function next(): number[] {
    if (!isAllowed || isStopped) return [];
    if (waiting.length > 0) return waiting.splice(0, filesMadeAtOnce).sort((a, b) => a - b);
    const some = empty.slice(emptyDone, emptyDone + filesMadeAtOnce);
    emptyDone += some.length;
    return some;
  }

  async function kindOfTop(entry: PlannedEntry): Promise<PendingKind> {
    const top = entry.path.length > 1 ? entry.path[0]! : '';
    const known = tops.get(top) ?? (await pendingKindFor(options.disk, entry, options));
    tops.set(top, known);
    return known;
  }

  async function createSome(indexes: readonly number[]): Promise<void> {
    forgetLost();
    const lossesBefore = losses;
    const files = [];
    const inTree = [];
    const needed = new Set<string>();
    for (const index of indexes) {
      const [entry, where] = [entries[index], planned[index]];
      if (entry?.kind !== 'file' || where === undefined) continue;
      const kind = await kindOfTop(where);
      needed.add(pendingFolder(staging, kind));
      if (kind === 'tree') inTree.push(where);
      const target = pendingPath(staging, kind, where);
      files.push({ index, kind, create: toCreate(staging, target, entry, { index, keepExecutable }) });
    }
    for (const folder of foldersIn(pendingFolder(staging, 'tree'), inTree)) needed.add(folder);
    const batch = {
      pack: staging.packFile,
      folders: [...needed].filter((folder) => !folders.has(folder)),
      files: files.map(({ create }) => create),
      beside: options.marks.beside,
    };
    const notCreated = new Map(await creator.create(batch));
    for (const folder of needed) folders.add(folder);
    forgetLost();
    for (const [at, { index, kind }] of files.entries()) {
      bytesLeft -= onDiskBytes(sizeOf(index));
      // What was written while the disk lost something may be among it.
      if (!notCreated.has(at) && losses === lossesBefore) created.set(index, kind);
    }
    unsynced += files.length;
    syncSoon();
    if ([...notCreated.values()].some(isFull)) isStopped = true;
  }

  /** The one sync that publishing waits for has less to do when most of it is on the disk already. */
  function syncSoon(): void {
    if (unsynced < syncEveryFiles || isSyncing) return;
    unsynced = 0;
    isSyncing = true;
    syncing = syncWhole(disk, staging.folder)
      // The system forgets what it could not write, and calls the next sync a success: everything is created again.
      .then(() => undefined, forget)
      .finally(() => {
        isSyncing = false;
      });
  }

  function forget(): void {
    losses += 1;
    lossesKnown = lossesOf(disk);
    created.clear();
  }

  function isIntact(): boolean {
    return lossesKnown === lossesOf(disk);
  }

  /** What another transfer was told of may have been lost here. */
  function forgetLost(): void {
    if (!isIntact()) forget();
  }

  async function run(first: readonly number[]): Promise<void> {
    for (let some = first; some.length > 0; some = next()) {
      // Publishing will meet the same trouble and say what it is.
      batch = createSome(some).catch(() => {
        isStopped = true;
      });
      await batch;
    }
    running = undefined;
  }

  function begin(): void {
    if (running !== undefined) return;
    const first = next();
    if (first.length > 0) running = run(first);
  }

  return {
    keepExecutable,
    whole(indexes) {
      for (const index of indexes) if (isPacked.has(index)) waiting.push(index);
      begin();
    },
    allow(spareBytes) {
      isAllowed = spareBytes >= bytesLeft;
      begin();
    },
    async caughtUp() {
      while (waiting.length > filesMadeBehindMax && running !== undefined) await batch;
    },
    async stop() {
      isStopped = true;
      await running;
      await syncing;
      waiting = [];
    },
    isCreated(index, kind, executableToo) {
      forgetLost();
      const entry = entries[index];
      const isAsWanted = executableToo === keepExecutable || (entry?.kind === 'file' && !entry.executable);
      return isAsWanted && created.get(index) === kind;
    },
    created(indexes, kind) {
      for (const index of indexes) created.set(index, kind);
    },
    left(indexes) {
      for (const index of indexes) created.delete(index);
    },
    forget,
    isIntact,
  };
}

function isFull(errno: string): boolean {
  const { code } = toDiskFault({ code: errno });
  return code === 'disk-full' || code === 'disk-quota';
}

/** Disks give room in pieces; this is the usual one. */
function onDiskBytes(size: number): number {
  return Math.ceil(size / 4096) * 4096;
}
