// The ports that one page asks the router for: those of its connections. Promises: only ports of the kind that systems give out,
// none outlives the page, and none of another page or of the host is closed with it.

import { createSocket } from 'node:dgram';
import { familyOf } from '../../shared/code/address.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import { replyPortMin, routerMappingsMax, routerV6AddressesMax } from '../../shared/wire/limits.ts';
import { type PortId, portKey } from './gateway-place.ts';
import type { PortOfOurs, PortOutside, Router } from './router.ts';

export type PagePort = { readonly address: string; readonly port: number };

export interface PagePorts {
  /** Of these, those on the router's network: how they are seen from outside. */
  open(hosts: readonly PagePort[]): Promise<readonly PortOutside[]>;
  shut(ports: readonly number[]): Promise<void>;
  check(): Promise<RouterView>;
  /** The page went away: nothing is opened any more. */
  gone(): Promise<void>;
}

export function openPagePorts(router: Router): PagePorts {
  let isGone = false;
  let asked: readonly PagePort[] = [];
  let opened: readonly PortId[] = [];
  /** However often it is asked for, the router is asked once. */
  let checking: Promise<RouterView> | undefined;

  /** Once each, and no more than the router is asked for in both families. */
  function addOpened(wanted: readonly PortOfOurs[]): readonly PortOfOurs[] {
    const known = new Set(opened.map(portKey));
    const fresh = wanted.filter((port) => !known.has(portKey(port)));
    const added = fresh.slice(0, Math.max(0, 2 * routerMappingsMax - opened.length));
    opened = [...opened, ...added];
    return wanted.filter((port) => known.has(portKey(port)) || added.includes(port));
  }

  return {
    async open(hosts) {
      asked = [...asked, ...hosts];
      const own = await router.ownAddresses();
      const wanted = wantedOf(
        hosts.filter((each) => asked.includes(each)),
        own,
      );
      asked = asked.filter((each) => !hosts.includes(each));
      if (isGone) return [];
      const outside = await Promise.all(addOpened(wanted).map((port) => router.open(port)));
      return outside.flatMap((port) => port ?? []);
    },
    async shut(ports) {
      asked = asked.filter(({ port }) => !ports.includes(port));
      const closing = opened.filter(({ port }) => ports.includes(port));
      opened = opened.filter((port) => !closing.includes(port));
      await Promise.all(closing.map((port) => router.shut(port)));
    },
    check() {
      checking ??= router.check(probe).finally(() => {
        checking = undefined;
      });
      return checking;
    },
    async gone() {
      isGone = true;
      await Promise.all(opened.map((port) => router.shut(port)));
    },
  };
}

/** One of IPv4, and those of IPv6. Where the browser hides its addresses, the first of them is the likeliest. */
function wantedOf(hosts: readonly PagePort[], own: readonly string[]): readonly PortOfOurs[] {
  const ofFamily = (family: 4 | 6) => own.filter((address) => familyOf(address) === family);
  const v4 =
    hosts.find(({ address }) => ofFamily(4).includes(address)) ??
    (ofFamily(4).length > 0 ? hosts.find(({ address }) => familyOf(address) === 'mdns') : undefined);
  const v6 = hosts.filter(({ address }) => ofFamily(6).includes(address)).slice(0, routerV6AddressesMax);
  return [
    ...(v4 === undefined ? [] : [{ protocol: 'udp', port: v4.port } as const]),
    ...v6.map(({ address, port }) => ({ protocol: 'udp', port, address }) as const),
  ];
}

/** Opened to see whether the router does it, and closed at once. */
function probe(address?: string): Promise<PortOfOurs & { release(): void }> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: address === undefined ? 'udp4' : 'udp6' });
    const fail = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind(0, address, () => {
      socket.off('error', fail);
      socket.on('error', () => undefined);
      const port = Math.max(socket.address().port, replyPortMin);
      const release = () => socket.close();
      resolve({ protocol: 'udp', port, release, ...(address === undefined ? {} : { address }) });
    });
  });
}
