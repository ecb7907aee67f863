// The machine's own time, for everything in the host that takes a Clock.

import type { Clock } from '../shared/model/clock.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
