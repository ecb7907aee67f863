// TCP ports that others are let in to from outside, where the router does: for replies at the addresses of an invite, and for the
// direct lane at every address that the link may use.

import type { Router } from './router.ts';

/** `address`: of IPv6, and of this computer. */
export interface OutsidePorts {
  open(port: number, address?: string): void;
  shut(port: number, address?: string): void;
}

/** IPv4 wants the number outside that the router gave to the UDP port of the same number: the code names that one. */
export function replyPorts(router: Router): OutsidePorts {
  return {
    open(port, address) {
      if (address !== undefined) {
        void router.open({ protocol: 'tcp', port, address, isExact: true });
        return;
      }
      const outside = router.outsideOf({ protocol: 'udp', port });
      if (outside !== undefined) void router.open({ protocol: 'tcp', port, wantedPort: outside.port, isExact: true });
    },
    shut: (port, address) => void router.shut({ protocol: 'tcp', port, ...(address === undefined ? {} : { address }) }),
  };
}

export function lanePorts(router: Router): OutsidePorts {
  const open = new Map<number, readonly string[]>();
  return {
    open(port) {
      const addresses = router.wantedAddresses();
      open.set(port, addresses);
      void router.open({ protocol: 'tcp', port, isExact: true });
      for (const address of addresses) void router.open({ protocol: 'tcp', port, address, isExact: true });
    },
    shut(port) {
      void router.shut({ protocol: 'tcp', port });
      for (const address of open.get(port) ?? []) void router.shut({ protocol: 'tcp', port, address });
      open.delete(port);
    },
  };
}
