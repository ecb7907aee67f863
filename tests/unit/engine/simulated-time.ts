// Chance and time of one ride, both from a seed: whoever runs the seed again sees the same delays, cuts and clicks.

import type { Clock } from '../../../shared/model/clock.ts';

type Planned = { readonly at: number; readonly task: () => void; isOff: boolean };

export class Weather {
  now = 0;
  readonly #planned: Planned[] = [];
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Mulberry32: as good as it needs to be, and nobody's but ours. */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }

  after(ms: number, task: () => void): () => void {
    const planned = { at: this.now + ms, task, isOff: false };
    let at = this.#planned.length;
    while (at > 0 && this.#planned[at - 1]!.at > planned.at) at -= 1;
    this.#planned.splice(at, 0, planned);
    return () => {
      planned.isOff = true;
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  clock(isAlive: () => boolean): Clock {
    return {
      now: () => this.now,
      wallClockMs: () => 0,
      after: (ms, task) => this.after(ms, () => isAlive() && task()),
    };
  }

  /** Lets time pass until this is so, or this long. */
  async pass(ms: number, until: () => boolean = () => false): Promise<boolean> {
    const end = this.now + ms;
    while (!until()) {
      const next = this.#planned[0];
      if (next === undefined || next.at > end) {
        this.now = end;
        return until();
      }
      this.#planned.shift();
      if (next.isOff) continue;
      this.now = next.at;
      next.task();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  }
}
