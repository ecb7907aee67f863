// The sums over the whole queue, and the speed: true, and never shrinking on the way.

import { describe, expect, it } from 'vitest';
import { queueOf } from '../../../renderer/state/queue.ts';
import { type Bench, idOf, openBench, progress, transfer } from './stage.ts';

const sums = ({ tincan }: Bench) => {
  const { bytesDone, bytesTotal } = queueOf(tincan.store.getState(), tincan.progress.getState());
  return [bytesDone, bytesTotal];
};

describe('the queue', () => {
  it('keeps what is finished in its sums until everything rests', () => {
    const bench = openBench();
    bench.emit(transfer(1, {}));
    bench.emit(transfer(2, { direction: 'receive', state: 'receiving' }));
    bench.emit(progress(1, 900));
    bench.clock.ms += 500;
    bench.emit(progress(2, 100));
    expect(sums(bench)).toEqual([1000, 2000]);
    bench.emit(transfer(1, { state: 'done' }));
    expect(sums(bench)).toEqual([1100, 2000]);
    bench.emit(transfer(3, {}));
    expect(sums(bench)).toEqual([1100, 3000]);
    bench.emit(transfer(2, { state: 'done' }));
    bench.emit(transfer(3, { state: 'done' }));
    expect(sums(bench)).toEqual([0, 0]);
  });

  it('begins anew after a rest', () => {
    const bench = openBench();
    bench.emit(transfer(1, {}));
    bench.emit(transfer(1, { state: 'done' }));
    bench.emit(transfer(2, {}));
    expect(sums(bench)).toEqual([0, 1000]);
  });

  it('counts of what was called off only what had moved', () => {
    const bench = openBench();
    bench.emit(transfer(1, {}));
    bench.emit(transfer(2, {}));
    bench.emit(progress(1, 300));
    bench.emit(transfer(1, { state: 'cancelled' }));
    expect(sums(bench)).toEqual([300, 1300]);
  });

  it('has no speed where nothing moves, whatever still lands', () => {
    const bench = openBench();
    bench.emit(transfer(1, {}));
    for (const at of [100, 200, 300]) {
      bench.clock.ms += 500;
      bench.emit(progress(1, at));
    }
    expect(bench.tincan.progress.getState().bytesPerSecond).toBeGreaterThan(1);
    bench.emit(transfer(1, { state: 'paused', pause: 'us' }));
    for (const at of [600, 900]) {
      bench.clock.ms += 500;
      bench.emit(progress(1, at));
    }
    const { byId, bytesPerSecond } = bench.tincan.progress.getState();
    expect(bytesPerSecond).toBe(0);
    expect(byId.get(idOf(1))).toMatchObject({ bytesDone: 900, smoothBytesPerSecond: 0 });
  });
});
