// Puts store, screens and desktop manners together over ports that are already open. main.tsx opens the ports.

import { createRoot } from 'react-dom/client';
import type { AppFacts } from '../shared/ipc/views.ts';
import { pickLanguage } from '../shared/model/language.ts';
import { startManners } from './state/desktop-manners.ts';
import { openApp } from './state/open-app.ts';
import type { Ports } from './state/ports.ts';
import { App } from './ui/app.tsx';
import { TincanProvider } from './ui/app-context.tsx';
import { sayNews } from './ui/say-news.ts';
import { openStrings } from './ui/strings/strings.ts';
import './ui/styles.ts';
import { peerOf } from './state/app-state.ts';

export function openPage(root: HTMLElement, ports: Ports, facts: AppFacts): void {
  const tincan = openApp(ports, facts);
  startManners({
    ...tincan,
    ports,
    say: (news) => {
      const { session, settings } = tincan.store.getState();
      const strings = openStrings(pickLanguage(settings.language, navigator.languages));
      return sayNews(news, peerOf(session)?.name ?? '', strings);
    },
  });
  createRoot(root).render(
    <TincanProvider tincan={tincan}>
      <App />
    </TincanProvider>,
  );
}

/** What stands where the app would: this browser cannot run it, or the host cannot be reached. */
export function openStandIn(root: HTMLElement, why: 'unsupported' | 'gone' | 'replaced'): void {
  const { t } = openStrings(pickLanguage('system', navigator.languages));
  const help = { unsupported: 'host.unsupportedHelp', gone: 'host.goneHelp', replaced: 'host.replacedHelp' } as const;
  createRoot(root).render(
    <main className="app">
      <section className="card full-notice" data-testid={`host-${why}`} role="alert">
        <h1>{t(`host.${why}`)}</h1>
        <p className="muted">{t(help[why])}</p>
        {why !== 'unsupported' && (
          <button type="button" className="primary" data-testid="use-here" onClick={() => location.reload()}>
            {t(why === 'gone' ? 'host.reload' : 'host.here')}
          </button>
        )}
      </section>
    </main>,
  );
}

/** Direct links, Workers and channels that can be handed to one. */
export function isSupported(): boolean {
  return 'RTCPeerConnection' in window && 'Worker' in window && 'RTCDataChannel' in window;
}
