// How often a peer may have something done that costs this side more than a message: one pace for the links that people confirmed anew, each
// from its beginning, and one for every remembered computer, which links again and again without anybody's word and finds its own as it left it.

import type { Clock } from '../../shared/model/clock.ts';
import {
  askedReopensBurst,
  askedReopensPerSecond,
  offersBurst,
  offersPerSecond,
  rememberedPeersMax,
} from '../../shared/wire/limits.ts';
import { TokenBucket } from '../../shared/wire/token-bucket.ts';

export type PeerPace = {
  readonly offers: TokenBucket;
  readonly reopens: TokenBucket;
};

export class PeerPaces {
  readonly #clock: Clock;
  readonly #remembered = new Map<string, PeerPace>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of the link that begins now. `remembered`: the entry of its peer. */
  of(remembered: string | undefined): PeerPace {
    const now = this.#clock.now();
    const known = remembered === undefined ? undefined : this.#remembered.get(remembered);
    const pace = known ?? {
      offers: new TokenBucket(offersPerSecond, offersBurst, now),
      reopens: new TokenBucket(askedReopensPerSecond, askedReopensBurst, now),
    };
    if (remembered !== undefined) this.#keep(remembered, pace);
    return pace;
  }

  #keep(remembered: string, pace: PeerPace): void {
    this.#remembered.delete(remembered);
    this.#remembered.set(remembered, pace);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= rememberedPeersMax) break;
      this.#remembered.delete(oldest);
    }
  }
}
