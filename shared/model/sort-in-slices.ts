// Sorts a long list a little at a time: a folder may hold hundreds of thousands of names, and comparing them as people would takes a second
// in which the page would not draw, and blocks of other transfers would wait.

import { sortSliceItems } from '../wire/limits.ts';

/** Like `toSorted`: what is equal keeps its order. `step` is asked after every slice and may wait. */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (one: T, other: T) => number,
  step: () => Promise<void> | undefined,
): Promise<T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += sortSliceItems) {
    runs.push(items.slice(from, from + sortSliceItems).sort(compare));
    await step();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at]!, runs[at + 1] ?? [], compare, step));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (one: T, other: T) => number,
  step: () => Promise<void> | undefined,
): Promise<T[]> {
  const merged: T[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    merged.push(compare(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
    if (merged.length % sortSliceItems === 0) await step();
  }
  return merged.concat(left.slice(l), right.slice(r));
}
