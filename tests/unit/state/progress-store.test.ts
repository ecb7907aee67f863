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

it('what is done is what the engine says, also when another link finds that less was kept', () => {
  const { store, sample } = openProgress(() => 0);
  const shown = [90, 60, 95].map((bytesDone) => {
    sample([{ id, bytesDone, bytesTotal: 100, filesDone: 0, bytesPerSecond: 0 }], []);
    return store.getState().byId.get(id)!.bytesDone;
  });
  expect(shown).toEqual([90, 60, 95]);
});

describe('a transfer that should move', () => {
  it('F15 S4 is said to stand still once nothing came for five seconds, and no longer when it goes on', () => {
    const { progress, run } = bench();
    progress.move(id);
    expect([run(3, 1000), run(4, 0), run(2, 0), run(1, 1000)]).toEqual([false, false, true, false]);
  });

  it('has no speed while it stands still, in its row and in the sum', () => {
    const { progress, run } = bench();
    progress.move(id);
    run(6, 1000);
    expect(progress.store.getState().bytesPerSecond).toBeGreaterThan(0);
    run(6, 0);
    const { byId, bytesPerSecond } = progress.store.getState();
    expect([byId.get(id)!.smoothBytesPerSecond, bytesPerSecond]).toEqual([0, 0]);
  });

  it('says how long is left of what goes on after it stood still, and not what the standstill made of it', () => {
    const { progress, run } = bench();
    const leftS = () => (progress.store.getState().byId.get(id)!.leftMs ?? Number.NaN) / 1000;
    progress.move(id);
    run(10, 1e7);
    expect(leftS()).toBeCloseTo(90, -1);
    run(14, 0);
    expect(leftS()).toBeNaN();
    run(2, 1e7);
    expect(leftS()).toBeNaN();
    run(3, 1e7);
    expect(leftS()).toBeGreaterThan(70);
    expect(leftS()).toBeLessThan(130);
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

it('the speed of all together is that of the only row, whenever one looks', () => {
  let nowMs = 0;
  const { move, sample, store } = openProgress(() => nowMs);
  move(id);
  const unlike: unknown[] = [];
  store.subscribe(({ bytesPerSecond, drawn }) => {
    const row = drawn.get(id)?.smoothBytesPerSecond ?? 0;
    if (bytesPerSecond !== row) unlike.push([nowMs, bytesPerSecond, row]);
  });
  let bytesDone = 0;
  for (let at = 0; at < 200; at += 1) {
    nowMs += 104;
    bytesDone += at % 50 < 25 ? 4_000_000 : 10_000;
    sample([{ id, bytesDone, bytesTotal: 1e9, filesDone: 0, bytesPerSecond: 0 }], []);
  }
  expect(store.getState().bytesPerSecond).toBeGreaterThan(0);
  expect(unlike).toEqual([]);
});

describe('the speed of a lane', () => {
  /** The direct lane hands its host a burst, and then nothing for a while: 3.7 MB a second. */
  function burst(seconds: number) {
    let nowMs = 0;
    const progress = openProgress(() => nowMs);
    progress.move(id);
    const shown: { atMs: number; speed: number }[] = [];
    progress.store.subscribe(({ lanes }) => {
      const speed = lanes[0]?.bytesPerSecond ?? 0;
      if (speed !== shown.at(-1)?.speed) shown.push({ atMs: nowMs, speed });
    });
    for (let at = 1; nowMs < seconds * 1000; at += 1) {
      nowMs += 100;
      const bytesPerSecond = at % 5 === 0 ? 18_500_000 : 0;
      const moved = { id, bytesDone: at * 370_000, bytesTotal: 1e9, filesDone: 0, bytesPerSecond: 3_700_000 };
      progress.sample([moved], [{ lane: 0, bytesPerSecond, bufferedBytes: 0 }]);
    }
    return { progress, shown };
  }

  it('follows what the line carries, and says another number once a second at most', () => {
    const { shown } = burst(20);
    const steady = shown.filter(({ atMs }) => atMs > 5000);
    for (const { speed } of steady) expect(Math.abs(speed - 3_700_000) / 3_700_000).toBeLessThan(0.25);
    for (let at = 1; at < steady.length; at += 1) {
      expect(steady[at]!.atMs - steady[at - 1]!.atMs).toBeGreaterThanOrEqual(1000);
    }
  });

  it('is none as soon as nothing moves', () => {
    const { progress } = burst(6);
    expect(progress.store.getState().lanes[0]!.bytesPerSecond).toBeGreaterThan(0);
    progress.rest(id);
    expect(progress.store.getState().lanes[0]!.bytesPerSecond).toBe(0);
  });
});

describe('what is shown of ten samples a second', () => {
  /** As the engine ticks: a tenth of a second and a little. */
  function tick(seconds: number) {
    let nowMs = 0;
    const progress = openProgress(() => nowMs);
    progress.move(id);
    const counted = new Set<number>();
    const drawn = new Set<number>();
    progress.store.subscribe((state) => {
      counted.add(state.byId.get(id)!.bytesDone);
      drawn.add(state.drawn.get(id)!.bytesDone);
    });
    for (let at = 1; nowMs < seconds * 1000; at += 1) {
      nowMs += 103;
      progress.sample([{ id, bytesDone: at, bytesTotal: 1e9, filesDone: 0, bytesPerSecond: 10 }], []);
    }
    return { progress, counted: counted.size / seconds, drawn: drawn.size / seconds, last: Math.round(nowMs / 103) };
  }

  it('says another speed once a second at most', () => {
    let nowMs = 0;
    const progress = openProgress(() => nowMs);
    progress.move(id);
    const speeds = new Set<number>();
    progress.store.subscribe((state) => speeds.add(state.byId.get(id)!.smoothBytesPerSecond));
    for (let at = 1; at <= 100; at += 1) {
      nowMs += 103;
      progress.sample([{ id, bytesDone: at * at * 1000, bytesTotal: 1e9, filesDone: 0, bytesPerSecond: 10 }], []);
    }
    expect(speeds.size).toBeGreaterThan(5);
    expect(speeds.size).toBeLessThanOrEqual(12);
  });

  it('is counted four times a second and more, and drawn two to three times', () => {
    const { counted, drawn } = tick(10);
    expect(counted).toBeGreaterThanOrEqual(4);
    expect(counted).toBeLessThan(6);
    expect(drawn).toBeGreaterThanOrEqual(2);
    expect(drawn).toBeLessThan(3);
  });

  it('is the last of them as soon as nothing moves', () => {
    for (const seconds of [1, 1.1, 1.2, 1.3]) {
      const { last, progress } = tick(seconds);
      progress.rest(id);
      const { byId, drawn } = progress.store.getState();
      expect([byId.get(id)!.bytesDone, drawn.get(id)!.bytesDone]).toEqual([last, last]);
      progress.sample([{ id, bytesDone: 5000, bytesTotal: 1e9, filesDone: 0, bytesPerSecond: 0 }], []);
      expect(progress.store.getState().drawn.get(id)!.bytesDone).toBe(5000);
    }
  });
});
