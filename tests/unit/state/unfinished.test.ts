// What is unfinished: what the page forgets when somebody gives it up.

import { describe, expect, it } from 'vitest';
import { removalUndoMs } from '../../../shared/wire/limits.ts';
import { type Bench, idOf, openBench, transfer } from './stage.ts';

it('is put in place by the host, without the other side', async () => {
  const bench = openBench();
  await bench.tincan.actions.publishUnfinished(idOf(1));
  expect(bench.calls.at(-1)).toEqual({ name: 'unfinished.publish', input: { transfer: idOf(1) } });
});

it('is at work once, however often that is asked for', async () => {
  const bench = openBench();
  const { actions, store } = bench.tincan;
  const asked = (name: string) => bench.calls.filter((call) => call.name === name).length;
  for (const [name, ask] of [
    ['unfinished.publish', actions.publishUnfinished],
    ['unfinished.move', actions.moveUnfinished],
  ] as const) {
    const answer = Promise.withResolvers<unknown>();
    bench.answers.set(name, answer.promise);
    const both = [ask(idOf(1)), ask(idOf(1))];
    expect([asked(name), [...store.getState().atWork]]).toEqual([1, [idOf(1)]]);
    answer.resolve({});
    await Promise.all(both);
    expect([asked(name), store.getState().atWork.size, store.getState().toasts]).toEqual([1, 0, []]);
  }
});

it('is shown as the newest list says, whichever answers last', async () => {
  const bench = openBench();
  const [older, newer] = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()];
  bench.answers.set('unfinished.list', older.promise);
  const first = bench.tincan.actions.loadUnfinished();
  bench.answers.set('unfinished.list', newer.promise);
  const second = bench.tincan.actions.loadUnfinished();
  newer.resolve([]);
  await second;
  older.resolve([{ id: idOf(1) }]);
  await first;
  expect(bench.tincan.store.getState().unfinished).toEqual([]);
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
  expect(bench.commands.at(-1)).toEqual({ do: 'discard', transfer: idOf(1) });
  const { order, transfers } = bench.tincan.store.getState();
  expect([order, [...transfers.keys()]]).toEqual([[idOf(2)], [idOf(2)]]);
});

describe('a send that failed and can go on', () => {
  const failed = { state: 'failed', fault: { code: 'disk-error' } } as const;
  const rows = (bench: Bench) => [...bench.tincan.store.getState().transfers.keys()];

  it('is discarded with its row, which can be taken back for some seconds', () => {
    const bench = openBench();
    bench.emit(transfer(1, failed));
    bench.tincan.actions.forget(idOf(1));
    expect(bench.tincan.store.getState().removal).toEqual({ is: 'unfinished', id: idOf(1) });
    bench.tincan.actions.undoRemoval();
    bench.runTimers(removalUndoMs);
    expect([rows(bench), bench.commands]).toEqual([[idOf(1)], []]);
    bench.tincan.actions.forget(idOf(1));
    bench.runTimers(removalUndoMs);
    expect([rows(bench), bench.commands]).toEqual([[], [{ do: 'discard', transfer: idOf(1) }]]);
    expect(bench.calls.at(-1)).toEqual({ name: 'unfinished.discard', input: { transfer: idOf(1) } });
  });

  it('keeps its row when what is finished is cleared: it is not', () => {
    const bench = openBench();
    bench.emit(transfer(1, failed));
    bench.emit(transfer(2, { ...failed, resumable: false }));
    bench.emit(transfer(3, { ...failed, direction: 'receive' }));
    bench.emit(transfer(4, { state: 'done' }));
    bench.tincan.actions.clearFinished();
    expect(rows(bench)).toEqual([idOf(1)]);
    expect(bench.commands).toEqual([]);
  });
});

it('what arrives and failed loses its row, and stays listed as unfinished', () => {
  const bench = openBench();
  bench.emit(transfer(1, { state: 'failed', direction: 'receive' }));
  bench.tincan.actions.forget(idOf(1));
  bench.runTimers(removalUndoMs);
  expect([bench.tincan.store.getState().transfers.size, bench.commands]).toEqual([0, []]);
  expect(bench.calls.filter(({ name }) => name === 'unfinished.discard')).toEqual([]);
});
