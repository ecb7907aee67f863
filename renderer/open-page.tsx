// Opens store, screens and desktop notifications over ports that are open already. main.tsx opens the ports, and loads this file
// meanwhile: it brings all of React and of the screens.

import { createRoot } from 'react-dom/client';
import type { AppFacts } from '../shared/ipc/views.ts';
import { cacheAppearance } from './cached-appearance.ts';
import { peerOf } from './state/app-state.ts';
import { startDesktopNotifications } from './state/desktop-notifications.ts';
import { openApp, type Tincan } from './state/open-app.ts';
import type { Ports } from './state/ports.ts';
import { App } from './ui/app.tsx';
import { TincanProvider } from './ui/app-context.tsx';
import { newsText } from './ui/news-text.ts';
import { type LoadWords, openSpoken } from './ui/strings/spoken.ts';
import './ui/styles.ts';

export async function openPage(
  root: HTMLElement,
  ports: Ports,
  facts: AppFacts,
  loadWords: LoadWords,
): Promise<Tincan> {
  const tincan = openApp(ports, facts);
  const spoken = await openSpoken(tincan.store, loadWords);
  cacheAppearance(facts.settings);
  tincan.store.subscribe(({ settings }, before) => {
    if (settings !== before.settings) cacheAppearance(settings);
  });
  startDesktopNotifications({
    ...tincan,
    ports,
    say: (news) => {
      const { session } = tincan.store.getState();
      return newsText(news, peerOf(session)?.name ?? '', spoken.getState());
    },
  });
  createRoot(root).render(
    <TincanProvider tincan={tincan} spoken={spoken}>
      <App />
    </TincanProvider>,
  );
  return tincan;
}
