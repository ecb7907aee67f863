// Which way the bytes go, read from the pair of candidates in use.

import type { RouteView } from '../shared/model/link-view.ts';
import type { Connection } from './connection.ts';
import type { RtcStatsEntry } from './rtc.ts';

export type Route = Omit<RouteView, 'lanes'>;

type Side = { readonly candidateType: string; readonly address?: string; readonly protocol?: string };

export type PairFacts = { readonly local: Side; readonly remote: Side; readonly roundTripMs: number | undefined };

export async function readPair(connection: Connection): Promise<PairFacts | undefined> {
  const stats = new Map<string, RtcStatsEntry>();
  (await connection.stats()).forEach((entry) => {
    stats.set(entry.id, entry);
  });
  const transport = [...stats.values()].find(({ type }) => type === 'transport');
  const pair = stats.get(String(transport?.selectedCandidatePairId));
  const local = stats.get(String(pair?.localCandidateId)) as (RtcStatsEntry & Side) | undefined;
  const remote = stats.get(String(pair?.remoteCandidateId)) as (RtcStatsEntry & Side) | undefined;
  if (local === undefined || remote === undefined) return undefined;
  const seconds = pair?.currentRoundTripTime;
  return { local, remote, roundTripMs: typeof seconds === 'number' ? Math.round(seconds * 10_000) / 10 : undefined };
}

export function routeOf({ local, remote, roundTripMs }: PairFacts): Route {
  const types = [local.candidateType, remote.candidateType];
  // Chromium hides the address of a peer that it only knows from its checks; then only our own can tell.
  const addresses = [local, remote].map(({ address = '' }) => address);
  const isLan = addresses.every(isPrivate) || isOneNetwork(addresses);
  const near = isLan && types.every((type) => type === 'host' || type === 'prflx');
  const kind = types.includes('relay') ? 'relayed' : near ? 'same-network' : 'direct';
  return roundTripMs === undefined ? { kind } : { kind, roundTripMs };
}

/** The same machine, or one IPv6 subnet: at home, computers have public IPv6 addresses too. */
function isOneNetwork([ours = '', theirs = '']: readonly string[]): boolean {
  return ours === theirs || (ours.includes(':') && theirs.includes(':') && subnetOf(ours) === subnetOf(theirs));
}

/** The first 64 bits of an IPv6 address, where `::` may stand for any number of zeroes. */
export function subnetOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = tail === undefined ? [] : tail.split(':');
  const zeroes = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  return [...groups, ...zeroes, ...rest]
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16))
    .join(':');
}

/** Addresses that no router passes on to the internet. A name or a hidden address came from mDNS: same network. */
function isPrivate(address: string): boolean {
  return (
    address === '' ||
    address.endsWith('.local') ||
    /^(10\.|127\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address) ||
    /^(f[cd]|fe[89ab])/i.test(address) ||
    address === '::1'
  );
}
