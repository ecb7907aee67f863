// How the link is seen from outside link/: by the store, the page and the tests.

import type { FaultView } from './fault.ts';

/** What this side shows. An invite becomes a reply, on another connection, once their invite was taken. */
export type MyCode =
  | { readonly at: 'making' }
  | {
      readonly at: 'ready';
      readonly kind: 'invite' | 'reply';
      readonly text: string;
      readonly local: boolean;
      /** A reply that already reached the other side over the network: nobody needs to carry it. */
      readonly delivered?: true;
    };

/** How a code reached us: only `camera` means it came straight off the other screen. `near`: over the network, from
 * somebody who knows the invite. `known`: over the network, from a remembered computer. */
export type CodeVia = 'paste' | 'camera' | 'picture' | 'link' | 'near' | 'known';

/** What the network did for people: our reply reached them, or theirs reached us. */
export type DeliveryNews = 'delivered' | 'arrived';

export type RouteView = {
  readonly kind: 'same-network' | 'direct' | 'relayed';
  readonly roundTripMs?: number;
  readonly lanes: number;
};

/** The six digits and what people said of them. `camera`: both sides took the code with it. `known`: both codes came
 * over the network from a remembered computer. */
export type TrustView =
  | {
      readonly at: 'asking';
      readonly digits: string;
      /** They have answered, whatever they said. */
      readonly peerOk?: true;
    }
  | { readonly at: 'waiting-for-peer'; readonly digits: string; readonly choice: TrustChoice }
  | { readonly at: 'settled'; readonly digits: string; readonly checked: 'matched' | 'unchecked' | 'camera' | 'known' };
export type TrustChoice = 'match' | 'skip';

/** `asked`: they want to remember this computer; `waiting`: we want it, they have not answered; `unkept`: it could not be stored here. */
export type RememberView = 'open' | 'asked' | 'waiting' | 'agreed' | 'unkept' | 'declined';

export type PeerView = {
  readonly name: string;
  /** Its entry here, where the two remember each other. */
  readonly knownId?: string;
  readonly trust: TrustView;
  readonly route?: RouteView;
  /** There once the link is checked, unless the two know each other already. */
  readonly remember?: RememberView;
};

export type ConnectingStep = 'reaching' | 'securing' | 'verifying';
/** Why it may be taking long, in the order of likelihood; a key for a sentence. */
export type ConnectingHint =
  | 'waiting-for-reply'
  | 'they-left'
  | 'firewall'
  | 'other-network'
  | 'needs-internet-switch'
  | 'needs-stun'
  | 'their-switch'
  | 'needs-relay'
  | 'both-strict'
  | 'isolated'
  | 'hidden';

/** Something between the two networks: worth looking at this side's own. */
export function asksForNetworkCheck(hint: ConnectingHint | undefined): boolean {
  return hint === 'other-network' || hint === 'their-switch' || hint === 'needs-relay' || hint === 'needs-stun';
}

/** macOS keeps programs off the local network until the person allows it, and tells them only that there is no way. */
export function asksForLocalNetwork(hint: ConnectingHint | undefined, platform: string): boolean {
  return platform === 'darwin' && (hint === 'firewall' || hint === 'isolated');
}

export type LinkView =
  | {
      readonly at: 'pairing';
      readonly code: MyCode;
      readonly ended?: 'by-peer' | 'by-us' | FaultView;
      /** The remembered computer that was linked before this page began. It is called by itself for a while. */
      readonly callsBack?: string;
    }
  | {
      readonly at: 'connecting';
      readonly code: MyCode;
      readonly step: ConnectingStep;
      readonly hint?: ConnectingHint;
    }
  | { readonly at: 'linked'; readonly peer: PeerView }
  | {
      readonly at: 'reconnecting';
      readonly peer: PeerView;
      /** By the wall clock: a person reads it. */
      readonly sinceMs: number;
      /** A remembered computer: it is called by itself until it is back. */
      readonly callsBack?: true;
      /** Present after "Pair again": a fresh code that resumes the same transfers. */
      readonly code?: MyCode;
      /** Their reply to it was taken. */
      readonly rejoining?: { readonly hint?: ConnectingHint };
    };
