// The whole queue in three numbers: what is under way now, both directions together.

import type { AppState } from './app-state.ts';
import type { ProgressState } from './progress-store.ts';

export type Queue = { readonly bytesDone: number; readonly bytesTotal: number; readonly leftMs?: number };

export function queueOf(transfers: AppState['transfers'], { byId, bytesPerSecond }: ProgressState): Queue {
  let bytesDone = 0;
  let bytesTotal = 0;
  for (const { id, state, wantedBytes } of transfers.values()) {
    if (state !== 'sending' && state !== 'receiving' && state !== 'paused' && state !== 'verifying') continue;
    bytesDone += byId.get(id)?.bytesDone ?? 0;
    bytesTotal += wantedBytes;
  }
  if (bytesPerSecond <= 1) return { bytesDone, bytesTotal };
  return { bytesDone, bytesTotal, leftMs: ((bytesTotal - bytesDone) * 1000) / bytesPerSecond };
}
