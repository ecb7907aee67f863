// How many lanes a link is asked for, and that the next link is asked anew.

import { expect, it } from 'vitest';
import { LaneCount } from '../../../engine/lanes/lane-count.ts';
import { LanePool } from '../../../engine/lanes/lane-pool.ts';
import { lanesMax } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';

it('asks each link for its lanes, also where the one before had as many', () => {
  const clock = new VirtualClock();
  const count = new LaneCount(new LanePool(() => undefined), clock, lanesMax);
  const sample = (roundTripMs: number) => {
    clock.advance(100);
    return count.sample([{ remainingBytes: 1e12, isWaitingForLane: true }], roundTripMs).wanted;
  };
  const far = 50;
  expect([sample(far), sample(far)]).toEqual([lanesMax, undefined]);
  count.restart();
  expect([sample(far), sample(far)]).toEqual([lanesMax, undefined]);
  count.restart();
  // On a near network the next link needs no more than it has.
  expect([sample(1), sample(1)]).toEqual([undefined, undefined]);
});
