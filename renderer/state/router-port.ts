// The host's reach to the person's own router, as the link's port. A host that is gone opens nothing.

import type { HostAddress, RouterPort } from '../../link/ports.ts';
import { replyPortMin } from '../../shared/wire/limits.ts';
import type { HostPort } from './ports.ts';

export function openRouterPort(host: HostPort): RouterPort {
  /** Below it the host opens nothing. */
  const usable = (hosts: readonly HostAddress[]) => hosts.filter(({ port }) => port >= replyPortMin);
  return {
    open: (hosts) =>
      host.call('router.open', { hosts: usable(hosts).map(({ address, port }) => ({ address, port })) }).then(
        (outside) => outside,
        () => [],
      ),
    shut: (hosts) =>
      void host.call('router.shut', { ports: usable(hosts).map(({ port }) => port) }).catch(() => undefined),
    renew: () => void host.call('router.renew', {}).catch(() => undefined),
  };
}
