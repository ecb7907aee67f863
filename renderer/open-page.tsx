// Opens store, screens and desktop notifications over ports that are open already. main.tsx opens the ports.

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
import { openStrings } from './ui/strings/strings.ts';
import './ui/styles.ts';

export function openPage(root: HTMLElement, ports: Ports, facts: AppFacts): Tincan {
  const tincan = openApp(ports, facts);
  cacheAppearance(facts.settings);
  tincan.store.subscribe(({ settings }, before) => {
    if (settings !== before.settings) cacheAppearance(settings);
  });
  startDesktopNotifications({
    ...tincan,
    ports,
    say: (news) => {
      const { session, settings } = tincan.store.getState();
      const strings = openStrings(pickLanguage(settings.language, navigator.languages));
      return newsText(news, peerOf(session)?.name ?? '', strings);
    },
  });
  createRoot(root).render(
    <TincanProvider tincan={tincan}>
      <App />
    </TincanProvider>,
  );
  return tincan;
}

export type ErrorPage = 'unsupported' | 'gone' | 'restarting' | 'given-up' | 'replaced' | 'address';

/** Shown instead of the app: this browser cannot run it, the host cannot be reached, or it does not know this address. */
export function openErrorPage(root: HTMLElement, why: ErrorPage): void {
  const { language, theme } = cachedAppearance();
  const spoken = pickLanguage(language, navigator.languages);
  const { t } = openStrings(spoken);
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

/** Direct links, Workers, certificates that can be compared, and channels that can really be handed to a Worker. */
export function isSupported(): boolean {
  if (!('RTCPeerConnection' in window) || !('Worker' in window)) return false;
  if (!('RTCDtlsTransport' in window) || !('getRemoteCertificates' in RTCDtlsTransport.prototype)) return false;
  const connection = new RTCPeerConnection();
  const { port1, port2 } = new MessageChannel();
  try {
    // Some browsers have channels and cannot hand one over: only trying tells (Firefox before 144).
    const channel = connection.createDataChannel('trial');
    port1.postMessage(channel, [channel as unknown as Transferable]);
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
    port2.close();
    connection.close();
  }
}
