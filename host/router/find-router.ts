// Finds how the gateway lets ports be opened. All ways of its family are tried side by side; what answers first is used, and the
// others stay at hand in case it refuses.

import type { Clock } from '../../shared/model/clock.ts';
import { routerFindMs, routerPreferMs } from '../../shared/wire/limits.ts';
import {
  type FindProtocol,
  type FoundProtocol,
  type GatewayPlace,
  type RouterProtocol,
  withinTime,
} from './gateway-place.ts';
import { findNatPmp } from './nat-pmp.ts';
import { findPcp } from './pcp.ts';
import { findPinholes } from './pinholes.ts';
import { findUpnp } from './upnp.ts';

/** In the order in which they are liked: the first proves whose a mapping is, the last is the slowest. */
export const protocolsV4: readonly FindProtocol[] = [findPcp, findNatPmp, findUpnp];
/** Pinholes: nothing is translated. */
export const protocolsV6: readonly FindProtocol[] = [findPcp, findPinholes];

export type FoundRouter = {
  readonly first: RouterProtocol;
  /** Those that answered too, once all were given their time. */
  readonly others: Promise<readonly RouterProtocol[]>;
  /** What the rest said. */
  readonly refusal: Promise<RouterRefusal | undefined>;
};

export type RouterRefusal = 'refused' | 'no-address';

export async function findRouter(
  place: GatewayPlace,
  protocols: readonly FindProtocol[],
  clock: Clock,
  signal: AbortSignal,
): Promise<FoundRouter | RouterRefusal | undefined> {
  const finding = protocols.map((find) =>
    withinTime({ clock, ms: routerFindMs, signal }, (stop) => find(place, clock, stop)).catch(() => undefined),
  );
  const all = Promise.all(finding);
  const usable = finding.map(async (each) => {
    const found = await each;
    if (!isProtocol(found)) throw new Error('not this way');
    return found;
  });
  const any = await Promise.any(usable).catch(() => undefined);
  if (any === undefined) return refusalIn(await all);
  const first = await Promise.race([usable[0]!.catch(() => any), after(clock, routerPreferMs).then(() => any)]);
  return {
    first,
    others: all.then((found) => found.filter(isProtocol).filter((each) => each !== first)),
    refusal: all.then(refusalIn),
  };
}

/** The one that says more. */
function refusalIn(found: readonly FoundProtocol[]): RouterRefusal | undefined {
  if (found.includes('no-address')) return 'no-address';
  return found.includes('refused') ? 'refused' : undefined;
}

function isProtocol(found: FoundProtocol): found is RouterProtocol {
  return typeof found === 'object';
}

function after(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
