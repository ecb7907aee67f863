// The clock of this computer.

import type { Clock } from '../shared/model/clock.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
