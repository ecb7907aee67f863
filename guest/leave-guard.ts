// Leaving asks once while something would be lost: bytes that move, what was received and not saved, and the link of a page that cannot
// be opened again.

import { type AppState, isReceived } from '../renderer/state/app-state.ts';

/** `isServed`: the other side closed the page's address when the reply came. A page on a disk can be opened again. */
export function guardLeaving(store: { getState(): AppState }, { isServed }: { readonly isServed: boolean }): void {
  window.addEventListener('beforeunload', (event) => {
    const state = store.getState();
    if (wouldLose(state) || (isServed && hasLink(state))) event.preventDefault();
  });
}

export function wouldLose({ saving, staged, transfers }: Pick<AppState, 'saving' | 'staged' | 'transfers'>): boolean {
  if (staged.length > 0) return true;
  return [...transfers.values()].some((view) => {
    const { state } = view;
    if (isReceived(view)) return saving.get(view.id) !== 'saved';
    return state === 'sending' || state === 'receiving' || state === 'waiting' || state === 'paused';
  });
}

function hasLink({ session: { at } }: Pick<AppState, 'session'>): boolean {
  return at === 'linked' || at === 'reconnecting';
}
