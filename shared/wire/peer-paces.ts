// The paces of peers, each for as long as this run lasts. A link that people confirmed begins with a pace of its own; a remembered computer, which
// links again and again without anybody's word, finds its own as it left it.

import { rememberedPeersMax } from './limits.ts';

export class PeerPaces<Pace> {
  readonly #make: () => Pace;
  readonly #remembered = new Map<string, Pace>();

  constructor(make: () => Pace) {
    this.#make = make;
  }

  /** Of the link that begins now. `remembered`: the entry of its peer. */
  of(remembered: string | undefined): Pace {
    if (remembered === undefined) return this.#make();
    const pace = this.#remembered.get(remembered) ?? this.#make();
    this.#remembered.delete(remembered);
    this.#remembered.set(remembered, pace);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= rememberedPeersMax) break;
      this.#remembered.delete(oldest);
    }
    return pace;
  }
}
