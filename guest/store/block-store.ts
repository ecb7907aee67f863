// The port to where the blocks of incoming transfers lie until the person saves the files. One adapter for each thing that
// browsers have; all of them give way to the same tests.

import { Fault } from '../../shared/model/fault.ts';

/** The blocks of one transfer. */
export interface StoredBlocks {
  write(block: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** What was written. Throws `disk-error` where nothing was. */
  read(block: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Removes everything. Nothing may be asked of it afterwards. */
  remove(): Promise<void>;
}

export interface BlockStore {
  readonly kind: 'opfs' | 'indexed-db' | 'memory';
  /** Free for files, as far as the browser tells. */
  freeBytes(): Promise<number>;
  open(transfer: string): Promise<StoredBlocks>;
}

/** What a browser throws when it stores no more, and everything else. */
export function storeFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
  return isFull
    ? new Fault('disk-full', 'the browser stores no more')
    : new Fault('disk-error', 'the browser could not store it', { cause: error });
}

/** Of what the browser allows this page. Some is left, so that the browser itself goes on working. */
export async function freeOfQuota(): Promise<number> {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return Math.max(0, Math.floor((quota - usage) * quotaShare));
}

const quotaShare = 0.95;
