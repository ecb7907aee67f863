// The page's composition root: reaches the host, then puts engine, link, scanner, store and screens together.

import { Fault } from '../shared/model/fault.ts';
import { onHostNews as followHost } from './bridge/host-news.ts';
import { openBridge } from './bridge/open-bridge.ts';
import { takeOverOnReload } from './bridge/page-keys.ts';
import { openBrowserRtc } from './browser-rtc.ts';
import { startBundledWorker } from './bundled-workers.ts';
import { fetchGuestPage } from './fetch-guest-page.ts';
import { type ErrorPage, isSupported, openErrorPage, openPage } from './open-page.tsx';
import { openTincan } from './open-tincan.ts';

const root = document.getElementById('root')!;

// Heard before the button's own handler reloads the page.
root.addEventListener(
  'click',
  ({ target }) => {
    if (target instanceof Element && target.closest('[data-testid="use-here"]')) takeOverOnReload();
  },
  { capture: true },
);

/** Where the browser is slow to begin, people see the screens first. */
const lookingMaxMs = 60;

let shown: 'nothing' | 'app' | 'error' = 'nothing';

followHost((news) => {
  // Everything here belongs to the host that died: a page from the start is right again.
  if (news === 'opened') location.reload();
  else if (news === 'given-up') showError('given-up');
});

if (isSupported()) {
  start().catch(async (error: unknown) => showError(await errorPageFor(error)));
} else {
  showError('unsupported');
}

/** The app says by itself what happens to it; before it is there, this page does. */
function showError(why: ErrorPage): void {
  if (shown !== 'nothing') return;
  shown = 'error';
  openErrorPage(root, why);
}

async function start(): Promise<void> {
  const rtc = openBrowserRtc();
  const { kind: _, ui: host, engine, ...desktop } = await openBridge();
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
  shown = 'app';
  // The first connection looks for its addresses while the screens are drawn: both take about as long.
  await Promise.race([rtc.isLooking, new Promise((resolve) => setTimeout(resolve, lookingMaxMs))]);
  openPage(root, ports, facts);
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
