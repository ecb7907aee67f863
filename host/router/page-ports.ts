// The ports that a page asks the router for: those of its connections. Promises: only ports of the kind that systems give out,
// and none outlives the page.

import { createSocket } from 'node:dgram';
import { familyOf } from '../../shared/code/address.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import { replyPortMin } from '../../shared/wire/limits.ts';
import type { PortOfOurs, Router } from './router.ts';

export type PagePort = { readonly address: string; readonly port: number };

export interface PagePorts {
  /** Of these, the one on the router's network. */
  open(hosts: readonly PagePort[]): Promise<PagePort | null>;
  shut(ports: readonly number[]): Promise<void>;
  check(): Promise<RouterView>;
  /** The page went away. */
  gone(): Promise<void>;
}

export function openPagePorts(router: Router): PagePorts {
  let session = new AbortController();

  return {
    async open(hosts) {
      const { signal } = session;
      const own = await router.ownAddress();
      if (own === undefined || signal.aborted) return null;
      // Where the browser hides its addresses, the first of them is the likeliest.
      const host =
        hosts.find(({ address }) => address === own) ?? hosts.find(({ address }) => familyOf(address) === 'mdns');
      return host === undefined ? null : ((await router.open({ protocol: 'udp', port: host.port })) ?? null);
    },
    async shut(ports) {
      await Promise.all(ports.map((port) => router.shut({ protocol: 'udp', port })));
    },
    check: () => router.check(probe),
    async gone() {
      session.abort();
      session = new AbortController();
      await router.shutAll();
    },
  };
}

/** A port of ours on which nobody listens: opened to see whether the router does it, and closed at once. */
function probe(): Promise<PortOfOurs & { release(): void }> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4' });
    socket.once('error', reject);
    socket.bind(0, () => {
      const { port } = socket.address();
      resolve({ protocol: 'udp', port: Math.max(port, replyPortMin), release: () => socket.close() });
    });
  });
}
