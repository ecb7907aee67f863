// Where discovery requests are sent and received: one multicast group and port for everybody, never beyond the first router.

import { addressBytes } from '../../shared/code/address.ts';
import { isLanAddress, type LanRules } from '../../shared/lan/lan-address.ts';
import { networkInterfaces } from './network-interfaces.ts';

export type DiscoveryGroup = { readonly group: string; readonly port: number };

export const discoveryGroup: DiscoveryGroup = { group: '239.255.84.67', port: 48_670 };

/**
 * This computer's IPv4 addresses on private networks: a request leaves, and is heard, on each. Where there is none, its loopback:
 * another Tincan on this computer is found without a network, too.
 */
export function discoveryInterfaces(rules: LanRules = {}): readonly string[] {
  const present = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address)
    .filter((address) => addressBytes(4, address) !== undefined);
  const near = present.filter((address) => isLanAddress(4, address, rules));
  return near.length > 0 ? near : present.filter((address) => isLanAddress(4, address, { loopback: true }));
}
