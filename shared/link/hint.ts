// The likeliest reason why a link takes long, from what both codes say and nothing else.

import type { Candidate } from '../code/link-code.ts';
import type { ConnectingHint } from '../model/link-view.ts';

export type HintFacts = {
  readonly ours: readonly Candidate[];
  readonly theirs: readonly Candidate[];
  readonly serversOn: boolean;
};

export function likelyHint({ ours, theirs, serversOn }: HintFacts): ConnectingHint {
  const neighbours = ours.some((mine) => theirs.some((other) => shareNetwork(mine, other)));
  const both = (kind: Candidate['kind']) => [ours, theirs].every((side) => side.some((each) => each.kind === kind));
  if (neighbours) return samePublicAddress(ours, theirs) ? 'isolated' : 'firewall';
  if (both('relay')) return 'firewall';
  if (both('srflx')) return 'needs-relay';
  return serversOn ? 'other-network' : 'needs-internet-switch';
}

/** Same first three numbers of IPv4, same first 64 bits of IPv6: what homes and offices hand out. */
function shareNetwork(mine: Candidate, other: Candidate): boolean {
  if (mine.kind !== 'host' || other.kind !== 'host' || mine.family !== other.family) return false;
  if (mine.family === 'mdns') return true;
  const cut = (address: string) =>
    mine.family === 4 ? address.split('.').slice(0, 3).join('.') : address.split(':').slice(0, 4).join(':');
  return cut(mine.address) === cut(other.address);
}

function samePublicAddress(ours: readonly Candidate[], theirs: readonly Candidate[]): boolean {
  return ours.some(
    (mine) => mine.kind === 'srflx' && theirs.some((other) => other.kind === 'srflx' && other.address === mine.address),
  );
}
