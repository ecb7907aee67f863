// Which candidates may stand in a code, and which are worth their characters. A code from a stranger must not be able to
// point the browser at this machine, at a whole network, or at a well-known service.

import { codeMaxCandidates } from '../wire/limits.ts';
import { addressBytes, addressText, isLinkLocalV6 } from './address.ts';
import type { Candidate } from './link-code.ts';

export type CandidateRules = { readonly loopback?: boolean };

/** Below this ports belong to services of the system: no browser gathers one there. */
const lowestPort = 1024;

/** Drops what must not be there and what is there twice; the order stays. */
export function usableCandidates(all: readonly Candidate[], rules: CandidateRules = {}): Candidate[] {
  const kept = new Map<string, Candidate>();
  for (const each of all) {
    const usable = usableCandidate(each, rules);
    if (usable === undefined) continue;
    const key = `${usable.kind} ${usable.address} ${usable.port}`;
    if (!kept.has(key)) kept.set(key, usable);
    if (kept.size === codeMaxCandidates) break;
  }
  return [...kept.values()];
}

/** The candidate with its address in the one canonical spelling, or nothing where it must not be used. */
export function usableCandidate(candidate: Candidate, rules: CandidateRules = {}): Candidate | undefined {
  const bytes = addressBytes(candidate.family, candidate.address);
  if (bytes === undefined || !isUsablePort(candidate.port) || !isUsableAddress(candidate, bytes, rules))
    return undefined;
  return { ...candidate, address: addressText(candidate.family, bytes) };
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

/**
 * The best of them, best first: priorities are rebuilt from this order. A second port beside the same public address is
 * kept where it tells the other side something: that this network shows every partner another port.
 */
export function chooseCandidates(all: readonly Candidate[], max = 8, rules: CandidateRules = {}): Candidate[] {
  const usable = usableCandidates(all, rules);
  const strange = usable.find((each) => each.kind === 'srflx' && hasMorePortsThanBases(each, usable));
  const chosen = worth.flatMap(({ sort, most }) =>
    usable
      .filter(({ kind, family }) => `${kind} ${family}` === sort)
      .sort((a, b) => rank(a) - rank(b))
      .filter(({ address }, at, same) => same.findIndex((other) => other.address === address) === at)
      .slice(0, most)
      .flatMap((each) => (each.address === strange?.address ? portsOf(each, usable).slice(0, 2) : [each])),
  );
  return chosen.slice(0, max);
}

/** What a code says of the network that it was made in; see `chooseCandidates`. */
export function tellsPortsApart(candidates: readonly Candidate[]): boolean {
  return candidates.some((each) => each.kind === 'srflx' && portsOf(each, candidates).length > 1);
}

/** Two networks behind one router are two ports at one address as well, but never more ports than networks. */
function hasMorePortsThanBases(mapped: Candidate, all: readonly Candidate[]): boolean {
  const bases = all.filter(({ kind, family }) => kind === 'host' && (family === mapped.family || family === 'mdns'));
  return portsOf(mapped, all).length > Math.max(1, bases.length);
}

function portsOf({ kind, address }: Candidate, all: readonly Candidate[]): readonly Candidate[] {
  return all.filter((each) => each.kind === kind && each.address === address);
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
  return bytes[0] !== 0xff && !isLinkLocalV6(bytes);
}

/** Lower is better. Sorting is stable, so equals keep the order in which the browser ranked its networks. */
function rank({ kind, family, address }: Candidate): number {
  if (kind !== 'host') return 0;
  const bytes = addressBytes(family, address)!;
  if (family === 4) return bytes[0] === 169 && bytes[1] === 254 ? 1 : 0;
  // An address made from the network card's number stays for years; a temporary one says less about its owner.
  return family === 6 && bytes[11] === 0xff && bytes[12] === 0xfe ? 1 : 0;
}
