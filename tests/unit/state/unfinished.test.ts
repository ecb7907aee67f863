// What is unfinished: what the page forgets when somebody gives it up.

import { expect, it } from 'vitest';
import { removalUndoMs } from '../../../shared/wire/limits.ts';
import { idOf, openBench, transfer } from './stage.ts';

it('is put in place by the host, without the other side', async () => {
  const bench = openBench();
  await bench.tincan.actions.publishUnfinished(idOf(1));
  expect(bench.calls.at(-1)).toEqual({ name: 'unfinished.publish', input: { transfer: idOf(1) } });
});

it('goes to another folder that the person chose, and the sender is asked to go on', async () => {
  const bench = openBench();
  bench.answers.set('unfinished.move', { isMoved: false });
  await bench.tincan.actions.moveUnfinished(idOf(1));
  expect(bench.commands).not.toContainEqual({ do: 'retry', transfer: idOf(1) });
  bench.answers.set('unfinished.move', { isMoved: true });
  await bench.tincan.actions.moveUnfinished(idOf(1));
  expect(bench.calls.at(-1)).toEqual({ name: 'unfinished.move', input: { transfer: idOf(1) } });
  expect(bench.commands.at(-1)).toEqual({ do: 'retry', transfer: idOf(1) });
});

it('is discarded together with its row, which would still promise that it is kept', () => {
  const bench = openBench();
  bench.emit(transfer(1, { state: 'failed', direction: 'receive', fault: { code: 'peer-left' } }));
  bench.emit(transfer(2, { state: 'done' }));
  bench.tincan.actions.remove({ is: 'unfinished', id: idOf(1) });
  bench.runTimers(removalUndoMs);
  expect(bench.calls.at(-1)).toEqual({ name: 'unfinished.discard', input: { transfer: idOf(1) } });
  const { order, transfers } = bench.tincan.store.getState();
  expect([order, [...transfers.keys()]]).toEqual([[idOf(2)], [idOf(2)]]);
});
