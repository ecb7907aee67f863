// The guest page's composition root: the page of all shells, over a host that runs in a Worker beside it.

import { portFromMessagePort } from '../renderer/bridge/message-port.ts';
import { drawErrorPage } from '../renderer/error-page.ts';
import { isSupported } from '../renderer/is-supported.ts';
import { openPage } from '../renderer/open-page.tsx';
import { openTincan } from '../renderer/open-tincan.ts';
import { openWindowPort } from '../renderer/state/browser-window.ts';
import type { LoadWords } from '../renderer/ui/strings/spoken.ts';
import type { UiCalls, UiEvents } from '../shared/ipc/contract.ts';
import { openRpcClient } from '../shared/ipc/rpc.ts';
import { inviteName } from '../shared/model/guest-page.ts';
import { words } from '../shared/strings/languages.ts';
import type { ToHostWorker } from './host-messages.ts';
import { keepAwake, type WakeLocks } from './keep-awake.ts';
import { guardLeaving } from './leave-guard.ts';
import type { ReceivedCalls } from './received-calls.ts';
import { openReceivedFiles } from './received-files.ts';
import { servedBy } from './served.ts';
import { startTextWorker } from './start-worker.ts';

const root = document.getElementById('root')!;
/** All of them are inside the page. */
const loadWords: LoadWords = async (language) => words[language];

if (isSupported()) {
  start().catch((error: unknown) => {
    console.error(error);
    showUnsupported();
  });
} else {
  showUnsupported();
}

function showUnsupported(): void {
  drawErrorPage(root, 'unsupported', (language) => words[language].texts);
}

async function start(): Promise<void> {
  const [ui, engine, received] = [new MessageChannel(), new MessageChannel(), new MessageChannel()];
  const served = servedBy(location);
  const invite = served?.invite ?? document.querySelector<HTMLMetaElement>(`meta[name="${inviteName}"]`)?.content ?? '';
  const order: ToHostWorker = {
    ui: ui.port2,
    engine: engine.port2,
    received: received.port2,
    version: TINCAN_VERSION,
    ...(invite === '' ? {} : { invite }),
  };
  const port = portFromMessagePort(ui.port1);
  const worker = startTextWorker('host');
  // Without its host this page can store nothing: it says so.
  worker.addEventListener('error', () => port.close());
  worker.postMessage(order, [ui.port2, engine.port2, received.port2]);
  const host = openRpcClient<UiCalls, UiEvents>(port);
  const files = openRpcClient<ReceivedCalls, Record<never, never>>(portFromMessagePort(received.port1));
  const facts = await host.call('app.facts', {});
  const ports = openTincan({
    host,
    engine: { is: 'port', port: engine.port1, to: 'thread' },
    facts,
    startWorker: startTextWorker,
    received: openReceivedFiles(files, openWindowPort()),
    ...(served === undefined ? {} : { carrier: served }),
  });
  const { store } = await openPage(root, ports, facts, loadWords);
  guardLeaving(store, { isServed: served !== undefined });
  keepAwake(store, document, (navigator as { readonly wakeLock?: WakeLocks }).wakeLock);
}
