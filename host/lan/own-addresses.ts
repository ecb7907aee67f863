// This computer's addresses, spelled as codes spell them.

import { networkInterfaces } from 'node:os';
import { addressBytes, addressText } from '../../shared/code/address.ts';

export function ownAddresses(): ReadonlySet<string> {
  const own = new Set<string>();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    const sort = family === 'IPv4' ? 4 : 6;
    const bytes = addressBytes(sort, address);
    if (bytes !== undefined) own.add(addressText(sort, bytes));
  }
  return own;
}
