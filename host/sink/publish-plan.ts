// What publishing is told, and what its two ways share.

import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import type { FaultCode } from '../../shared/model/fault.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { Disk } from '../disk/disk.ts';
import type { EarlyCreation } from './early-creation.ts';
import type { FileCreator } from './file-creator.ts';
import type { QuarantineMarks } from './quarantine-marks.ts';
import type { Staging } from './staging.ts';

export type PublishPlan = {
  readonly disk: Disk;
  readonly staging: Staging;
  readonly destination: string;
  readonly conflict: ConflictPolicy;
  readonly keepExecutable: boolean;
  readonly marks: QuarantineMarks;
  readonly entries: readonly ManifestEntry[];
  /** Selected, storable, and not failed. */
  readonly chosen: readonly PlannedEntry[];
  /** Selected and failed: some may be among the early files, and must not come into place. */
  readonly failed: readonly PlannedEntry[];
  readonly creator: FileCreator;
  readonly early: EarlyCreation;
  readonly trash: (file: string) => Promise<void>;
};

export type PublishFault = { readonly index: number; readonly code: FaultCode };

/** One top folder with all that is below it, or one file without a folder. */
export type PublishJob = {
  readonly plan: PublishPlan;
  readonly group: readonly PlannedEntry[];
  /** Where an earlier run had begun to place what. */
  readonly placed: ReadonlyMap<number, string>;
  readonly note: (index: number, where: string) => Promise<void>;
  readonly faults: PublishFault[];
};

export type PublishedGroup = { readonly count: number; readonly landedAt: string | undefined };
