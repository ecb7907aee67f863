// Sorts a long list a little at a time: a folder may hold hundreds of thousands of names, and comparing them as people would takes a second
// in which blocks of other transfers and the person's clicks would wait.

import { setImmediate } from 'node:timers/promises';
import { sortSliceItems } from '../../shared/wire/limits.ts';

/** As `toSorted` does it: equal ones keep their order. */
export async function sortInSlices<T>(items: readonly T[], compare: (one: T, other: T) => number): Promise<T[]> {
  if (items.length <= sortSliceItems) return items.toSorted(compare);
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += sortSliceItems) {
    runs.push(items.slice(from, from + sortSliceItems).sort(compare));
    await setImmediate();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at]!, runs[at + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0]!;
}

async function merge<T>(first: T[], second: T[], compare: (one: T, other: T) => number): Promise<T[]> {
  if (second.length === 0) return first;
  const merged: T[] = [];
  let [at, other] = [0, 0];
  while (at < first.length && other < second.length) {
    merged.push(compare(first[at]!, second[other]!) <= 0 ? first[at++]! : second[other++]!);
    if (merged.length % sortSliceItems === 0) await setImmediate();
  }
  for (; at < first.length; at += 1) merged.push(first[at]!);
  for (; other < second.length; other += 1) merged.push(second[other]!);
  return merged;
}
