// What a reload cuts for good: files that were chosen in a browser are gone with the page that held them, and nobody else can send
// them. The next page says so, once. The browser cannot be made to ask before: the page's policy lets it open no dialog.

import type { TransferView } from '../../shared/model/transfer.ts';
import type { AppState, StoreAccess } from './app-state.ts';
import type { CutByReload, WindowPort } from './ports.ts';

export function watchReload({ get, toast }: StoreAccess, window: WindowPort): () => void {
  // Guest pages ask before they are left; the desktop's files are the host's.
  if (get().facts.shell !== 'browser') return () => undefined;
  const cut = window.fromPageBefore();
  if (cut.sending.length + cut.staged.length > 0) toast({ is: 'cut', ...cut });
  return window.leaveForNextPage(() => cutByReload(get()));
}

type Cut = Pick<AppState, 'cancelling' | 'reading' | 'sent' | 'staged' | 'transfers'>;

function cutByReload({ cancelling, reading, sent, staged, transfers }: Cut): CutByReload {
  const titles = [...transfers.values()].flatMap((view) => {
    const picked = sent.get(view.id)?.find(({ from }) => from === 'page');
    if (picked === undefined || !needsFiles(view) || cancelling.has(view.id)) return [];
    // Until its files are listed it has no title.
    return [view.title === '' ? picked.name : view.title];
  });
  return {
    sending: [...new Set(titles)],
    // What is still being read would wait next.
    staged: [...staged.filter(({ from }) => from === 'page').map(({ name }) => name), ...reading.flat()],
  };
}

/** What is being verified has arrived, and ends well without this page. */
function needsFiles({ resumable, state }: TransferView): boolean {
  if (state === 'failed') return resumable;
  return state === 'offered' || state === 'waiting' || state === 'sending' || state === 'paused';
}
