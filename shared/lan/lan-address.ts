// Which addresses of a code belong to a network that two people share: private and link-local ones, at ports that systems give
// out, and nothing else. A code from a stranger must not make this computer connect to the internet, or to some service.

import { addressBytes } from '../code/address.ts';
import type { Candidate } from '../code/link-code.ts';
import { replyPortMin } from '../wire/limits.ts';

export type LanAddress = { readonly family: 4 | 6; readonly address: string; readonly port: number };

export type LanRules = { readonly loopback?: boolean };

/** The invite's own host addresses, TCP at the ports that the code gives for UDP: no room in the code is needed. */
export function lanAddresses(candidates: readonly Candidate[], rules: LanRules = {}): LanAddress[] {
  return candidates.flatMap(({ kind, family, address, port }) =>
    kind === 'host' && family !== 'mdns' && port >= replyPortMin && isLanAddress(family, address, rules)
      ? [{ family, address, port }]
      : [],
  );
}

export function isLanAddress(family: 4 | 6, address: string, { loopback = false }: LanRules = {}): boolean {
  const bytes = addressBytes(family, address);
  if (bytes === undefined) return false;
  const [first = 0, second = 0] = bytes;
  if (family === 6) return (first & 0xfe) === 0xfc || (first === 0xfe && (second & 0xc0) === 0x80);
  if (first === 127) return loopback;
  return (
    first === 10 ||
    (first === 172 && (second & 0xf0) === 16) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254)
  );
}
