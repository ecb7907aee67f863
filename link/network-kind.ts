// Tells the kind of a network from what servers outside saw of this computer. Two servers are asked from one port: where
// both see the same one, whoever learns it can be linked with; where they do not, nobody else can use it.

import { addressBytes, familyOf } from '../shared/code/address.ts';
import { isLanAddress } from '../shared/lan/lan-address.ts';
import type { NetworkKind, NetworkView, RelayWay } from '../shared/model/network-view.ts';

/** One of this computer's ports as a server outside saw it. `base` is the same for the same port inside. */
export type SeenPort = { readonly base: string; readonly address: string; readonly port: number };

export type AskedServer = {
  /** Two addresses of one host are one pair of eyes. */
  readonly host: string;
  readonly answered: boolean;
  /** Missing where it saw the address that this computer has anyway. */
  readonly sawAddress?: string;
};

export type NetworkEvidence = {
  /** This computer's own addresses; names where the browser hides them. Without any network it names the loopback. */
  readonly hosts: readonly string[];
  readonly asked: readonly AskedServer[];
  readonly seen: readonly SeenPort[];
  /** Whether a call to its own public address came back. */
  readonly calledSelf: boolean | undefined;
  readonly relays: readonly RelayWay[];
};

export function judgeNetwork(evidence: NetworkEvidence): NetworkView {
  const { asked, calledSelf, relays } = evidence;
  const hosts = evidence.hosts.filter((host) => !isLoopback(host));
  const kind = kindOf({ ...evidence, hosts });
  const publicAddress = asked.find(({ sawAddress }) => sawAddress !== undefined)?.sawAddress;
  const networks = networksOf(hosts);
  return {
    ...kind,
    relays: [...new Set(relays)],
    asked: asked.length,
    answered: asked.filter(({ answered }) => answered).length,
    ipv6: ipv6Of(hosts),
    hairpin: kind.at !== 'same' || calledSelf === undefined ? 'untold' : calledSelf ? 'yes' : 'no',
    ...(publicAddress === undefined ? {} : { publicAddress }),
    ...(networks === undefined ? {} : { networks }),
  };
}

function kindOf({ asked, hosts, seen }: NetworkEvidence): NetworkKind {
  const answered = asked.filter((each) => each.answered);
  if (hosts.length === 0 && answered.length === 0) return { at: 'offline' };
  if (asked.length === 0) return { at: 'unasked' };
  // On several networks at once the browser keeps an answer to itself that names the very address it went out from.
  if (answered.length === 0)
    return hosts.some(isPublicV4) ? { at: 'untold', because: 'own-address' } : { at: 'blocked' };
  if (hasTwoFaces(seen)) return { at: 'strict' };
  const outside = answered.flatMap(({ sawAddress }) => sawAddress ?? []);
  if (outside.every((address) => hosts.includes(address))) return { at: 'open' };
  // IPv6 is hardly ever translated: what one server saw over it is no second opinion on IPv4.
  const eyes = (family: 4 | 6) =>
    new Set(answered.filter(({ sawAddress = '' }) => familyOf(sawAddress) === family).map(({ host }) => host)).size;
  if (Math.max(eyes(4), eyes(6)) >= 2) return { at: 'same' };
  const hostsAsked = new Set(asked.map(({ host }) => host)).size;
  return { at: 'untold', because: hostsAsked < 2 ? 'one-server' : 'one-answer' };
}

/** One port inside was seen as two outside. A change of the address alone counts as much. */
function hasTwoFaces(seen: readonly SeenPort[]): boolean {
  return seen.some(({ base, address, port }) =>
    seen.some(
      (other) =>
        other.base === base &&
        familyOf(other.address) === familyOf(address) &&
        (other.address !== address || other.port !== port),
    ),
  );
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1';
}

function isPublicV4(host: string): boolean {
  const [first, second = 0] = familyOf(host) === 4 ? (addressBytes(4, host) ?? []) : [];
  // 100.64.0.0/10 is what providers use between themselves and homes.
  const isShared = first === 100 && second >> 6 === 1;
  return first !== undefined && !isShared && !isLanAddress(4, host);
}

/** The browser names one address of each family for every network it uses. */
function networksOf(hosts: readonly string[]): number | undefined {
  const families = hosts.map(familyOf);
  if (families.includes('mdns')) return undefined;
  return Math.max(...[4, 6].map((family) => families.filter((each) => each === family).length));
}

function ipv6Of(hosts: readonly string[]): NetworkView['ipv6'] {
  if (hosts.some((host) => familyOf(host) === 'mdns')) return 'hidden';
  const firsts = hosts.filter((host) => familyOf(host) === 6).map((host) => addressBytes(6, host)?.[0] ?? 0);
  // Global unicast is 2000::/3; the rest that a browser names stays inside.
  if (firsts.some((first) => first >> 5 === 1)) return 'public';
  return firsts.length === 0 ? 'none' : 'private';
}
