// Whether an offer may be accepted without asking the person. The only place that decides it.

import type { NameFlag, OfferRow } from '../ipc/views.ts';
import type { TrustView } from './link-view.ts';
import { canRunPrograms } from './name-flags.ts';

export type AutoAcceptOffer = {
  readonly fits: boolean;
  /** Where it would go can be changed by other accounts. */
  readonly isShared: boolean;
  readonly rows: readonly Pick<OfferRow, 'path' | 'flags'>[];
};

/** A renamed entry may have hidden its real name behind invisible or direction-changing characters. */
const asksFor: ReadonlySet<NameFlag> = new Set(['executable-kind', 'double-extension', 'renamed', 'cannot-store']);

/**
 * Only on a link on which this person compared the digits or both scanned each other's screen. A remembered computer was
 * checked on an earlier link, which is not enough.
 */
export function mayAutoAccept(
  trust: TrustView | undefined,
  settings: { readonly acceptVerified: boolean },
  offer: AutoAcceptOffer,
): boolean {
  if (!settings.acceptVerified || trust?.at !== 'settled') return false;
  if (trust.checked !== 'matched' && trust.checked !== 'camera') return false;
  return offer.fits && !offer.isShared && offer.rows.every(isPlain);
}

/** No part of the path is a name that deserves a look: a bundle such as `x.app` runs programs as a folder. */
function isPlain({ path, flags }: AutoAcceptOffer['rows'][number]): boolean {
  return !flags.some((flag) => asksFor.has(flag)) && !path.some(canRunPrograms);
}
