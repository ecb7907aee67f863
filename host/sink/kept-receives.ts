// Incoming transfers that are kept on the disk from one run to the next: their folders are opened again, or they are thrown
// away with all that they left behind.

import { randomBytes } from 'node:crypto';
import type { UnfinishedView } from '../../shared/ipc/views.ts';
import { openTurns } from '../../shared/model/at-once.ts';
import { Fault } from '../../shared/model/fault.ts';
import { selectedIndexes } from '../../shared/model/layout.ts';
import { blockBytes, keptViewsAtOnce, publishedKeptMs } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-fault.ts';
import { countClaimed } from './block-journal.ts';
import { nameTargetOf } from './disk-name-rules.ts';
import { planInSlices } from './plan-in-slices.ts';
import { hasBegunPublishing, openPublishLog } from './publish-log.ts';
import { publishedFiles } from './published-files.ts';
import { createStaging, openReceiveFolders, type ReceiveFolders, removeStaging } from './receive-folders.ts';
import { failedOf, type KeptReceive, type Leftovers, type Orphan, type ReceiveRecords } from './receive-record.ts';
import { putAwayReplaced } from './replaced-files.ts';
import { undoReservations } from './settle-publish-log.ts';

/** One of which publishing may have begun. */
type Begun = Pick<KeptReceive, 'id' | 'destination' | 'staging' | 'pins'>;

export type WithFolders = { readonly record: KeptReceive; readonly folders: ReceiveFolders };

export type KeptView = UnfinishedView & {
  readonly secret: string;
  readonly isLive: boolean;
  readonly isPublished: boolean;
};

/** What its record alone says of one. */
export type KeptClaim = Pick<KeptView, 'id' | 'secret' | 'direction' | 'updatedAtMs' | 'isPublished'>;

/** Does the work while nobody takes this transfer up, and not where somebody has. */
type UnlessBusy = (id: string, work: () => Promise<void>) => Promise<void>;

type Trash = (file: string) => Promise<void>;

/** The files that have their names, by index, and whether nothing is left to be undone. */
type Undone = { readonly inPlace: readonly number[]; readonly isUndone: boolean };
const nothingToUndo: Undone = { inPlace: [], isUndone: true };

export class KeptReceives {
  readonly #disk: Disk;
  readonly #records: ReceiveRecords;
  readonly #trash: Trash;
  readonly #inTurn = openTurns(keptViewsAtOnce);

  constructor(disk: Disk, records: ReceiveRecords, trash: Trash) {
    this.#disk = disk;
    this.#records = records;
    this.#trash = trash;
  }

