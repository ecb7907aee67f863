// Which candidates may stand in a code, and which are worth their characters. A code from a stranger must not be able to
// point the browser at this machine, at a whole network, or at a well-known service.

import { codeMaxCandidates } from '../wire/limits.ts';
import { addressBytes, addressText } from './address.ts';
import type { Candidate } from './link-code.ts';

export type CandidateRules = { readonly loopback?: boolean };

/** Below this ports belong to services of the system: no browser gathers one there. */
const lowestPort = 1024;

/** Drops what must not be there and what is there twice; the order stays. */
export function usableCandidates(all: readonly Candidate[], rules: CandidateRules = {}): Candidate[] {
  const kept = new Map<string, Candidate>();
  for (const each of all) {
    const bytes = addressBytes(each.family, each.address);
    if (bytes === undefined || !isUsablePort(each.port) || !isUsableAddress(each, bytes, rules)) continue;
    const address = addressText(each.family, bytes);
    const key = `${each.kind} ${address} ${each.port}`;
    if (!kept.has(key)) kept.set(key, { ...each, address });
    if (kept.size === codeMaxCandidates) break;
  }
  return [...kept.values()];
}

/** How many of each sort are kept: enough to reach a peer, few enough for a picture that a cheap camera can read. */
const worth: readonly { readonly sort: string; readonly most: number }[] = [
  { sort: 'host 4', most: 3 },
  { sort: 'host 6', most: 2 },
  { sort: 'host mdns', most: 2 },
  { sort: 'srflx 4', most: 1 },
  { sort: 'srflx 6', most: 1 },
  { sort: 'relay 4', most: 1 },
  { sort: 'relay 6', most: 1 },
];

/** The best of them, best first: priorities are rebuilt from this order. */
export function chooseCandidates(all: readonly Candidate[], max = 8, rules: CandidateRules = {}): Candidate[] {
  const usable = usableCandidates(all, rules);
  const chosen = worth.flatMap(({ sort, most }) =>
    usable
      .filter(({ kind, family }) => `${kind} ${family}` === sort)
      .sort((a, b) => rank(a) - rank(b))
      .filter(({ address }, at, same) => same.findIndex((other) => other.address === address) === at)
      .slice(0, most),
  );
  return chosen.slice(0, max);
}

function isUsablePort(port: number): boolean {
  return Number.isInteger(port) && port >= lowestPort && port <= 65_535;
}

function isUsableAddress({ kind, family }: Candidate, bytes: Uint8Array, rules: CandidateRules): boolean {
  if (family === 'mdns') return kind === 'host';
  return family === 4 ? isUsableV4(bytes, rules) : isUsableV6(bytes, rules);
}

function isUsableV4(bytes: Uint8Array, { loopback = false }: CandidateRules): boolean {
  const first = bytes[0]!;
  if (first === 127) return loopback;
  return first !== 0 && first < 224;
}

function isUsableV6(bytes: Uint8Array, { loopback = false }: CandidateRules): boolean {
  const leadingZeros = bytes.findIndex((byte) => byte !== 0);
  if (leadingZeros === -1) return false;
  if (leadingZeros === 15 && bytes[15] === 1) return loopback;
  // Twelve zero bytes, or ten and ffff: an IPv4 address in disguise.
  if (leadingZeros >= 12 || (leadingZeros === 10 && bytes[10] === 0xff && bytes[11] === 0xff)) return false;
  const isLinkLocal = bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
  return bytes[0] !== 0xff && !isLinkLocal;
}

/** Lower is better. Sorting is stable, so equals keep the order in which the browser ranked its networks. */
function rank({ kind, family, address }: Candidate): number {
  if (kind !== 'host') return 0;
  const bytes = addressBytes(family, address)!;
  if (family === 4) return bytes[0] === 169 && bytes[1] === 254 ? 1 : 0;
  // An address made from the network card's number stays for years; a temporary one says less about its owner.
  return family === 6 && bytes[11] === 0xff && bytes[12] === 0xfe ? 1 : 0;
}
