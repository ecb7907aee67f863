// What is worth telling somebody who is not looking: read off the store, once per change.

import type { StoreApi } from 'zustand/vanilla';
import type { TransferView } from '../../shared/model/transfer.ts';
import { type AppState, isReply } from './app-state.ts';
import type { ProgressState } from './progress-store.ts';

export type News =
  | { readonly is: 'session'; readonly at: AppState['session']['at'] }
  | { readonly is: 'reply' }
  | { readonly is: 'text' }
  | { readonly is: 'offer'; readonly title: string }
  | { readonly is: 'transfer'; readonly view: TransferView }
  | { readonly is: 'quarter'; readonly title: string; readonly quarter: number };

export function listenForNews(
  store: StoreApi<AppState>,
  progress: StoreApi<ProgressState>,
  tell: (news: News) => void,
): () => void {
  const quarters = new Map<string, number>();
  const stopState = store.subscribe((now, before) => {
    if (now.session.at !== before.session.at) tell({ is: 'session', at: now.session.at });
    else if (isReply(now.session) && !isReply(before.session)) tell({ is: 'reply' });
    const offer = now.offers.find(({ transfer }) => !before.offers.some((held) => held.transfer === transfer));
    if (offer !== undefined) tell({ is: 'offer', title: offer.plan.title });
    if (now.texts !== before.texts) {
      const last = before.texts.at(-1)?.key ?? 0;
      if (now.texts.some(({ fromPeer, key }) => fromPeer && key > last)) tell({ is: 'text' });
    }
    if (now.transfers === before.transfers) return;
    for (const [id, view] of now.transfers) {
      if (before.transfers.get(id)?.state !== view.state) tell({ is: 'transfer', view });
    }
  });
  const stopProgress = progress.subscribe(({ byId }) => {
    for (const { bytesDone, bytesTotal, id } of byId.values()) {
      const quarter = bytesTotal === 0 ? 0 : Math.floor((bytesDone * 4) / bytesTotal);
      if (quarter <= (quarters.get(id) ?? 0) || quarter > 3) continue;
      quarters.set(id, quarter);
      const view = store.getState().transfers.get(id);
      if (view !== undefined) tell({ is: 'quarter', title: view.title, quarter });
    }
  });
  return () => {
    stopState();
    stopProgress();
  };
}
