// What is removed by a click: out of view at once, gone some seconds later, back when it was a mistake.

import { expect, it } from 'vitest';
import { removalUndoMs } from '../../../shared/wire/limits.ts';
import { idOf, openBench } from './stage.ts';

const removals = ({ calls }: ReturnType<typeof openBench>) =>
  calls.filter(({ name }) => name === 'unfinished.discard' || name === 'history.clear');
const discard = { name: 'unfinished.discard', input: { transfer: idOf(1) } };

it('is really removed some seconds later, once', () => {
  const bench = openBench();
  bench.tincan.actions.remove({ is: 'unfinished', id: idOf(1) });
  bench.runTimers(removalUndoMs - 1);
  expect(removals(bench)).toEqual([]);
  bench.runTimers(1);
  expect(removals(bench)).toEqual([discard]);
  expect(bench.tincan.store.getState().removal).toBeUndefined();
  bench.runTimers(removalUndoMs);
  expect(removals(bench)).toEqual([discard]);
});

it('stays where it was when that is taken back', () => {
  const bench = openBench();
  bench.tincan.actions.remove({ is: 'history' });
  expect(bench.tincan.store.getState().removal).toEqual({ is: 'history' });
  bench.tincan.actions.undoRemoval();
  bench.runTimers(removalUndoMs);
  expect(removals(bench)).toEqual([]);
  expect(bench.tincan.store.getState().removal).toBeUndefined();
});

it('is removed at once when something else is, which can still be taken back', () => {
  const bench = openBench();
  bench.tincan.actions.remove({ is: 'unfinished', id: idOf(1) });
  bench.tincan.actions.remove({ is: 'history' });
  expect(removals(bench)).toEqual([discard]);
  bench.tincan.actions.undoRemoval();
  bench.runTimers(removalUndoMs);
  expect(removals(bench)).toEqual([discard]);
});
