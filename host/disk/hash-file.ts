// The SHA-256 of a file as it lies on the disk.

import { createHash } from 'node:crypto';
import { Fault } from '../../shared/model/fault.ts';
import { blockBytes } from '../../shared/wire/limits.ts';
import type { DiskFile } from './disk.ts';

/** Throws once nobody waits for it any more: a file may take an hour. */
export async function sha256Of(file: DiskFile, isOver = (): boolean => false): Promise<string> {
  const hash = createHash('sha256');
  const piece = new Uint8Array(blockBytes);
  for (let at = 0; ; ) {
    const count = await file.read(piece, at);
    if (isOver()) throw new Fault('transfer-unknown', 'nobody waits for this hash any more');
    if (count === 0) return hash.digest('hex');
    hash.update(piece.subarray(0, count));
    at += count;
  }
}
