// Opens everything the screens stand on, once the host has answered: engine, link and scanner, as the store's ports.
// `tincan-lanes-most` in the tab's session storage bounds the lanes; the bench uses it.

import { checkNetwork } from '../link/network-check.ts';
import { openLink } from '../link/open-link.ts';
import type { ReplyCarrier } from '../link/ports.ts';
import type { RtcFactory } from '../link/rtc.ts';
import { testServer } from '../link/server-test.ts';
import type { AppFacts } from '../shared/ipc/views.ts';
import type { EngineTransport } from './bridge/engine-transport.ts';
import { browserRtc } from './browser-rtc.ts';
import { openScanner } from './scan/open-scanner.ts';
import type { StartWorker } from './start-worker.ts';
import { openWindowPort, windowClock } from './state/browser-window.ts';
import { openLanService } from './state/lan-service.ts';
import type { HostPort, Ports } from './state/ports.ts';
import { openRouterPort } from './state/router-port.ts';
import { linkOptions } from './state/settings-actions.ts';
import { openEngine } from './worker/engine-client.ts';

export type TincanOptions = {
  readonly host: HostPort;
  /** Given away to the Worker. */
  readonly engine: EngineTransport;
  readonly facts: AppFacts;
  readonly startWorker: StartWorker;
  readonly rtc?: RtcFactory;
  /** Guest page only: the computer that served it takes its reply. */
  readonly carrier?: ReplyCarrier;
  /** What only some shells have comes through as it is. */
} & Pick<Ports, 'dragOut' | 'stageDropped' | 'onHostNews' | 'guestPage' | 'received'>;

export function openTincan({
  host,
  engine: way,
  facts,
  startWorker,
  rtc = browserRtc,
  carrier,
  ...ofShell
}: TincanOptions): Ports {
  const isGuest = facts.shell === 'guest';
  const lanesMost = Number(sessionStorage.getItem('tincan-lanes-most') ?? Number.NaN);
  const engine = openEngine(startWorker('engine'), way, {
    ...(Number.isInteger(lanesMost) ? { lanesMost } : {}),
    ...(isGuest ? { isGuest } : {}),
  });
  engine.command({ do: 'identify', deviceName: facts.settings.deviceName });
  const scan = openScanner(() => startWorker('scan'));
  // A guest page reaches no network beside the link, and keeps nobody.
  const shown = Promise.withResolvers<void>();
  const lan = isGuest
    ? {}
    : {
        lan: openLanService({ host, isLooking: () => scan.isLooking(), shown: shown.promise }),
        router: openRouterPort(host),
      };
  const clock = windowClock;
  const { lastPeer } = facts;
  let { networks } = facts;
  const link = openLink(linkOptions(facts.settings), {
    ...{ rtc, clock, engine, ...lan, ownNetworks: () => networks },
    ...(lastPeer === undefined ? {} : { lastPeer }),
    ...(carrier === undefined ? {} : { carrier }),
  });
  host.on('network-changed', ({ why }) => {
    if (why === 'addresses') networks = undefined;
    link.nudge(why);
    engine.command({ do: 'nudge' });
  });
  window.addEventListener('online', () => link.nudge('online'));
  return {
    link,
    engine,
    host,
    scan,
    window: openWindowPort(),
    takeCalls: shown.resolve,
    testServer: (server, signal) => testServer(server, { rtc, clock }, signal),
    checkNetwork: (servers, signal) => checkNetwork(servers, { rtc, clock, isOnline: () => navigator.onLine }, signal),
    ...ofShell,
    clock,
  };
}
