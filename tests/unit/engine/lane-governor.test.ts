import { describe, expect, it } from 'vitest';
import {
  type Governor,
  governorAtRest,
  type LaneMeasure,
  lanesWanted,
  nextGovernor,
} from '../../../engine/lanes/lane-governor.ts';

const plenty = 1e12;

/** A link whose speed depends on the lanes alone. Answers with every count asked for, in order. */
function drive(
  speed: (lanes: number, atMs: number) => number,
  { seconds = 60, ...rest }: { seconds?: number } & Partial<LaneMeasure> = {},
): { counts: number[]; state: Governor } {
  let state = governorAtRest;
  const counts = [lanesWanted(state)];
  let lanes = 1;
  for (let atMs = 0; atMs < seconds * 1000; atMs += 100) {
    const bytes = speed(lanes, atMs) * 100;
    state = nextGovernor(state, {
      elapsedMs: 100,
      bytes,
      remainingBytes: plenty,
      lanes,
      isDraining: false,
      busy: true,
      roundTripMs: 1,
      ...rest,
    });
    lanes = lanesWanted(state);
    if (lanes !== counts.at(-1)) counts.push(lanes);
  }
  return { counts, state };
}

describe('the lane governor', () => {
  it('keeps one lane for what is soon over', () => {
    expect(drive(() => 20_000, { remainingBytes: 1_000_000 }).counts).toEqual([1]);
  });

  it('keeps one lane while nothing waits for it', () => {
    expect(drive(() => 20_000, { busy: false }).counts).toEqual([1]);
  });

  it('waits with further lanes until it is known how far they reach', () => {
    expect(drive(() => 20_000, { roundTripMs: undefined }).counts).toEqual([1]);
  });

  it('opens all lanes at once on a far link, where each is held back by itself, and keeps them', () => {
    const { counts } = drive((lanes) => lanes * 400, { roundTripMs: 50 });
    expect(counts.slice(0, 2)).toEqual([1, 8]);
    expect(counts.at(-1)).toBe(8);
  });

  it('climbs for as long as more lanes are faster', () => {
    expect(drive((lanes) => Math.min(lanes, 6) * 5000, { seconds: 25 }).counts).toEqual([1, 3, 5, 7, 8, 7]);
  });

  it('comes back to what was best when neither more nor fewer are as fast', () => {
    expect(drive((lanes) => (lanes === 3 ? 28_000 : 20_000), { seconds: 25 }).counts).toEqual([1, 3, 5, 3]);
  });

  it('looks once near by, and stays with one lane where one is as fast as many', () => {
    expect(drive(() => 20_000, { seconds: 25 }).counts).toEqual([1, 3, 1]);
  });

  it('opens none for what is over before one lane has shown what it can do', () => {
    expect(drive(() => 20_000, { seconds: 2 }).counts).toEqual([1]);
  });

  it('goes down to one lane when one is as fast as many far away, too', () => {
    expect(drive(() => 20_000, { seconds: 25, roundTripMs: 50 }).counts).toEqual([1, 8, 6, 4, 2, 1]);
  });

  it('makes do with the lanes that opened', () => {
    const { state } = drive(() => 20_000, { lanes: 2 });
    expect(lanesWanted(state)).toBe(2);
  });

  it('looks again ever more seldom when looking changes nothing', () => {
    const { counts } = drive((lanes) => (lanes === 3 ? 28_000 : 20_000), { seconds: 1800 });
    expect(counts.length).toBeLessThan(25);
    expect(counts.at(-1)).toBe(3);
  });

  it('does not change for noise smaller than its hysteresis', () => {
    let seed = 7;
    const noise = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return 0.75 + (seed / 2_147_483_647) * 0.5;
    };
    const { counts } = drive((lanes) => Math.min(lanes, 4) * 6000 * noise(), { seconds: 600 });
    expect(counts.at(-1)).toBeGreaterThanOrEqual(4);
    expect(counts.length).toBeLessThan(20);
  });

  it('does not take what given up lanes still bring in for the speed of those that stay', () => {
    let state = governorAtRest;
    let lanes = 1;
    let drainsUntilMs = 0;
    let bringing = 1;
    for (let atMs = 0; atMs < 25_000; atMs += 100) {
      const isDraining = atMs < drainsUntilMs;
      const bytes = (isDraining ? bringing : lanes) * 40_000;
      const sample = { elapsedMs: 100, bytes, remainingBytes: plenty, lanes, isDraining, busy: true, roundTripMs: 50 };
      state = nextGovernor(state, sample);
      if (lanesWanted(state) < lanes) {
        drainsUntilMs = atMs + 3_000;
        bringing = lanes;
      }
      lanes = lanesWanted(state);
    }
    expect(lanes).toBe(8);
  });

  it('lets the lanes go after a long quiet', () => {
    const { state } = drive((lanes) => lanes * 400, { roundTripMs: 50 });
    let now = state;
    for (let at = 0; at < 250; at += 1) {
      const sample = { elapsedMs: 100, bytes: 0, remainingBytes: 0, lanes: 8, busy: false, roundTripMs: 50 };
      now = nextGovernor(now, { ...sample, isDraining: false });
    }
    expect(lanesWanted(now)).toBe(1);
  });
});
