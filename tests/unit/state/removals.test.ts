// What is removed by a click: out of view at once, gone some seconds later, back when it was a mistake.

import { expect, it } from 'vitest';
import { mega, progress, transfer } from '../../../renderer/gallery/scene-transfers.ts';
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

it('leaves neither a row nor a speed behind where it began to move again meanwhile', () => {
  const { tincan, emit, clock, runTimers } = openBench();
  emit(transfer(1, { state: 'failed', resumable: true }));
  tincan.actions.forget(idOf(1));
  emit(transfer(1, { state: 'sending' }));
  for (const done of [0, 1, 2]) {
    clock.ms += 2_000;
    emit(progress([1, done * mega]));
  }
  runTimers(removalUndoMs);
  // The engine had told of it before it heard of the removal.
  emit(transfer(1, { state: 'sending' }));
  emit({ is: 'discarded', transfer: idOf(1) });
  const { batch, order, transfers } = tincan.store.getState();
  expect([batch.size, order, transfers.size]).toEqual([0, [], 0]);
  expect(tincan.progress.getState().bytesPerSecond).toBe(0);
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
