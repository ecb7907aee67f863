// Leaving asks once while something would be lost: bytes that move, and what was received and not saved.

import { type AppState, isReceived } from '../renderer/state/app-state.ts';

export function guardLeaving(store: { getState(): AppState }): void {
  window.addEventListener('beforeunload', (event) => {
    if (wouldLose(store.getState())) event.preventDefault();
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
