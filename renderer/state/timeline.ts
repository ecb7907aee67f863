// The one list of a link: files and notes. What moves or waits stands on top, what is over follows in the order of time.

import type { TransferView } from '../../shared/model/transfer.ts';
import type { AppState, TextNote } from './app-state.ts';

export type TimelineEntry =
  | { readonly is: 'transfer'; readonly key: string; readonly view: TransferView }
  | { readonly is: 'note'; readonly key: string; readonly note: TextNote };

export type Timeline = { readonly moving: readonly TimelineEntry[]; readonly past: readonly TimelineEntry[] };

export function timelineOf({ order, texts, transfers }: Pick<AppState, 'order' | 'texts' | 'transfers'>): Timeline {
  const moving: TimelineEntry[] = [];
  const past: { readonly atMs: number; readonly entry: TimelineEntry }[] = [];
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const view = transfers.get(order[at]!);
    if (view === undefined) continue;
    const entry: TimelineEntry = { is: 'transfer', key: view.id, view };
    if (isOver(view)) past.push({ atMs: view.endedAtMs ?? view.startedAtMs, entry });
    else moving.unshift(entry);
  }
  for (const note of texts) past.push({ atMs: note.atMs, entry: { is: 'note', key: `note-${note.key}`, note } });
  // Sorting keeps the order of what has one time.
  past.sort((a, b) => a.atMs - b.atMs);
  return { moving, past: past.map(({ entry }) => entry) };
}

/** It failed, and what is kept of it goes on with a click on either side, or by itself on the next link. */
export function canGoOn({ resumable, state }: Pick<TransferView, 'resumable' | 'state'>): boolean {
  return state === 'failed' && resumable;
}

/** Of what is over: on the next link, or when the other side asks for it. */
export function wouldBeSent(view: Pick<TransferView, 'direction' | 'resumable' | 'state'>): boolean {
  return view.direction === 'send' && canGoOn(view);
}

export function isOver({ state }: Pick<TransferView, 'state'>): boolean {
  return state === 'done' || state === 'declined' || state === 'cancelled' || state === 'failed';
}
