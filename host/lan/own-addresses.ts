// This computer's addresses, spelled as codes spell them, and the networks that they are on.

import type { NetworkInterfaceInfo } from 'node:os';
import { addressBytes, addressText, isLinkLocalV6 } from '../../shared/code/address.ts';
import { networkInterfaces } from './network-interfaces.ts';

export function ownAddresses(): ReadonlySet<string> {
  const own = new Set<string>();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    const sort = family === 'IPv4' ? 4 : 6;
    const bytes = addressBytes(sort, address);
    if (bytes !== undefined) own.add(addressText(sort, bytes));
  }
  return own;
}

/**
 * For each network that this computer is on, its addresses there. Of several IPv6 addresses with one prefix programs use one, and
 * which one is theirs to choose; each address of IPv4 counts by itself.
 */
export function addressesByNetwork(interfaces: Interfaces = networkInterfaces()): string[][] {
  const networks = new Map<string, string[]>();
  for (const [name, list] of Object.entries(interfaces)) {
    for (const { address, family, internal } of list ?? []) {
      const sort = family === 'IPv4' ? 4 : 6;
      const bytes = addressBytes(sort, address);
      if (internal || bytes === undefined || (sort === 6 && isLinkLocalV6(bytes))) continue;
      const own = addressText(sort, bytes);
      const key = `${name} ${sort === 4 ? own : bytes.subarray(0, 8).join()}`;
      networks.set(key, [...(networks.get(key) ?? []), own]);
    }
  }
  return [...networks.values()];
}

type Interfaces = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[] | undefined>
>;

/** Whether an address is on a network of one of this computer's interfaces, by their netmasks. */
export function isOnOwnNetwork(
  family: 4 | 6,
  address: string,
  interfaces: readonly Pick<NetworkInterfaceInfo, 'address' | 'netmask'>[] = presentInterfaces(),
): boolean {
  const theirs = addressBytes(family, address);
  return interfaces.some((own) => {
    const [mine, mask] = [addressBytes(family, own.address), addressBytes(family, own.netmask)];
    if (theirs === undefined || mine === undefined || mask === undefined) return false;
    return mask.every((bits, at) => ((theirs[at]! ^ mine[at]!) & bits) === 0);
  });
}

function presentInterfaces(): NetworkInterfaceInfo[] {
  return Object.values(networkInterfaces()).flatMap((list) => list ?? []);
}
