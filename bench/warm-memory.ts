// In a virtual machine the first touch of memory is slow: the machine below has to find it, up to three seconds of processor time per GiB.
// Who writes first would pay for it. So before each measurement as much memory is touched and freed again as the copy will take.
// Immediately before: a second after it was freed, the machine below may have taken it back (`page_reporting` in Linux).

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../tests/e2e/instance.ts';

const piece = Buffer.alloc(1 << 20, 1);

export function warmMemory(bytes: number): void {
  const file = path.join(temporaryFolder('bench-warm'), 'warm.bin');
  const handle = openSync(file, 'w');
  for (let left = bytes; left > 0; left -= piece.byteLength) writeSync(handle, piece);
  closeSync(handle);
  rmSync(file);
}

/** Again and again, for a measurement that begins at this time. It is over a little before, and never later. */
export async function keepMemoryWarm(bytes: number, untilMs: number): Promise<void> {
  for (let tookMs = 0; Date.now() + 1.5 * tookMs < untilMs; await sleep(1)) {
    const startedAt = Date.now();
    warmMemory(bytes);
    tookMs = Date.now() - startedAt;
  }
}
