// Ranges that a receiver tells before its answer, over as many messages as it needs: in order and within what there is, so
// that nobody can pile them up here without end.

import type { IndexRange } from '../../shared/model/manifest.ts';

export class ToldRanges {
  readonly #told: IndexRange[] = [];

  get all(): readonly IndexRange[] {
    return this.#told;
  }

  get end(): number {
    return this.#told.at(-1)?.[1] ?? 0;
  }

  /** Answers false, and is not to be used any more, where they are no such ranges. */
  take(ranges: readonly IndexRange[], end: number): boolean {
    for (const [from, to] of ranges) {
      if (from >= to || to > end || from < this.end) return false;
      this.#told.push([from, to]);
    }
    return true;
  }

  forget(): void {
    this.#told.length = 0;
  }
}
