// The page of the network tests: real links over test engines, everything reachable from outside as `window.links`.

import type { Link, LinkOptions } from '../../../link/link.ts';
import { checkNetwork } from '../../../link/network-check.ts';
import { openLink } from '../../../link/open-link.ts';
import type { RtcFactory } from '../../../link/rtc.ts';
import { type ServerTestResult, testServer } from '../../../link/server-test.ts';
import { browserRtc } from '../../../renderer/browser-rtc.ts';
import { windowClock } from '../../../renderer/state/browser-window.ts';
import type { LinkView } from '../../../shared/model/link-view.ts';
import type { NetworkView } from '../../../shared/model/network-view.ts';
import type { ServerEntry } from '../../../shared/model/server-entry.ts';
import { LanHub } from './lan-hub.ts';
import { TestEngine } from './test-engine.ts';

export type PageLink = {
  readonly link: Link;
  readonly engine: TestEngine;
  /** Every view with the time it came, oldest first. */
  readonly seen: { readonly atMs: number; readonly view: LinkView }[];
};

export type PageLinkOptions = Partial<LinkOptions> & {
  /** Off in the tests that show what adding candidates again is for. */
  readonly retriesCandidates?: boolean;
};

export type PageLinks = {
  open(name: string, options?: PageLinkOptions): PageLink;
  close(name: string): void;
  readonly all: Map<string, PageLink>;
  readonly lan: LanHub;
  testServer(server: ServerEntry, timeoutMs: number): Promise<ServerTestResult>;
  checkNetwork(servers: readonly ServerEntry[]): Promise<NetworkView>;
};

declare global {
  interface Window {
    links: PageLinks;
  }
}

const all = new Map<string, PageLink>();
const lan = new LanHub();
const clock = windowClock;

const rtcWithoutRetries: RtcFactory = {
  ...browserRtc,
  async open(config) {
    const connection = await browserRtc.open(config);
    connection.addIceCandidate = async () => undefined;
    return connection;
  },
};

window.links = {
  all,
  lan,
  testServer: (server, timeoutMs) => testServer(server, { rtc: browserRtc, clock }, AbortSignal.timeout(timeoutMs)),
  checkNetwork: (servers) =>
    checkNetwork(servers, { rtc: browserRtc, clock, isOnline: () => navigator.onLine }, new AbortController().signal),
  open(name, { retriesCandidates = true, ...options } = {}) {
    const engine = new TestEngine();
    const rtc = retriesCandidates ? browserRtc : rtcWithoutRetries;
    const ports = { rtc, clock, engine, lan: lan.serviceOf(name) };
    const link = openLink({ deviceName: name, servers: [], ...options }, ports);
    const opened: PageLink = { link, engine, seen: [{ atMs: performance.now(), view: link.view() }] };
    link.onChange((view) => opened.seen.push({ atMs: performance.now(), view }));
    all.set(name, opened);
    return opened;
  },
  close(name) {
    all.get(name)?.link.close();
    all.get(name)?.engine.close();
    all.delete(name);
  },
};