  /** What is under way included, and what is in place but whose sender has not heard of it: for a while. */
  async list(isLive: (id: string) => boolean): Promise<KeptView[]> {
    const all = await this.#all();
    const old = all.filter((record) => !isLive(record.id) && isLongPublished(record));
    // One that cannot be forgotten now is asked for again with the next list.
    for (const record of old) await this.#throwAwaySame(record).catch(() => undefined);
    const kept = all.filter((record) => !old.includes(record));
    return Promise.all(kept.map((record) => this.#inTurn(() => this.#view(record, isLive(record.id)))));
  }

  /** The same, of whatever disks: one that hangs keeps nobody from these. */
  async claims(isLive: (id: string) => boolean): Promise<KeptClaim[]> {
    const kept = (await this.#all()).filter((record) => isLive(record.id) || !isLongPublished(record));
    return kept.map(({ id, secret, updatedAtMs, published }) => {
      return { id, secret, updatedAtMs, direction: 'receive', isPublished: published !== undefined };
    });
  }

  async #all(): Promise<KeptReceive[]> {
    return (await this.#records.list()).filter(({ discarded }) => discarded === undefined);
  }

  /** Everything had arrived and was compared as a whole, and publishing it had begun. */
  async isReady(record: KeptReceive): Promise<boolean> {
    if (record.published !== undefined || record.discarded || isDoubted(record)) return false;
    return hasBegunPublishing(this.#disk, record.staging).catch(() => false);
  }

  /**
   * A staging folder that is gone while its disk is here was lost: everything is received again, into a new one. The same where what is held
   * is doubted, and then nothing is believed of it any more.
   */
  async openFolders(record: KeptReceive): Promise<WithFolders> {
    const folders = await openReceiveFolders(this.#disk, record);
    if (folders !== undefined && !isDoubted(record)) return { record, folders };
    await folders?.close();
    const { mismatches, failed, ...believed } = record;
    const renewed = await this.move(isDoubted(record) ? believed : record, record.destination);
    const opened = await openReceiveFolders(this.#disk, renewed);
    if (opened === undefined) throw new Fault('disk-gone', 'the folder is gone');
    return { record: renewed, folders: opened };
  }

  /** What had arrived lies where it was put, and its disk is here. */
  async isThere(record: KeptReceive): Promise<boolean> {
    const folders = await openReceiveFolders(this.#disk, record).catch(() => undefined);
    await folders?.close();
    return folders !== undefined;
  }

  /**
   * Everything is received again, into the other folder. What is in the one before is undone and removed, now or at a later start: it is
   * noted with the new one, and the list is the same.
   */
  async move(record: KeptReceive, destination: string): Promise<KeptReceive> {
    const { id } = record;
    const fresh = await createStaging(this.#disk, destination, (note) => this.#records.noteStaging(id, note));
    const moved = { ...record, ...fresh, destination, updatedAtMs: Date.now() };
    await this.#records.save(moved);
    await this.#leave(record).catch(() => undefined);
    return moved;
  }

  /** What cannot be undone now is kept as one that was thrown away: this transfer may be over, and forgotten, before that can be done. */
  async #leave(record: KeptReceive): Promise<void> {
    const { isUndone } = await this.#undoPublishing(record);
    const { id, staging, pins } = record;
    if (isUndone) {
      if (await removeStaging(this.#disk, record)) await this.#records.forgetStaging(id, staging);
      return;
    }
    const before = randomBytes(16).toString('hex');
    await this.#records.saveEntries(before, await this.#records.entries(id));
    if (pins !== undefined) await this.#records.noteStaging(before, { staging, ...pins });
    await this.#records.save({ ...record, id: before, discarded: true });
  }

  /** What cannot be removed now is removed at a later start. Answers with how many files have their names, and keep them. */
  async throwAway(record: KeptReceive): Promise<number> {
    const discarded: KeptReceive = { ...record, discarded: true };
    // Before anything is removed: ended in the middle, it must not come back with what is left. A full data folder keeps nobody from it.
    const isMarked = record.discarded || (record.published === undefined && (await this.#isSaved(discarded)));
    const { inPlace, isUndone } = record.isCleared ? nothingToUndo : await this.#undoPublishing(record);
    // What could not be undone is known by the staging folder alone: an old file that stepped aside would never get its name back.
    const isGone = isUndone && (await this.#removeStagings(record));
    if (isGone) await this.#records.forget(record.id);
    else if (!isMarked) await this.#records.save(discarded);
    return chosenAmong(inPlace, record);
  }

  #isSaved(record: KeptReceive): Promise<boolean> {
    return this.#records.save(record).then(
      () => true,
      () => false,
    );
  }

  /** What was thrown away or published and could not be removed then, and staging folders that no record names. */
  async removeLeftovers({ records, orphans }: Leftovers, unlessBusy: UnlessBusy): Promise<void> {
    // One that has to wait holds up no other, least of all on a full disk.
    const tryTo = (id: string, work: () => Promise<void>) => unlessBusy(id, work).catch(() => undefined);
    for (const [id, own] of Map.groupBy(orphans, (orphan) => orphan.id)) {
      await tryTo(id, () => this.#removeOrphans(id, own));
    }
    for (const record of records) {
      if (record.discarded) await tryTo(record.id, () => this.#throwAwaySame(record));
      // One that is forgotten with the next list is not written down once more.
      else if (isLongPublished(record)) await removeStaging(this.#disk, record);
      else if (record.published !== undefined) await tryTo(record.id, () => this.clear(record.id));
    }
  }

  /**
   * Of one that is published, and whose sender has not heard of it: what is left of its staging folder goes. That is written down, for its
   * folder or its disk may be away for ever when the record is to go.
   */
  async clear(id: string): Promise<void> {
    const record = await this.#records.read(id);
    if (record?.published === undefined || record.isCleared) return;
    if (await removeStaging(this.#disk, record)) await this.#records.save({ ...record, isCleared: true });
  }

  /** The same transfer may have been offered and begun anew since it was found: into another staging folder. */
  async #throwAwaySame({ id, staging }: KeptReceive): Promise<void> {
    const record = await this.#records.read(id);
    if (record?.staging === staging) await this.throwAway(record);
  }

  /** The same holds of these. */
  async #removeOrphans(id: string, orphans: readonly Orphan[]): Promise<void> {
    const record = await this.#records.read(id);
    let isAllGone = true;
    for (const orphan of orphans) {
      if (orphan.staging !== record?.staging && !(await this.#removeOther(orphan))) isAllGone = false;
    }
    if (record === undefined && isAllGone) await this.#records.forget(id);
  }

  /** Its own and those of attempts before it that came to nothing. False when one has to wait. */
  async #removeStagings(record: KeptReceive): Promise<boolean> {
    const noted = await this.#records.notedStagings(record.id).catch(() => undefined);
    const earlier = noted?.filter(({ staging }) => staging !== record.staging);
    // Only these can be another transfer's by now. Every record is read for that: with each of many that go it would take long.
    const used =
      earlier?.length === 0
        ? new Set<string>()
        : await this.#records.stagingsOfOthers(record.id).catch(() => undefined);
    if (earlier === undefined || used === undefined) return false;
    let isAllGone = record.isCleared === true || (await removeStaging(this.#disk, record));
    for (const each of earlier) {
      if (!used.has(each.staging) && !(await this.#removeOther(each))) isAllGone = false;
    }
    return isAllGone;
  }

  /** Of the same transfer, before it went to another folder or was begun anew: publishing may have begun there as well. */
  async #removeOther(orphan: Orphan): Promise<boolean> {
    const { isUndone } = await this.#undoPublishing(orphan);
    return isUndone && removeStaging(this.#disk, orphan);
  }

  async #view(record: KeptReceive, isLive: boolean): Promise<KeptView> {
    const { id, secret, title, peerName, published, wantedBytes, totals, staging, updatedAtMs } = record;
    const claimed = await countClaimed(this.#disk, staging, Math.ceil(wantedBytes / blockBytes));
    return {
      ...{ id, secret, title, peerName, updatedAtMs, isLive },
      direction: 'receive',
      bytesDone: Math.min(wantedBytes, claimed * blockBytes),
      bytesTotal: wantedBytes,
      files: totals.files,
      isPublished: published !== undefined,
      ...((await this.isReady(record)) ? { isReady: true } : {}),
    };
  }

  async #undoPublishing(kept: Begun): Promise<Undone> {
    let folders: ReceiveFolders | undefined;
    try {
      folders = await openReceiveFolders(this.#disk, kept);
      return folders === undefined ? nothingToUndo : await this.#undoIn(folders, kept);
    } catch {
      return { inPlace: [], isUndone: false };
    } finally {
      await folders?.close();
    }
  }

  async #undoIn(folders: ReceiveFolders, { id, destination }: Begun): Promise<Undone> {
    const disk = this.#disk;
    if (!(await hasBegunPublishing(disk, folders.staging))) return nothingToUndo;
    const entries = await this.#records.entries(id).catch((error: unknown) => {
      if (isLost(error)) return undefined;
      throw error;
    });
    if (entries === undefined) return nothingToUndo;
    const planned = await planInSlices(entries, await nameTargetOf(disk, destination));
    const interrupted = { disk, planned, destination, folders, trash: this.#trash };
    const log = await openPublishLog(disk, folders.staging);
    try {
      const found = await undoReservations(interrupted, log);
      // That it is done needs no line: the log goes next, and the disk may be full.
      const left = await putAwayReplaced(interrupted, found, async (index, note) => {
        if (note.kept !== undefined) await log.note(index, note);
      });
      const published = publishedFiles(interrupted, found, entries);
      const inPlace = planned.filter(({ kind, index }) => kind === 'file' && published.has(index));
      return { inPlace: inPlace.map(({ index }) => index), isUndone: left.size === 0 };
    } finally {
      await log.close();
    }
  }
}

function chosenAmong(inPlace: readonly number[], record: KeptReceive): number {
  const failed = failedOf(record);
  const chosen = new Set(selectedIndexes(record.selection, (inPlace.at(-1) ?? -1) + 1));
  return inPlace.filter((index) => chosen.has(index) && !failed.has(index)).length;
}

/** A list that is gone or damaged for good: nobody knows any more which names were to be taken. */
function isLost(error: unknown): boolean {
  return error instanceof Fault || error instanceof SyntaxError || errnoOf(error) === 'ENOENT';
}

/** After the first one the sender looks whether its own records are wrong. */
const mismatchesMax = 2;

/**
 * The sender read all of it again, and the whole still does not match: its file changed, and what is held here is of the file as it was.
 * Only everything anew can match.
 */
function isDoubted({ mismatches = 0 }: KeptReceive): boolean {
  return mismatches >= mismatchesMax;
}

function isLongPublished({ published, updatedAtMs }: KeptReceive): boolean {
  return published !== undefined && Date.now() - updatedAtMs > publishedKeptMs;
}
