// Work for many things, some of them at a time.

import { expect, it } from 'vitest';
import { atOnce, openTurns } from '../../../shared/model/at-once.ts';

it('is done for each, and never for more at a time than allowed', async () => {
  const done: number[] = [];
  let now = 0;
  let most = 0;
  await atOnce(3, [1, 2, 3, 4, 5, 6, 7], async (one) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    done.push(one);
  });
  expect([done, most]).toEqual([[1, 2, 3, 4, 5, 6, 7], 3]);
  await atOnce(3, [], () => Promise.reject(new Error('never')));
});

it('ends with the first failure, and not before all that is under way is over', async () => {
  const gate = Promise.withResolvers<void>();
  const begun: number[] = [];
  const over: number[] = [];
  const work = atOnce(2, [1, 2, 3, 4], async (one) => {
    begun.push(one);
    if (one === 1) throw new Error('first');
    await gate.promise;
    over.push(one);
  });
  const isOver = work.then(
    () => true,
    () => true,
  );
  expect(await Promise.race([isOver, new Promise((resolve) => setImmediate(resolve, false))])).toBe(false);
  gate.resolve();
  await expect(work).rejects.toThrow('first');
  expect([begun, over]).toEqual([[1, 2], [2]]);
});

it('waits for its turn in the order in which it came, whatever becomes of what came before', async () => {
  const inTurn = openTurns(2);
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
  const begun: number[] = [];
  const works = gates.map(({ promise }, nth) =>
    inTurn(() => {
      begun.push(nth);
      return promise;
    }),
  );
  expect(begun).toEqual([0, 1]);
  gates[1]!.reject(new Error('on purpose'));
  await expect(works[1]).rejects.toThrow('on purpose');
  expect(begun).toEqual([0, 1, 2]);
  for (const [nth, { resolve }] of gates.entries()) resolve(nth);
  expect(await Promise.all([works[0], works[2], works[3]])).toEqual([0, 2, 3]);
  expect(await inTurn(async () => 'free again')).toBe('free again');
});
