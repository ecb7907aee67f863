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
