// The Worker in which the guest page's host runs.

import { portFromMessagePort } from '../renderer/bridge/message-port.ts';
import { randomHex } from '../shared/model/bytes.ts';
import { browserName } from './browser-name.ts';
import { serveGuestHost } from './guest-host.ts';
import type { ToHostWorker } from './host-messages.ts';
import { openStore } from './store/open-store.ts';

self.onmessage = ({ data }: MessageEvent<ToHostWorker>) => void start(data);

async function start({ ui, engine, received, version, invite }: ToHostWorker): Promise<void> {
  const store = await openStore(randomHex(8));
  const { browser, platform } = browserName(navigator.userAgent);
  const ports = {
    ui: portFromMessagePort(ui),
    engine: portFromMessagePort(engine),
    received: portFromMessagePort(received),
  };
  const options = { store, version, platform, deviceName: `${browser} (${platform})` };
  serveGuestHost(invite === undefined ? options : { ...options, invite }, ports);
}
