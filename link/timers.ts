// Two timers that the link needs more than once.

import type { Clock } from '../shared/model/clock.ts';

/** Again and again, until the answer is called. */
export function every(clock: Clock, ms: number, task: () => void): () => void {
  let stop = clock.after(ms, again);
  function again(): void {
    stop = clock.after(ms, again);
    task();
  }
  return () => stop();
}

export type QuietTimer = { restart(): void; stop(): void };

/** Once nobody has restarted it for `ms`. */
export function afterQuiet(clock: Clock, ms: number, task: () => void): QuietTimer {
  let stop = (): void => undefined;
  return {
    restart() {
      stop();
      stop = clock.after(ms, task);
    },
    stop: () => stop(),
  };
}
