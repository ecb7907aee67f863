// How a transfer is seen from outside the engine: by the page, the history and the tests.

import type { FaultCode } from './fault.ts';
import type { ManifestTotals } from './manifest.ts';

/** 128 random bits in lower-case hex. Names a transfer for its whole life, across links and restarts. */
export type TransferId = string;

export type Direction = 'send' | 'receive';

export const transferStates = [
  'offered',
  'waiting',
  'sending',
  'receiving',
  'paused',
  'verifying',
  'done',
  'declined',
  'cancelled',
  'failed',
] as const;
export type TransferState = (typeof transferStates)[number];

/**
 * Who or what pauses a transfer. `link` ends by itself; `disk` ends when the receiver's disk takes it again; in `cancelling` the other side
 * cancels it, and may still keep it.
 */
export type PauseCause = 'us' | 'peer' | 'cancelling' | 'link' | 'disk' | 'source';

/** Why a person pauses: to pause, or to cancel unless that is taken back. */
export type PersonPauseReason = 'person' | 'cancel';

export type FileFault = { readonly path: readonly string[]; readonly code: FaultCode };

/** By its index in the manifest. `isFolder`: it is an empty folder that could not be made, and no file. */
export type EntryFault = { readonly index: number; readonly code: FaultCode; readonly isFolder?: true };

/** Everything about a transfer that changes seldom. Counters are in TransferProgress. */
export type TransferView = {
  readonly id: TransferId;
  readonly direction: Direction;
  readonly state: TransferState;
  readonly title: string;
  readonly totals: ManifestTotals;
  /** What really travels, after the receiver's choice. Equal to totals.bytes until then. */
  readonly wantedBytes: number;
  readonly wantedFiles: number;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly pause?: PauseCause;
  readonly fault?: { readonly code: FaultCode; readonly detail?: Readonly<Record<string, number | string>> };
  readonly fileFaults: readonly FileFault[];
  readonly fileFaultCount: number;
  /** Empty folders that could not be made. Absent where all could. */
  readonly folderFaults?: { readonly count: number; readonly named: readonly FileFault[] };
  readonly skippedCount: number;
  /** Of one that was cancelled while it was being published: files that have their names and keep them. */
  readonly inPlaceCount?: number;
  /** SHA-256 over the block hashes, hex; present once verified. */
  readonly rootHash?: string;
  /** A retry or resume from this side can work. */
  readonly resumable: boolean;
};

/** Counters, sampled at about 10 Hz. `bytesDone` counts stored blocks and never goes back. */
export type TransferProgress = {
  readonly id: TransferId;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly filesDone: number;
  readonly bytesPerSecond: number;
  readonly currentPath?: readonly string[];
};

/** The direct lane among the lanes; connections of the page are numbered from one. */
export const directLaneNumber = 0;

/** Whose firewall keeps a direct lane from coming up: that of the other computer, or those of both. */
export type FirewallAt = 'there' | 'both';

export type LaneSample = { readonly lane: number; readonly bytesPerSecond: number; readonly bufferedBytes: number };
