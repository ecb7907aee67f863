// Counters on their way to the screen: a bar that should move and does not gets a word.

import { describe, expect, it } from 'vitest';
import { openProgress } from '../../../renderer/state/progress-store.ts';

const id = 'ab'.repeat(16);

function bench() {
  let nowMs = 0;
  let bytesDone = 0;
  const progress = openProgress(() => nowMs);
  return {
    progress,
    /** Half a second at a time, as fast as told. */
    run(seconds: number, bytesPerSecond: number) {
      for (let at = 0; at < seconds * 2; at += 1) {
        nowMs += 500;
        bytesDone += bytesPerSecond / 2;
        progress.sample([{ id, bytesDone, bytesTotal: 1e9, filesDone: 0, bytesPerSecond }], []);
      }
      return progress.store.getState().byId.get(id)!.isStill;
    },
  };
}

describe('a transfer that should move', () => {
  it('F15 S4 is said to wait for the other side once nothing came for five seconds, and no longer when it goes on', () => {
    const { progress, run } = bench();
    progress.move(id);
    expect([run(3, 1000), run(4, 0), run(2, 0), run(1, 1000)]).toEqual([false, false, true, false]);
  });

  it('S12 is slow, not still, while anything comes', () => {
    const { progress, run } = bench();
    progress.move(id);
    expect(run(60, 2)).toBe(false);
  });

  it('is not waited for while a person holds it', () => {
    const { progress, run } = bench();
    progress.move(id);
    expect(run(10, 0)).toBe(true);
    progress.rest(id);
    expect(progress.store.getState().byId.get(id)!.isStill).toBe(false);
    expect(run(10, 0)).toBe(false);
  });
});
