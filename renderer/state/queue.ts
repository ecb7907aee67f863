// The whole queue in three numbers, both directions together. A batch begins with the first transfer that moves and
// lasts until none does: what finishes in between stays in the sums, so that they never shrink on the way.

import type { TransferId, TransferView } from '../../shared/model/transfer.ts';
import type { AppState } from './app-state.ts';
import type { ProgressState } from './progress-store.ts';

export type Queue = { readonly bytesDone: number; readonly bytesTotal: number; readonly leftMs?: number };

export const emptyBatch: ReadonlySet<TransferId> = new Set();

/** The batch after `transfers` changed. */
export function nextBatch(
  batch: ReadonlySet<TransferId>,
  transfers: ReadonlyMap<TransferId, TransferView>,
): ReadonlySet<TransferId> {
  const underWay = [...transfers.values()].filter(isUnderWay).map(({ id }) => id);
  if (underWay.length === 0) return emptyBatch;
  return underWay.every((id) => batch.has(id)) ? batch : new Set([...batch, ...underWay]);
}

export function queueOf(
  { batch, transfers }: Pick<AppState, 'batch' | 'transfers'>,
  { byId, bytesPerSecond }: Pick<ProgressState, 'byId' | 'bytesPerSecond'>,
): Queue {
  let bytesDone = 0;
  let bytesTotal = 0;
  for (const id of batch) {
    const view = transfers.get(id);
    if (view === undefined) continue;
    const moved = view.state === 'done' ? view.wantedBytes : (byId.get(id)?.bytesDone ?? 0);
    bytesDone += moved;
    // What was called off is as large as what of it has moved.
    bytesTotal += isUnderWay(view) || view.state === 'done' ? view.wantedBytes : moved;
  }
  if (bytesPerSecond <= 1) return { bytesDone, bytesTotal };
  return { bytesDone, bytesTotal, leftMs: ((bytesTotal - bytesDone) * 1000) / bytesPerSecond };
}

function isUnderWay({ state }: TransferView): boolean {
  return state === 'sending' || state === 'receiving' || state === 'paused' || state === 'verifying';
}
