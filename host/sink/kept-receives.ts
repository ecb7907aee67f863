// Incoming transfers that are kept on the disk from one run to the next: their folders are opened again, or they are thrown
// away with all that they left behind.

import { Fault } from '../../shared/model/fault.ts';
import type { Disk } from '../disk/disk.ts';
import { nameTargetOf } from './disk-name-rules.ts';
import { planInSlices } from './plan-in-slices.ts';
import { hasBegunPublishing } from './publish-log.ts';
import { createStaging, openReceiveFolders, type ReceiveFolders, removeStaging } from './receive-folders.ts';
import type { KeptReceive, Leftovers, ReceiveRecords } from './receive-record.ts';
import { undoReservations } from './settle-publish-log.ts';

export type WithFolders = { readonly record: KeptReceive; readonly folders: ReceiveFolders };

export class KeptReceives {
  readonly #disk: Disk;
  readonly #records: ReceiveRecords;

  constructor(disk: Disk, records: ReceiveRecords) {
    this.#disk = disk;
    this.#records = records;
  }

  /** A staging folder that is gone while its disk is here was lost: everything is received again, into a new one. */
  async openFolders(record: KeptReceive): Promise<WithFolders> {
    const folders = await openReceiveFolders(this.#disk, record);
    if (folders !== undefined) return { record, folders };
    const { id, destination } = record;
    const fresh = await createStaging(this.#disk, destination, (note) => this.#records.noteStaging(id, note));
    const renewed = { ...record, ...fresh };
    await this.#records.save(renewed);
    const opened = await openReceiveFolders(this.#disk, renewed);
    if (opened === undefined) throw new Fault('disk-gone', 'the folder is gone');
    return { record: renewed, folders: opened };
  }

  /** What cannot be removed now is removed at a later start. */
  async throwAway(record: KeptReceive): Promise<void> {
    await this.#undoPublishing(record).catch(() => undefined);
    if (await removeStaging(this.#disk, record)) await this.#records.forget(record.id);
    else await this.#records.save({ ...record, discarded: true });
  }

  /** What was thrown away or published and could not be removed then, and staging folders that no record names. */
  async removeLeftovers({ records, orphans }: Leftovers): Promise<void> {
    for (const orphan of orphans) {
      if (await removeStaging(this.#disk, orphan)) await this.#records.forget(orphan.id);
    }
    for (const record of records) {
      if (record.discarded) await this.throwAway(record);
      else if (record.published !== undefined) await removeStaging(this.#disk, record);
    }
  }

  async #undoPublishing(record: KeptReceive): Promise<void> {
    const folders = await openReceiveFolders(this.#disk, record);
    if (folders === undefined) return;
    try {
      if (!(await hasBegunPublishing(this.#disk, folders.staging))) return;
      const target = await nameTargetOf(this.#disk, record.destination);
      const planned = await planInSlices(await this.#records.entries(record.id), target);
      await undoReservations({ disk: this.#disk, planned, destination: record.destination, folders });
    } finally {
      await folders.close();
    }
  }
}
