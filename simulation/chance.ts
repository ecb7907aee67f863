// Chance from a seed.

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = stateOf(seed);
  }

  /** From here on chance depends on these two alone, not on what was drawn before. */
  restart(seed: number, part: number): void {
    this.#state = stateOf(stateOf(seed) ^ Math.imul(part + 1, 0x85ebca6b));
  }

  /** Mulberry32: as good as it needs to be, and the same in every version of Node. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** So often out of one. */
  hits(share: number): boolean {
    return share > 0 && this.next() < share;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** `most` is left out. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.whole(0, from.length)]!;
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = this.whole(0, 256);
  }

  /** Anything up to one of these, each of which has a weight. */
  upTo(choices: readonly (readonly [weight: number, most: number])[]): number {
    return this.between(0, this.weighted(choices));
  }

  weighted<T>(choices: readonly (readonly [weight: number, what: T])[]): T {
    let ticket = this.between(
      0,
      choices.reduce((sum, [weight]) => sum + weight, 0),
    );
    for (const [weight, what] of choices) {
      ticket -= weight;
      if (ticket < 0) return what;
    }
    return choices.at(-1)![1];
  }
}

function stateOf(seed: number): number {
  return (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0;
}
