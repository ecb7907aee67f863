// Where knocks meet on a network: one multicast group and port for everybody, never beyond the first router.

import { networkInterfaces } from 'node:os';
import { addressBytes } from '../../shared/code/address.ts';
import { isNearAddress, type NearRules } from '../../shared/lan/near-address.ts';

export type KnockPlace = { readonly group: string; readonly port: number };

export const knockPlace: KnockPlace = { group: '239.255.84.67', port: 48_670 };

/** This computer's IPv4 addresses on private networks: a knock leaves, and is heard, on each. */
export function knockInterfaces(rules: NearRules = {}): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address }) => addressBytes(4, address) !== undefined && isNearAddress(4, address, rules))
    .map(({ address }) => address);
}
