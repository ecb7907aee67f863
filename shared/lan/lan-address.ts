// Which addresses of a code belong to a network that two people share: private and link-local ones, at ports that systems give
// out, and nothing else. A code from a stranger must not make this computer connect to the internet, or to some service.

import { addressBytes, isLinkLocalV6 } from '../code/address.ts';
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

/**
 * Where a router lets others in to the invite's maker: TCP at the ports that the code gives for UDP. Public addresses only; those of
 * IPv6 are the same inside and outside.
 */
export function outsideAddresses(candidates: readonly Candidate[]): LanAddress[] {
  return candidates.flatMap(({ kind, family, address, port }) => {
    const isOutside = (kind === 'srflx' && family === 4) || (kind === 'host' && family === 6);
    return isOutside && port >= replyPortMin && worthOf(address) === 'public' ? [{ family, address, port }] : [];
  });
}

export function isLanAddress(family: 4 | 6, address: string, { loopback = false }: LanRules = {}): boolean {
  const bytes = addressBytes(family, address);
  if (bytes === undefined) return false;
  const [first = 0, second = 0] = bytes;
  if (family === 6) return (first & 0xfe) === 0xfc || isLinkLocalV6(bytes);
  if (first === 127) return loopback;
  return (
    first === 10 ||
    (first === 172 && (second & 0xf0) === 16) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254)
  );
}

/** `shared`: what providers use between themselves and homes (RFC 6598). `behind`: another router's network. */
export type AddressWorth = 'public' | 'shared' | 'behind' | 'none';

export function worthOf(address: string): AddressWorth {
  if (isPublicV6(address)) return 'public';
  const bytes = addressBytes(4, address);
  if (bytes === undefined) return 'none';
  const [first = 0, second = 0, third = 0] = bytes;
  if (first === 100 && second >> 6 === 1) return 'shared';
  // 192.0.0.0/24 is the home's end of a tunnel in which the provider translates (RFC 6333).
  if (first === 192 && second === 0 && third === 0) return 'shared';
  if (isLanAddress(4, address)) return 'behind';
  return first === 0 || first === 127 || first >= 224 ? 'none' : 'public';
}

/** 2000::/3, without what is known to lead nowhere: addresses of documents, and tunnels with IPv4 inside. */
export function isPublicV6(address: string): boolean {
  const bytes = addressBytes(6, address);
  if (bytes === undefined || bytes[0]! >> 5 !== 1) return false;
  const [first, second, third, fourth] = bytes;
  const isDocument = first === 0x20 && second === 1 && third === 0x0d && fourth === 0xb8;
  const isTunnel = first === 0x20 && (second === 2 || (second === 1 && third === 0 && fourth === 0));
  return !isDocument && !isTunnel;
}
