// Where discovery requests are sent and received: one multicast group and port for everybody, never beyond the first router.

import { addressBytes } from '../../shared/code/address.ts';
import { isLanAddress, type LanRules } from '../../shared/lan/lan-address.ts';
import { networkInterfaces } from './network-interfaces.ts';

export type DiscoveryGroup = { readonly group: string; readonly port: number };

export const discoveryGroup: DiscoveryGroup = { group: '239.255.84.67', port: 48_670 };

/** This computer's IPv4 addresses on private networks: a request leaves, and is heard, on each. */
export function lanInterfaces(rules: LanRules = {}): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address }) => addressBytes(4, address) !== undefined && isLanAddress(4, address, rules))
    .map(({ address }) => address);
}
