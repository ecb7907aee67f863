// What the engine needs from outside, and nothing more: channels, the disk on either end, and time.

import type { CallInput, CallOutput } from '../shared/ipc/calls.ts';
import type { EngineCalls } from '../shared/ipc/contract.ts';
import type { FaultCode } from '../shared/model/fault.ts';

/**
 * One ordered reliable bulk channel. `send` is legal while `canSend()`, and has taken a copy when it returns; `onWritable`
 * tells when there is room again.
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

type Rest<K extends keyof EngineCalls> = Omit<CallInput<EngineCalls, K>, 'transfer'>;
type Answer<K extends keyof EngineCalls> = Promise<CallOutput<EngineCalls, K>>;

/** The files of one outgoing transfer, wherever they are. */
export interface Source {
  open(peerName: string): Answer<'send.open'>;
  reopen(): Answer<'send.reopen'>;
  manifest(from: number): Answer<'send.manifest'>;
  select(selection: Rest<'send.select'>['selection']): Promise<void>;
  read(block: number): Answer<'send.read'>;
  /** The host itself can read and send its blocks; a page's files it cannot see. */
  readonly isAtHost: boolean;
  digests(indexes: number[]): Answer<'send.digests'>;
  knownHashes(from: number, count: number): Promise<Uint8Array>;
  close(keep: boolean): Promise<void>;
}

/** The destination of one incoming transfer. `write` resolves when the block is on disk. */
export interface Sink {
  begin(input: Rest<'receive.begin'>): Promise<void>;
  entries(entries: unknown[]): Promise<void>;
  plan(): Answer<'receive.plan'>;
  candidates(from: number): Answer<'receive.candidates'>;
  compare(digests: Rest<'receive.compare'>['digests']): Answer<'receive.compare'>;
  start(leaveOut: number[]): Answer<'receive.start'>;
  /** Takes the buffer: the caller must not touch it again. */
  /** Rejects with `block-damaged` when the parts are not what `hash` says. They are given away. */
  write(
    block: number,
    parts: readonly Uint8Array<ArrayBuffer>[],
    hash: Uint8Array<ArrayBuffer>,
  ): Answer<'receive.write'>;
  fault(index: number, code: string): Promise<void>;
  commit(root: string): Answer<'receive.commit'>;
  room(): Answer<'receive.room'>;
  reopen(): Answer<'receive.reopen'>;
  close(keep: boolean): Promise<void>;
}

export interface Disk {
  /** `files` when the page holds the File objects; host items otherwise. Neither when it is reopened. */
  source(transfer: string, from: SourceFrom): Source;
  sink(transfer: string): Sink;
  claims(): Answer<'unfinished.claims'>;
  addHistory(item: CallInput<EngineCalls, 'history.add'>): Promise<void>;
}

export type PickedFile = { readonly path: readonly string[]; readonly file: unknown };
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
  meet(peer: { readonly fingerprint: string; readonly port: number; readonly address: string }): Promise<void>;
  /** Blocks with this attempt id are blocks of that transfer from now on. */
  expect(transfer: string, attempt: number): Promise<void>;
  /** Reads and sends; resolves when the lane takes more. */
  send(transfer: string, attempt: number, block: number): Promise<DirectSent>;
  close(): Promise<void>;
  onLane(listener: (at: 'up' | 'down' | 'refused') => void): void;
  onBlock(listener: (arrived: DirectArrival) => void): void;
}

export type DirectSent = {
  /** The lane was there to take it. */
  readonly isSent: boolean;
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly faults: Awaited<ReturnType<Source['read']>>['faults'];
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
