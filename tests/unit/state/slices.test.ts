// Thousands of picked files are put in order a little at a time.

import { describe, expect, it } from 'vitest';
import { fromInput, orderInSlices, toOutboxItems } from '../../../renderer/state/outbox-item.ts';
import { openSlices } from '../../../renderer/state/slices.ts';
import { sortInSlices } from '../../../shared/model/sort-in-slices.ts';
import { sortSliceItems } from '../../../shared/wire/limits.ts';
import { openBench } from './stage.ts';

/** Every look at the clock costs a millisecond. */
function busyClock() {
  let ms = 0;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => {
      ms += 1;
      return ms;
    },
    after: (_ms: number, task: () => void) => {
      pauses.push(ms);
      queueMicrotask(task);
      return () => undefined;
    },
  };
}

describe('sorting in slices', () => {
  it.each([0, 1, 2, sortSliceItems - 1, sortSliceItems, sortSliceItems + 1, 1000, 5003])(
    'gives what sorting at once gives, for %i things',
    async (count) => {
      const items = Array.from({ length: count }, (_, at) => ({ key: (at * 7919) % 101, at }));
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
      expect(await sortInSlices(items, compare, openSlices(busyClock()).step)).toEqual([...items].sort(compare));
    },
  );

  it('pauses again and again, and never works long without one', async () => {
    const clock = busyClock();
    await sortInSlices(
      Array.from({ length: 100_000 }, (_, at) => -at),
      (a, b) => a - b,
      openSlices(clock).step,
    );
    expect(clock.pauses.length).toBeGreaterThan(20);
    const gaps = clock.pauses.map((at, nth) => at - (clock.pauses[nth - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(50);
  });
});

describe('a large folder that was picked', () => {
  const picked = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      Object.assign(new File(['x'], `${at}`), { webkitRelativePath: `many/${(at * 7919) % count}.txt` }),
    );

  it('is in the order in which a small one is', async () => {
    const files = picked(3_000);
    const large = toOutboxItems(await orderInSlices(fromInput(files), openSlices(busyClock())), () => 'id');
    const paths = large.flatMap((item) => (item.from === 'page' ? item.files.map(({ path }) => path[1]) : []));
    expect(paths).toEqual(Array.from({ length: 3_000 }, (_, at) => `${at}.txt`));
  });

  it('says that it is being read until it waits to be sent', async () => {
    const bench = openBench();
    bench.show({ at: 'pairing', code: { at: 'making' } });
    bench.tincan.actions.pickedFiles(picked(2_500));
    expect(bench.tincan.store.getState()).toMatchObject({ reading: [['many']], staged: [] });
    await expect.poll(() => bench.tincan.store.getState().staged.length).toBe(1);
    expect(bench.tincan.store.getState().reading).toEqual([]);
  });
});
