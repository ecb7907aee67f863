// The page of the network tests: real links, test desks, everything reachable from the outside as `window.cans`.

import type { Link, LinkOptions } from '../../../link/link.ts';
import { checkNetwork } from '../../../link/network-check.ts';
import { openLink } from '../../../link/open-link.ts';
import { type ServerTestResult, testServer } from '../../../link/server-test.ts';
import type { LinkView } from '../../../shared/model/link-view.ts';
import type { NetworkView } from '../../../shared/model/network-view.ts';
import type { ServerEntry } from '../../../shared/model/server-entry.ts';
import { NearHub } from './near-hub.ts';
import { TestDesk } from './test-desk.ts';

export type Can = {
  readonly link: Link;
  readonly desk: TestDesk;
  /** Every view with the time it came, oldest first. */
  readonly seen: { readonly atMs: number; readonly view: LinkView }[];
};

export type Cans = {
  open(name: string, options?: Partial<LinkOptions> & { readonly refeed?: boolean }): Can;
  close(name: string): void;
  readonly all: Map<string, Can>;
  readonly near: NearHub;
  testServer(server: ServerEntry, timeoutMs: number): Promise<ServerTestResult>;
  checkNetwork(servers: readonly ServerEntry[]): Promise<NetworkView>;
};

declare global {
  interface Window {
    cans: Cans;
  }
}

const all = new Map<string, Can>();
const near = new NearHub();

window.cans = {
  all,
  near,
  testServer: (server, timeoutMs) => testServer(server, AbortSignal.timeout(timeoutMs)),
  checkNetwork: (servers) => checkNetwork(servers, new AbortController().signal),
  open(name, { refeed = true, ...options } = {}) {
    const desk = new TestDesk();
    const link = openLink({ deviceName: name, servers: [], ...options }, desk, {
      refeed,
      near: near.deskOf(name),
    });
    const can: Can = { link, desk, seen: [{ atMs: performance.now(), view: link.view() }] };
    link.onChange((view) => can.seen.push({ atMs: performance.now(), view }));
    all.set(name, can);
    return can;
  },
  close(name) {
    all.get(name)?.link.close();
    all.get(name)?.desk.close();
    all.delete(name);
  },
};
