// Long work in the page, cut into slices: between two of them the page draws and hears the person.

import type { Clock } from '../../shared/model/clock.ts';

/** Below what an eye notices, with room for one step that takes long. */
const sliceMs = 32;

export interface Slices {
  /** Resolves at once until the slice is over, and then after a pause. */
  step(): Promise<void> | undefined;
}

export function openSlices(clock: Pick<Clock, 'after' | 'now'>): Slices {
  let endsMs = clock.now() + sliceMs;
  return {
    step() {
      if (clock.now() < endsMs) return undefined;
      return pause(clock).then(() => {
        endsMs = clock.now() + sliceMs;
      });
    },
  };
}

/** A timer of no time at all takes some milliseconds, and longer on a busy machine, where nobody has to wait. */
function pause(clock: Pick<Clock, 'after'>): Promise<void> {
  const { scheduler } = globalThis as { readonly scheduler?: { readonly yield?: () => Promise<void> } };
  if (scheduler?.yield !== undefined) return scheduler.yield();
  return new Promise((resolve) => {
    clock.after(0, resolve);
  });
}

const runLength = 64;

/** Like `toSorted`: what is equal keeps its order. */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  slices: Slices,
): Promise<T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += runLength) {
    runs.push(items.slice(from, from + runLength).sort(compare));
    await slices.step();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2)
      merged.push(await merge(runs[at]!, runs[at + 1] ?? [], compare, slices));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
  slices: Slices,
): Promise<T[]> {
  const merged: T[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    merged.push(compare(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
    if (merged.length % runLength === 0) await slices.step();
  }
  return merged.concat(left.slice(l), right.slice(r));
}
