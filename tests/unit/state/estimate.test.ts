// Speed and time left: near the truth, and never jumping.

import { describe, expect, it } from 'vitest';
import { beginEstimate, type Estimate, nextEstimate } from '../../../renderer/state/estimate.ts';

const total = 1_000_000_000;

function run(bytesAt: (second: number) => number, seconds: number): Estimate[] {
  const seen: Estimate[] = [];
  let estimate = beginEstimate({ atMs: 0, bytesDone: bytesAt(0), bytesTotal: total });
  for (let tenth = 1; tenth <= seconds * 10; tenth += 1) {
    estimate = nextEstimate(estimate, { atMs: tenth * 100, bytesDone: bytesAt(tenth / 10), bytesTotal: total });
    seen.push(estimate);
  }
  return seen;
}

describe('the estimate', () => {
  it('says nothing in the first moment', () => {
    expect(run((second) => second * 10_000_000, 1).at(-1)?.leftMs).toBeUndefined();
  });

  it('finds a steady speed and the time left', () => {
    const last = run((second) => second * 10_000_000, 20).at(-1)!;
    expect(last.bytesPerSecond).toBeCloseTo(10_000_000, -5);
    expect(last.leftMs! / 1000).toBeGreaterThan(75);
    expect(last.leftMs! / 1000).toBeLessThan(85);
  });

  it('promises nothing of a slow start that is far from the truth', () => {
    const seen = run((second) => (second < 2 ? second * 1_000_000 : 2_000_000 + (second - 2) * 25_000_000), 20);
    const first = seen.find(({ leftMs }) => leftMs !== undefined)!;
    const truthMs = 42_000 - first.atMs;
    expect(first.leftMs! / truthMs).toBeLessThan(2);
    expect(first.leftMs! / truthMs).toBeGreaterThan(0.5);
  });

  it('does not jump when blocks land in bursts', () => {
    const shown = run((second) => Math.floor(second / 2) * 20_000_000, 40)
      .slice(100)
      .map(({ leftMs }) => leftMs!);
    const jumps = shown.slice(1).map((leftMs, index) => Math.abs(leftMs - shown[index]!) / shown[index]!);
    expect(Math.max(...jumps)).toBeLessThan(0.05);
  });

  it('is at its end when everything is there', () => {
    expect(run((second) => Math.min(total, second * 100_000_000), 12).at(-1)?.leftMs).toBe(0);
  });

  it('takes a clock that stands still', () => {
    const begun = beginEstimate({ atMs: 5, bytesDone: 0, bytesTotal: total });
    expect(nextEstimate(begun, { atMs: 5, bytesDone: 9, bytesTotal: total })).toBe(begun);
  });
});
