// A host's router alone, in the namespace of a home: asks the real router there what it is told on its standard input, one JSON
// line for one answer.

import { createInterface } from 'node:readline';
import { openRealDisk } from '../../host/disk/real-disk.ts';
import { openBothFamilies } from '../../host/router/both-families.ts';
import { defaultGateway } from '../../host/router/default-gateway.ts';
import { defaultGatewayV6 } from '../../host/router/default-gateway-v6.ts';
import type { FindProtocol } from '../../host/router/gateway-place.ts';
import { findNatPmp } from '../../host/router/nat-pmp.ts';
import { openPagePorts } from '../../host/router/page-ports.ts';
import { findPcp } from '../../host/router/pcp.ts';
import { findPinholes } from '../../host/router/pinholes.ts';
import { openRouter, type PortOfOurs } from '../../host/router/router.ts';
import { findUpnp } from '../../host/router/upnp.ts';
import { systemClock } from '../../host/system-clock.ts';

export type RouterOrder =
  | { readonly do: 'open' | 'outside' | 'shut'; readonly port: PortOfOurs }
  | { readonly do: 'check' | 'view' | 'renew' | 'close' };

type Ways = Readonly<Record<string, FindProtocol>>;
const ways: Readonly<Record<4 | 6, Ways>> = {
  4: { pcp: findPcp, 'nat-pmp': findNatPmp, upnp: findUpnp },
  6: { pcp: findPcp, upnp: findPinholes },
};
const [names = '', leaseSeconds = '300'] = process.argv.slice(2);
const router = openBothFamilies(
  (family, onView) =>
    openRouter({
      clock: systemClock,
      isOn: () => true,
      findGateway: () => (family === 4 ? defaultGateway : defaultGatewayV6)(process.platform, openRealDisk()),
      onView,
      onMoved: () => undefined,
      protocols: names.split(',').flatMap((name) => ways[family][name] ?? []),
      leaseSeconds: Number(leaseSeconds),
    }),
  () => undefined,
);
const page = openPagePorts(router);

async function answer(order: RouterOrder): Promise<unknown> {
  switch (order.do) {
    case 'open':
      return router.open(order.port);
    case 'outside':
      return router.outsideOf(order.port);
    case 'shut':
      return router.shut(order.port);
    case 'check':
      return page.check();
    case 'view':
      return router.view();
    case 'renew':
      return router.renew();
    case 'close':
      return router.close();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = await answer(JSON.parse(line) as RouterOrder);
  process.stdout.write(`${JSON.stringify(told ?? null)}\n`);
}
