// What the engine needs from outside, and nothing more: channels, the disk on either end, and time (`shared/model/clock.ts`).

import type { OfferPlan } from '../shared/ipc/views.ts';
import type { FaultCode } from '../shared/model/fault.ts';
import type { IndexRange, ManifestEntry, ManifestTotals, Selection, SkippedEntry } from '../shared/model/manifest.ts';
import type { Direction, EntryFault, FirewallAt, TransferId } from '../shared/model/transfer.ts';

/**
 * A lane whose bytes pass through the engine: one ordered reliable bulk channel. `send` is legal while `canSend()`, and has
 * taken a copy when it returns; `onWritable` tells when there is room again. A lane whose bytes the host carries is another
 * port; docs/ARCHITECTURE.md says where it joins the scheduler.
 */
export interface Lane {
  readonly maxMessageBytes: number;
  canSend(): boolean;
  send(message: Uint8Array<ArrayBuffer>): void;
  bufferedBytes(): number;
  onWritable(listener: () => void): void;
  onMessage(listener: (message: Uint8Array<ArrayBuffer> | string) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

export interface ControlChannel {
  isOpen(): boolean;
  send(text: string): void;
  bufferedBytes(): number;
  /** The buffer has run low again. */
  onWritable(listener: () => void): () => void;
  onOpen(listener: () => void): void;
  onMessage(listener: (message: string | Uint8Array<ArrayBuffer>) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** A fault of one file, by its index in the manifest. */
export type IndexedFault = { readonly index: number; readonly code: FaultCode };

type FileList = { readonly title: string; readonly totals: ManifestTotals };

/** `selection`: what the receiver chose in an earlier attempt. `root`: the hash over that, once it was announced. */
export type KeptSource = FileList & { readonly selection?: Selection; readonly root?: string };

export type SourceBlock = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
  /** Files of this block that cannot be read. Their bytes are zeros. */
  readonly faults: readonly IndexedFault[];
};

/** The files of one outgoing transfer, wherever they are. */
export interface Source {
  /** `skipped`: the first of those that are not sent. */
  open(
    peerName: string,
  ): Promise<FileList & { readonly skipped: readonly SkippedEntry[]; readonly skippedCount: number }>;
  reopen(): Promise<KeptSource>;
  manifest(from: number): Promise<{ readonly entries: readonly ManifestEntry[]; readonly next: number | null }>;
  select(selection: Selection): Promise<void>;
  read(block: number): Promise<SourceBlock>;
  /**
   * Reads the block and sends it over the direct lane of the hosts; resolves when that takes more. Not sent once the attempt is over: by
   * then the lane may lead to another computer.
   */
  sendDirect(attemptId: number, block: number, signal: AbortSignal): Promise<DirectSent>;
  /** A small picture of the file, in base64, where it is one. Absent where nothing can draw. */
  thumbnail?(index: number): Promise<string | undefined>;
  /** SHA-256 of whole files in hex; null where there is none. */
  digests(indexes: readonly number[]): Promise<readonly (string | null)[]>;
  /** Hashes of blocks that were read before, laid end to end. 32 zero bytes stand for "not known". */
  knownHashes(from: number, count: number): Promise<Uint8Array>;
  /** The hash over everything is kept with the transfer, before the receiver is told. */
  keepRoot(root: string): Promise<void>;
  close(keep: boolean): Promise<void>;
}

/** `published`: everything is in place already, how many files were chosen, and what was wrong with them. */
export type KeptSink = FileList & {
  readonly published?: { readonly root: string; readonly files: number; readonly faults: readonly EntryFault[] };
};

export type StartedSink = {
  readonly selection: Selection;
  readonly totalBytes: number;
  /** Files that were chosen. */
  readonly files: number;
  /** Blocks that are held and proven. */
  readonly have: readonly IndexRange[];
};

/** The destination of one incoming transfer. */
export interface Sink {
  begin(offer: { readonly secret: string; readonly peerName: string; readonly checked: boolean }): Promise<void>;
  entries(entries: readonly unknown[]): Promise<void>;
  plan(): Promise<OfferPlan>;
  /** Entries that may be there already. */
  candidates(from: number): Promise<{ readonly indexes: readonly number[]; readonly next: number | null }>;
  compare(
    digests: readonly { readonly index: number; readonly sha256: string }[],
  ): Promise<{ readonly same: readonly number[] }>;
  start(leaveOut: readonly number[]): Promise<StartedSink>;
  /**
   * Resolves when the block is on disk, rejects with `block-damaged` when the parts are not what `hash` says. The parts are
   * given away: the caller must not touch them again.
   */
  write(
    block: number,
    parts: readonly Uint8Array<ArrayBuffer>[],
    hash: Uint8Array<ArrayBuffer>,
  ): Promise<{ readonly filesDone: number }>;
  fault(index: number, code: FaultCode): Promise<void>;
  commit(root: string): Promise<{ readonly faults: readonly EntryFault[] }>;
  room(): Promise<{ readonly neededBytes: number; readonly freeBytes: number }>;
  reopen(): Promise<KeptSink>;
  /** `inPlace`: files of one that is thrown away that have their names already, and keep them. */
  close(keep: boolean): Promise<{ readonly inPlace: number }>;
}

/** An unfinished transfer that the host keeps, or kept until a person discarded it. */
export type KeptTransfer = {
  readonly id: TransferId;
  readonly secret: string;
  readonly direction: Direction;
  readonly isDiscarded?: true;
};

export type FinishedTransfer = {
  readonly transfer: TransferId;
  readonly direction: Direction;
  readonly title: string;
  readonly peerName: string;
  readonly checked: boolean;
  readonly bytes: number;
  readonly files: number;
  readonly missing?: number;
  readonly missingFolders?: number;
  readonly state: 'done' | 'declined' | 'cancelled' | 'failed';
  readonly rootHash?: string;
};

export interface Disk {
  source(transfer: TransferId, from: SourceFrom): Source;
  sink(transfer: TransferId): Sink;
  /** The newest first. */
  claims(): Promise<readonly KeptTransfer[]>;
  addHistory(item: FinishedTransfer): Promise<void>;
}

export type PickedFile = { readonly path: readonly string[]; readonly file: unknown };
/** `files` when the page holds the File objects; host items otherwise. `kept` is reopened, not opened. */
export type SourceFrom =
  | { readonly is: 'items'; readonly secret: string; readonly items: readonly string[] }
  | {
      readonly is: 'files';
      readonly secret: string;
      readonly files: readonly PickedFile[];
      readonly emptyFolders: readonly (readonly string[])[];
    }
  | { readonly is: 'kept' };

/** The direct lane as the host carries it: blocks go from host to host, and the engine only says which. */
export interface DirectHost {
  /** Where the other host finds this one; nothing where the person turned direct lanes off. */
  listen(): Promise<{ readonly fingerprint: string; readonly port: number } | null>;
  /** Without an address the other side can only be let in. */
  meet(peer: { readonly fingerprint: string; readonly port: number; readonly address?: string }): Promise<void>;
  /** Blocks with this attempt id are blocks of that transfer from now on. */
  expect(transfer: TransferId, attempt: number): Promise<void>;
  /** Closes the connection, not the listening. */
  drop(): Promise<void>;
  close(): Promise<void>;
  onLane(listener: (at: 'up' | 'down' | 'refused') => void): void;
  /** The other host was dialled in vain. */
  onBlocked(listener: (at: FirewallAt) => void): void;
  onBlock(listener: (arrived: DirectArrival) => void): void;
}

export type DirectSent = {
  /** The lane was there to take it. */
  readonly isSent: boolean;
  /** None where the block was not read, because the lane was gone before. */
  readonly hash: Uint8Array<ArrayBuffer> | undefined;
  /** Files of this block that cannot be read. */
  readonly faults: readonly IndexedFault[];
};

export type DirectArrival = {
  readonly attempt: number;
  readonly block: number;
  readonly hash: Uint8Array<ArrayBuffer>;
  /** `unexpected`: the host was not told of the attempt yet, and kept nothing. */
  readonly outcome:
    | { readonly is: 'stored'; readonly filesDone: number }
    | { readonly is: 'fault'; readonly code: FaultCode }
    | { readonly is: 'unexpected' };
};
