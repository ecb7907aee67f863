// Keeps the screen on while files pass: with the screen off, phones stop a page. Browsers offer that to secure contexts only; on
// the page that came over plain HTTP the screen asks the person instead.

import type { AppState } from '../renderer/state/app-state.ts';

type Store = { getState(): AppState; subscribe(listener: () => void): () => void };
type Lock = { release(): Promise<void> };
export type WakeLocks = { request(kind: 'screen'): Promise<Lock> };

export function keepAwake(
  store: Store,
  page: Pick<Document, 'addEventListener' | 'hidden'>,
  locks: WakeLocks | undefined,
): void {
  if (locks === undefined) return;
  let held: Promise<Lock | undefined> | undefined;
  const check = () => {
    if (isMoving(store.getState()) && !page.hidden) {
      held ??= locks.request('screen').catch(() => undefined);
    } else if (held !== undefined) {
      void held.then((lock) => lock?.release()).catch(() => undefined);
      held = undefined;
    }
  };
  store.subscribe(check);
  // A browser takes the lock away from a page that is hidden.
  page.addEventListener('visibilitychange', check);
}

function isMoving({ transfers }: Pick<AppState, 'transfers'>): boolean {
  return [...transfers.values()].some(({ state }) => state === 'sending' || state === 'receiving');
}
