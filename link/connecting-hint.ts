// The likeliest reason why a link takes long, from what both codes say and from whether the way has been open before.

import { tellsPortsApart } from '../shared/code/candidates.ts';
import type { Candidate } from '../shared/code/link-code.ts';
import type { ConnectingHint } from '../shared/model/link-view.ts';
import { subnetOf } from './route.ts';

export type HintFacts = {
  readonly ours: readonly Candidate[];
  readonly theirs: readonly Candidate[];
  readonly serversOn: boolean;
  /** "Anywhere" is chosen, and no server is. */
  readonly routerOnly?: boolean;
  /** Bytes have passed between the two in this run: now, or over an earlier link to one of their addresses. */
  readonly wasUp: boolean;
};

export function likelyHint({ ours, theirs, serversOn, routerOnly = false, wasUp }: HintFacts): ConnectingHint {
  // The network lets the two through, but a page that was closed or loaded again has forgotten its codes.
  if (wasUp) return 'they-left';
  const neighbours = ours.some((mine) => theirs.some((other) => shareNetwork(mine, other)));
  const both = (kind: Candidate['kind']) => [ours, theirs].every((side) => side.some((each) => each.kind === kind));
  if (neighbours && isHidden(ours) && isHidden(theirs)) return 'hidden';
  if (neighbours) return samePublicAddress(ours, theirs) ? 'isolated' : 'firewall';
  if (both('relay')) return 'firewall';
  if ([ours, theirs].every((side) => tellsPortsApart(side) && !side.some(({ kind }) => kind === 'relay'))) {
    return 'both-strict';
  }
  if (both('srflx')) return 'needs-relay';
  if (routerOnly && !isOutside(ours)) return 'needs-stun';
  if (!serversOn && !routerOnly) return 'needs-internet-switch';
  return isOutside(ours) && !isOutside(theirs) ? 'their-switch' : 'other-network';
}

/** A server out there, or the router, told this side how it is seen. */
function isOutside(side: readonly Candidate[]): boolean {
  return side.some(({ kind }) => kind !== 'host');
}

/** Browsers put names in the place of addresses until a page may use the camera, and not every network carries those names. */
function isHidden(side: readonly Candidate[]): boolean {
  return side.every(({ family, kind }) => kind !== 'host' || family === 'mdns');
}

/** Same first three numbers of IPv4, same first 64 bits of IPv6: what homes and offices hand out. */
function shareNetwork(mine: Candidate, other: Candidate): boolean {
  if (mine.kind !== 'host' || other.kind !== 'host' || mine.family !== other.family) return false;
  if (mine.family === 'mdns') return true;
  const cut = (address: string) => (mine.family === 4 ? address.split('.').slice(0, 3).join('.') : subnetOf(address));
  return cut(mine.address) === cut(other.address);
}

function samePublicAddress(ours: readonly Candidate[], theirs: readonly Candidate[]): boolean {
  return ours.some(
    (mine) => mine.kind === 'srflx' && theirs.some((other) => other.kind === 'srflx' && other.address === mine.address),
  );
}
