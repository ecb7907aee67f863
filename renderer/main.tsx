// The page's composition root: reaches the host, then puts engine, link, scanner, store and screens together. What a code needs
// comes first; the screens, and the words of one language, are files of their own.

import { Fault } from '../shared/model/fault.ts';
import { pickLanguage } from '../shared/model/language.ts';
import { onHostNews as followHost } from './bridge/host-news.ts';
import { openBridge } from './bridge/open-bridge.ts';
import { takeOverOnReload } from './bridge/page-keys.ts';
import { openBrowserRtc } from './browser-rtc.ts';
import { startBundledWorker } from './bundled-workers.ts';
import { cachedAppearance } from './cached-appearance.ts';
import { drawErrorPage, type ErrorPage } from './error-page.ts';
import { errorWords } from './error-words.ts';
import { fetchGuestPage } from './fetch-guest-page.ts';
import { handsOverChannels, hasEverything } from './is-supported.ts';
import { openTincan } from './open-tincan.ts';
import type { Ports } from './state/ports.ts';
import { loadWords } from './ui/strings/load-words.ts';
import './ui/styles.ts';

const root = document.getElementById('root')!;

// Heard before the button's own handler reloads the page.
root.addEventListener(
  'click',
  ({ target }) => {
    if (target instanceof Element && target.closest('[data-testid="use-here"]')) takeOverOnReload();
  },
  { capture: true },
);

/** Where the addresses of the first code take longer, people see the screens first. */
const firstCodeMaxMs = 60;

let shown: 'nothing' | 'app' | 'error' = 'nothing';

followHost((news) => {
  // Everything here belongs to the host that died: a page from the start is right again.
  if (news === 'opened') location.reload();
  else if (news === 'given-up') showError('given-up');
});

if (hasEverything()) {
  start().catch(async (error: unknown) => showError(await errorPageFor(error)));
} else {
  showError('unsupported');
}

/** The app says by itself what happens to it; before it is there, this page does. */
function showError(why: ErrorPage): void {
  if (shown !== 'nothing') return;
  shown = 'error';
  drawErrorPage(root, why, errorWords);
}

/** The browser has fetched the file by now (vite.config.ts). */
function screens(): Promise<typeof import('./open-page.tsx')> {
  return import('./open-page.tsx');
}

async function start(): Promise<void> {
  const bridge = openBridge();
  // Whoever waits for it hears of it.
  bridge.catch(() => undefined);
  // Its socket is under way before the first connection keeps this thread waiting.
  await nextTask();
  if (!handsOverChannels()) {
    // Another browser may have the host.
    void bridge.then(({ ui }) => ui.close());
    return showError('unsupported');
  }
  const rtc = openBrowserRtc();
  // They are there when the screens want them.
  void loadWords(pickLanguage(cachedAppearance().language, navigator.languages)).catch(() => undefined);
  void screens().catch(() => undefined);
  const { kind: _, ui: host, engine, ...desktop } = await bridge;
  const facts = await host.call('app.facts', {});
  if (shown !== 'nothing') return;
  const ports = openTincan({
    host,
    engine,
    facts,
    startWorker: startBundledWorker,
    rtc,
    guestPage: fetchGuestPage,
    ...desktop,
  });
  // Screens that have the code are drawn once; those that wait for it are drawn again a moment later.
  await Promise.race([firstCode(ports), new Promise((resolve) => setTimeout(resolve, firstCodeMaxMs))]);
  const { openPage } = await screens();
  if (shown !== 'nothing') return;
  shown = 'app';
  // Where its words cannot be had nothing is shown yet, and the error page may say why.
  await openPage(root, ports, facts, loadWords).catch((error: unknown) => {
    shown = 'nothing';
    throw error;
  });
}

function nextTask(): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve));
}

function firstCode({ link }: Ports): Promise<void> {
  return new Promise((resolve) => {
    const stop = link.onChange((view) => {
      if (view.at === 'pairing' && view.code.at === 'making') return;
      stop();
      resolve();
    });
  });
}

async function errorPageFor(error: unknown): Promise<ErrorPage> {
  if (!(error instanceof Fault)) {
    console.error(error);
    return 'gone';
  }
  if (error.code === 'bridge-busy') return 'replaced';
  if (error.code === 'bridge-refused') return 'address';
  if (window.tincan !== undefined) return 'restarting';
  // Whoever still hands out this page and lets nobody in is a later run, which has another token.
  const isServed = location.protocol === 'http:' && (await fetch('/', { method: 'HEAD' }).then(isOk, () => false));
  return isServed ? 'address' : 'gone';
}

function isOk({ ok }: Response): boolean {
  return ok;
}
