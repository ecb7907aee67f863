// The last step of an incoming transfer: the root hash is compared, files come into place, and that they did is kept until
// the other side has heard of it.

import { createHash } from 'node:crypto';
import type { CallOutput } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { Fault, isFaultCode } from '../../shared/model/fault.ts';
import { selectedIndexes } from '../../shared/model/layout.ts';
import type { EntryFault } from '../../shared/model/transfer.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk } from '../disk/disk.ts';
import { onDisk } from '../disk/disk-fault.ts';
import type { ActiveReceive } from './active-receive.ts';
import { withFailed } from './failed-files.ts';
import { isInFolder } from './pending-files.ts';
import { type Published, publish } from './publish.ts';
import type { QuarantineMarks } from './quarantine-marks.ts';
import { removeStaging } from './receive-folders.ts';
import { failedOf, type KeptReceive, type ReceiveRecords } from './receive-record.ts';

export type CommitOptions = {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly records: ReceiveRecords;
  readonly keepExecutable: () => boolean;
  readonly marks: QuarantineMarks;
  readonly trash: (file: string) => Promise<void>;
};

export type Committed = {
  readonly answer: CallOutput<EngineCalls, 'receive.commit'>;
  readonly record: KeptReceive;
  readonly landedAt: string | undefined;
};

export async function commitReceive(transfer: ActiveReceive, root: string, options: CommitOptions): Promise<Committed> {
  const { record } = transfer;
  const known = [...transfer.failed].map(([index, code]) => ({ index, code }));
  if (record.published !== undefined) return { answer: answerAgain(record, root), record, landedAt: undefined };
  if (rootOf(transfer) !== root) {
    const last = (await options.records.read(record.id)) ?? record;
    await options.records.save({ ...last, mismatches: (last.mismatches ?? 0) + 1 });
    throw new Fault('hash-mismatch', 'the whole does not match what was announced');
  }
  const writeDown = async ({ count, faults, landedAt }: Published) => {
    const kept = { ...withFailed(transfer), published: { root, count, faults: [...faults] }, updatedAtMs: Date.now() };
    await options.records.save(kept);
    return { answer: { published: count, faults: [...known, ...faults] }, record: kept, landedAt };
  };
  const committed = await onDisk(() => publishAll(transfer, options, writeDown));
  // Only now: where that could not be written, publishing is asked for again, and creates again what it could not create.
  await transfer.creator.close();
  // What cannot be removed now is removed at the next start.
  await removeStaging(options.disk, record);
  return committed;
}

/** Of one that is published: the same answer, for the same bytes. */
export function answerAgain(record: KeptReceive, root: string): Committed['answer'] {
  if (record.published?.root !== root) throw new Fault('hash-mismatch', 'something else was published');
  return { published: record.published.count, faults: publishedFaults(record) };
}

async function publishAll(
  transfer: ActiveReceive,
  { disk, clock, keepExecutable, marks, trash }: CommitOptions,
  writeDown: (published: Published) => Promise<Committed>,
): Promise<Committed> {
  const { record, staging, entries, early, creator, placed } = transfer;
  await early.stop();
  // A journal that could not be written once is written again.
  await staging.flush().catch(() => staging.flush());
  await staging.close();
  const plan = {
    disk,
    clock,
    folders: transfer.folders,
    leaving: transfer.leaving.signal,
    staging,
    destination: record.destination,
    conflict: record.conflict,
    keepExecutable: keepExecutable(),
    marks,
    entries,
    planned: transfer.planned,
    ...wantedOf(transfer),
    creator,
    early,
    placed,
    trash,
  };
  return publish(plan, writeDown);
}

export function rootOf({ layout, hashes }: ActiveReceive): string {
  if (hashes.size !== layout.blocks) throw new Fault('hash-mismatch', 'blocks are missing');
  const root = createHash('sha256');
  for (let block = 0; block < layout.blocks; block += 1) root.update(hashes.get(block)!);
  return root.digest('hex');
}

function wantedOf({ planned, record, entries, failed: faults }: ActiveReceive) {
  const [chosen, failed]: [PlannedEntry[], PlannedEntry[]] = [[], []];
  for (const index of selectedIndexes(record.selection, entries.length)) {
    const entry = planned[index];
    if (entry !== undefined && entry.refused === undefined) (faults.has(index) ? failed : chosen).push(entry);
  }
  return { chosen, failed: Map.groupBy(failed.filter(isInFolder), (entry) => entry.path[0]!) };
}

/** Of one that is published: what did not come, and what could not be put in place. */
export function publishedFaults(record: KeptReceive): EntryFault[] {
  return [...[...failedOf(record)].map(([index, code]) => ({ index, code })), ...readFaults(record)];
}

/** Of one that is published: how many were chosen. */
export function publishedFileCount(record: KeptReceive): number {
  return (record.published?.count ?? 0) + publishedFaults(record).filter(({ isFolder }) => isFolder !== true).length;
}

function readFaults({ published }: KeptReceive): EntryFault[] {
  return (published?.faults ?? []).map(({ index, code, isFolder }) => ({
    index,
    code: isFaultCode(code) ? code : 'disk-error',
    ...(isFolder === true ? { isFolder } : {}),
  }));
}
