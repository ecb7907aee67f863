// Cancel while bytes move: it can be taken back for some seconds, and nothing moves meanwhile.

import { describe, expect, it } from 'vitest';
import { cancelUndoMs } from '../../../shared/wire/limits.ts';
import { idOf, openBench, transfer } from './stage.ts';

const id = idOf(1);
const pressed = ({ commands }: ReturnType<typeof openBench>) => commands.map((command) => command.do);

describe('Cancel', () => {
  it('lets the bytes stand still, and cancels some seconds later', () => {
    const bench = openBench();
    bench.emit(transfer(1, { state: 'receiving', direction: 'receive' }));
    bench.tincan.actions.cancel(id);
    bench.emit(transfer(1, { state: 'paused', pause: 'us', direction: 'receive' }));
    bench.runTimers(cancelUndoMs - 1);
    // The other side is told why nothing moves.
    expect(bench.commands).toEqual([{ do: 'pause', transfer: id, why: 'cancel' }]);
    bench.runTimers(1);
    expect(pressed(bench)).toEqual(['pause', 'cancel']);
    expect(bench.tincan.store.getState().cancelling.size).toBe(0);
  });

  it('goes on where it was when that is taken back', () => {
    const bench = openBench();
    bench.emit(transfer(1, {}));
    bench.tincan.actions.cancel(id);
    bench.tincan.actions.keepGoing(id);
    bench.runTimers(cancelUndoMs);
    expect(pressed(bench)).toEqual(['pause', 'resume']);
  });

  it('does not wait for whoever clicks twice', () => {
    const bench = openBench();
    bench.emit(transfer(1, {}));
    bench.tincan.actions.cancel(id);
    bench.tincan.actions.cancel(id);
    bench.runTimers(cancelUndoMs);
    expect(pressed(bench)).toEqual(['pause', 'cancel']);
  });

  it.each(['offered', 'waiting', 'paused'] as const)('is done at once with what is %s', (state) => {
    const bench = openBench();
    bench.emit(transfer(1, { state }));
    bench.tincan.actions.cancel(id);
    expect(pressed(bench)).toEqual(['cancel']);
  });

  it.each(['send', 'receive'] as const)(
    'counts where the other side ends the link before its time came: %s',
    (direction) => {
      const bench = openBench();
      bench.emit(transfer(1, { direction, state: direction === 'send' ? 'sending' : 'receiving' }));
      bench.tincan.actions.cancel(id);
      bench.emit(transfer(1, { direction, state: 'failed', fault: { code: 'peer-left' } }));
      expect(pressed(bench)).toEqual(['pause', 'cancel']);
      expect(bench.tincan.store.getState().cancelling.size).toBe(0);
      bench.runTimers(cancelUndoMs);
      expect(pressed(bench)).toEqual(['pause', 'cancel']);
    },
  );

  it('does not touch what was over before its time came', () => {
    const bench = openBench();
    bench.emit(transfer(1, {}));
    bench.tincan.actions.cancel(id);
    bench.emit(transfer(1, { state: 'done' }));
    bench.runTimers(cancelUndoMs);
    expect(pressed(bench)).toEqual(['pause']);
    expect(bench.tincan.store.getState().cancelling.size).toBe(0);
  });
});
