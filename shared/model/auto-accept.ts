// Whether an offer may be accepted without asking the person. The only place that decides it.

import type { NameFlag, OfferRow } from '../ipc/views.ts';
import type { TrustView } from './link-view.ts';
import { canRunPrograms } from './name-flags.ts';

export type AutoAcceptOffer = {
  readonly fits: boolean;
  readonly bytes: number;
  /** Where it would go can be changed by other accounts. */
  readonly isShared: boolean;
  readonly rows: readonly Pick<OfferRow, 'path' | 'flags'>[];
};

export type AutoAcceptSettings = {
  /** From everybody whose link was checked in this session. */
  readonly acceptVerified: boolean;
  /** From this remembered computer, up to that size: the person chose it for this one. */
  readonly rememberedMaxBytes?: number | undefined;
};

/** What is known of the other side. */
export type AutoAcceptPeer = {
  readonly trust: TrustView;
  /** A page that anybody may have altered on its way. */
  readonly isGuest: boolean;
};

/** A renamed entry may have hidden its real name behind invisible or direction-changing characters. */
const asksFor: ReadonlySet<NameFlag> = new Set(['executable-kind', 'double-extension', 'renamed', 'cannot-store']);
/** Nobody looks on when a remembered computer sends: there a hidden name is asked about, too. */
const asksForUnseen: ReadonlySet<NameFlag> = new Set([...asksFor, 'hidden']);

/**
 * On a link on which this person compared the digits or both scanned each other's screen; and on one to a remembered computer
 * for which the person chose it. That a remembered computer was checked on an earlier link is not enough.
 */
export function mayAutoAccept(
  peer: AutoAcceptPeer | undefined,
  { acceptVerified, rememberedMaxBytes }: AutoAcceptSettings,
  { bytes, fits, isShared, rows }: AutoAcceptOffer,
): boolean {
  if (peer === undefined || peer.isGuest || !fits || isShared) return false;
  const { trust } = peer;
  if (trust.at !== 'settled' || trust.checked === 'unchecked') return false;
  if (acceptVerified && trust.checked !== 'known' && rows.every((row) => isPlain(row, asksFor))) return true;
  return (
    rememberedMaxBytes !== undefined && bytes <= rememberedMaxBytes && rows.every((row) => isPlain(row, asksForUnseen))
  );
}

/** No part of the path is a name that deserves a look: a bundle such as `x.app` runs programs as a folder. */
function isPlain({ path, flags }: AutoAcceptOffer['rows'][number], asks: ReadonlySet<NameFlag>): boolean {
  return !flags.some((flag) => asks.has(flag)) && !path.some(canRunPrograms);
}
