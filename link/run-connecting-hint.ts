// Why a link takes long, as far as this page can know. Remembers, from link to link, which way has been open before.

import type { Clock } from '../shared/model/clock.ts';
import type { ConnectingHint } from '../shared/model/link-view.ts';
import { connectingHintAfterMs } from '../shared/wire/limits.ts';
import { type HintFacts, likelyHint } from './connecting-hint.ts';
import type { Connection } from './connection.ts';
import type { PairingView } from './run-pairing.ts';

type Hinted = { readonly hint?: ConnectingHint };

/** What this side lets be asked across the internet. */
export type Asked = Pick<HintFacts, 'serversOn' | 'routerOnly'>;

export function openHints(clock: Clock, asked: () => Asked) {
  /** Where the other side of the newest link said that it was. */
  let upWith: ReadonlySet<string> = new Set();
  /** By its other side, if only once. */
  const reached = new WeakSet<Connection>();

  function isLate(sinceMs: number): boolean {
    return clock.now() - sinceMs >= connectingHintAfterMs;
  }

  return {
    linked(connection: Connection): void {
      upWith = new Set(connection.remoteCandidates().map(({ address }) => address));
    },
    pairing({ ours, sinceMs }: PairingView, reaching: Connection): Hinted {
      if (reaching.isReached()) reached.add(reaching);
      if (!isLate(sinceMs)) return {};
      const theirs = reaching.remoteCandidates();
      const wasUp = reached.has(reaching) || theirs.some(({ address }) => upWith.has(address));
      return { hint: likelyHint({ ours, theirs, ...asked(), wasUp }) };
    },
    verifying: (sinceMs: number): Hinted => (isLate(sinceMs) ? { hint: 'they-left' } : {}),
  };
}
