// What publishing is told, and what its two ways of bringing files into place share.

import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import type { FaultCode } from '../../shared/model/fault.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { PlannedEntry } from '../../shared/model/wire-path.ts';
import type { ArrivalMarks } from './arrival-marks.ts';
import type { EarlyFiles } from './early-files.ts';
import type { FileMaker } from './make-files.ts';
import type { Staging } from './staging.ts';

export type PublishPlan = {
  readonly staging: Staging;
  readonly destination: string;
  readonly conflict: ConflictPolicy;
  readonly keepExecutable: boolean;
  readonly marks: ArrivalMarks;
  readonly entries: readonly ManifestEntry[];
  /** Selected, storable, and not failed. */
  readonly chosen: readonly PlannedEntry[];
  /** Selected and failed: some may be among the early files, and must not come into place. */
  readonly failed: readonly PlannedEntry[];
  readonly maker: FileMaker;
  readonly early: EarlyFiles;
  readonly trash: (file: string) => Promise<void>;
};

export type PlaceFault = { readonly index: number; readonly code: FaultCode };

/** One top folder with all that is below it, or one file without a folder. */
export type PlaceJob = {
  readonly plan: PublishPlan;
  readonly group: readonly PlannedEntry[];
  /** Where an earlier run had begun to place what. */
  readonly placed: ReadonlyMap<number, string>;
  readonly note: (index: number, where: string) => Promise<void>;
  readonly faults: PlaceFault[];
};

export type Placed = { readonly count: number; readonly landedAt: string | undefined };
