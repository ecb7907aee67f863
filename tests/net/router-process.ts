// A host's router alone, in the namespace of a home: asks the real router there what it is told on its standard input, one JSON
// line for one answer.

import { createInterface } from 'node:readline';
import { openRealDisk } from '../../host/disk/real-disk.ts';
import { defaultGateway } from '../../host/router/default-gateway.ts';
import { findNatPmp } from '../../host/router/nat-pmp.ts';
import { openPagePorts } from '../../host/router/page-ports.ts';
import { findPcp } from '../../host/router/pcp.ts';
import { openRouter, type PortOfOurs } from '../../host/router/router.ts';
import { findUpnp } from '../../host/router/upnp.ts';
import { systemClock } from '../../host/system-clock.ts';

export type RouterOrder =
  | { readonly do: 'open' | 'shut'; readonly port: PortOfOurs }
  | { readonly do: 'check' | 'view' | 'renew' | 'close' };

const ways = { pcp: findPcp, 'nat-pmp': findNatPmp, upnp: findUpnp } as const;
const [names = '', leaseSeconds = '300'] = process.argv.slice(2);
const router = openRouter({
  clock: systemClock,
  isOn: () => true,
  findGateway: () => defaultGateway(process.platform, openRealDisk()),
  onView: () => undefined,
  onMoved: () => undefined,
  protocols: names.split(',').map((name) => ways[name as keyof typeof ways]),
  leaseSeconds: Number(leaseSeconds),
});
const page = openPagePorts(router);

async function answer(order: RouterOrder): Promise<unknown> {
  switch (order.do) {
    case 'open':
      return router.open(order.port);
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
