// A clock that stands still until a test moves it on.

import type { Clock } from '../../../shared/model/clock.ts';

type Planned = { readonly atMs: number; readonly task: () => void };

export class VirtualClock implements Clock {
  #nowMs = 0;
  /** Somebody sets the clock on the wall by so much. */
  wallSetMs = 0;
  readonly #planned = new Set<Planned>();

  now(): number {
    return this.#nowMs;
  }

  wallClockMs(): number {
    return 1_700_000_000_000 + this.wallSetMs + this.#nowMs;
  }

  after(ms: number, task: () => void): () => void {
    const planned = { atMs: this.#nowMs + ms, task };
    this.#planned.add(planned);
    return () => this.#planned.delete(planned);
  }

  /** Tasks that are due run in their order, each at its own time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#planned].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#planned.delete(due);
      this.#nowMs = due.atMs;
      due.task();
    }
    this.#nowMs = endMs;
  }

  /** The same in steps of a second, with everything that waits for promises done in between. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      this.advance(Math.min(left, 1_000));
      await settled();
    }
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#planned.size;
  }
}

/** Promises that can go on have gone on. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
