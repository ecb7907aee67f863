// What publishing is told, and what its two ways share.

import path from 'node:path';
import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import type { Clock } from '../../shared/model/clock.ts';
import type { Fault, FaultCode } from '../../shared/model/fault.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk } from '../disk/disk.ts';
import type { EarlyCreation } from './early-creation.ts';
import type { FileCreator } from './file-creator.ts';
import type { Placed, PublishLog } from './publish-log.ts';
import type { QuarantineMarks } from './quarantine-marks.ts';
import type { ReceiveFolders } from './receive-folders.ts';
import type { Staging } from './staging.ts';
import type { NextNumbers } from './take-name.ts';

export type PublishPlan = {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly staging: Staging;
  readonly folders: ReceiveFolders;
  readonly leaving: AbortSignal;
  /** Its ordinary path, for the log, the trash and what is shown. Work is done in `folders.destination`. */
  readonly destination: string;
  readonly conflict: ConflictPolicy;
  readonly keepExecutable: boolean;
  readonly marks: QuarantineMarks;
  readonly entries: readonly ManifestEntry[];
  readonly planned: readonly PlannedEntry[];
  /** Selected, storable, and not failed. */
  readonly chosen: readonly PlannedEntry[];
  /** Selected and failed, by the folder at the top: some may have been created early, and must not be published. */
  readonly failed: ReadonlyMap<string, readonly PlannedEntry[]>;
  readonly creator: FileCreator;
  readonly early: EarlyCreation;
  readonly placed: Placed;
  readonly trash: (file: string) => Promise<void>;
};

/** One top folder with all that is below it, or all files without a folder. */
export type PublishJob = {
  readonly plan: PublishPlan;
  readonly group: readonly PlannedEntry[];
  readonly log: PublishLog;
  /** Files and empty folders that can never be published here, by index. */
  readonly faults: Map<number, FaultCode>;
  /** What this attempt could not publish, and why; it is tried again. */
  readonly waiting: Map<number, Fault>;
  /** Where the wanted name itself seems to be the trouble. */
  readonly otherName: boolean;
  /** The keys of the names that this transfer has given, or is about to give: none of its files replaces another one. */
  readonly ownNames: Set<string>;
  /** Of this attempt. */
  readonly nextNumbers: NextNumbers;
};

const permanent: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'disk-name-too-long',
  'disk-file-too-large',
  'name-refused',
  'destination-refused',
  'journal-damaged',
]);
const everybodys: ReadonlySet<FaultCode> = new Set<FaultCode>(['disk-full', 'disk-quota']);

/** One file's trouble is that file's, and the rest go on. A full disk is everybody's and is thrown. */
export function noteTrouble({ faults, waiting }: PublishJob, index: number, fault: Fault): void {
  if (everybodys.has(fault.code)) throw fault;
  if (permanent.has(fault.code)) faults.set(index, fault.code);
  else waiting.set(index, fault);
}

/** An empty folder holds nothing that anybody waits for: tried for as long as files are, and then told. */
export function noteFolderTrouble(job: PublishJob, index: number, fault: Fault): void {
  if (job.otherName && !everybodys.has(fault.code)) job.faults.set(index, fault.code);
  else noteTrouble(job, index, fault);
}

export function isOver({ log, faults }: PublishJob, index: number): boolean {
  return faults.has(index) || log.notes.get(index)?.state === 'published';
}

/** Of the entry under which the log speaks of a folder that comes whole: the first that was chosen then. It may have failed since. */
export function treeIndex({ plan, group, log }: PublishJob): number {
  const first = group[0]!;
  const all = [...group, ...(plan.failed.get(first.path[0]!) ?? [])];
  const isNoted = ({ index }: PlannedEntry) => path.dirname(log.notes.get(index)?.where ?? '') === plan.destination;
  return (all.find(isNoted) ?? first).index;
}

export type PublishedGroup = { readonly count: number; readonly landedAt: string | undefined };
