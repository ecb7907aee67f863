// Opens store, screens and desktop notifications over ports that are open already. main.tsx opens the ports, and loads this file
// meanwhile: it brings all of React and of the screens.

import { createRoot } from 'react-dom/client';
import type { AppFacts } from '../shared/ipc/views.ts';
import { directionOf, pickLanguage } from '../shared/model/language.ts';
import { cacheAppearance, cachedAppearance } from './cached-appearance.ts';
import { peerOf } from './state/app-state.ts';
import { startDesktopNotifications } from './state/desktop-notifications.ts';
import { openApp, type Tincan } from './state/open-app.ts';
import type { Ports } from './state/ports.ts';
import { App } from './ui/app.tsx';
import { TincanProvider } from './ui/app-context.tsx';
import { newsText } from './ui/news-text.ts';
import { type LoadWords, openSpoken } from './ui/strings/spoken.ts';
import { openStrings } from './ui/strings/strings.ts';
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

export type ErrorPage = 'unsupported' | 'gone' | 'restarting' | 'given-up' | 'replaced' | 'address';

/** Shown instead of the app: this browser cannot run it, the host cannot be reached, or it does not know this address. */
export async function openErrorPage(root: HTMLElement, why: ErrorPage, loadWords: LoadWords): Promise<void> {
  const { language, theme } = cachedAppearance();
  const spoken = pickLanguage(language, navigator.languages);
  const { t } = openStrings(spoken, await loadWords(spoken));
  document.documentElement.lang = spoken;
  document.documentElement.dir = directionOf(spoken);
  document.documentElement.dataset.theme = theme;
  createRoot(root).render(
    <main className="app">
      <section
        className="card full-notice"
        data-testid={why === 'restarting' || why === 'given-up' ? 'host-gone' : `host-${why}`}
        role="alert"
      >
        <h1>{t(`host.${why}`)}</h1>
        <p className="muted">{t(`host.${why}Help`)}</p>
        {(why === 'gone' || why === 'replaced') && (
          <button type="button" className="primary" data-testid="use-here" onClick={() => location.reload()}>
            {t(why === 'gone' ? 'host.reload' : 'host.here')}
          </button>
        )}
      </section>
    </main>,
  );
}
