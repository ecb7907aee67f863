// What a person sees of the end of a link: a click that can be taken back, offers that are not lost, and who ended it.

import { describe, expect, it, vi } from 'vitest';
import type { LinkView } from '../../../shared/model/link-view.ts';
import { disconnectUndoMs } from '../../../shared/wire/limits.ts';
import { idOf, openBench, transfer } from './stage.ts';

const pairing = (ended: 'by-us' | 'by-peer'): LinkView => ({ at: 'pairing', code: { at: 'making' }, ended });
const peerLeft = { state: 'failed', fault: { code: 'peer-left' } } as const;

function withDisconnects() {
  const bench = openBench();
  const disconnect = vi.spyOn(bench.ports.link, 'disconnect');
  return { ...bench, disconnect };
}

describe('Disconnect', () => {
  it('cuts the link after some seconds, or at once when it is asked to', () => {
    const { tincan, runTimers, disconnect } = withDisconnects();
    tincan.actions.disconnect();
    runTimers(disconnectUndoMs - 1);
    expect(disconnect).not.toHaveBeenCalled();
    expect(tincan.store.getState().isLeaving).toBe(true);
    runTimers(1);
    expect(disconnect).toHaveBeenCalledTimes(1);
    tincan.actions.disconnect();
    tincan.actions.leaveNow();
    expect(disconnect).toHaveBeenCalledTimes(2);
    runTimers(disconnectUndoMs);
    expect(disconnect).toHaveBeenCalledTimes(2);
  });

  it('can be taken back, and the link stays', () => {
    const { tincan, runTimers, disconnect } = withDisconnects();
    tincan.actions.disconnect();
    tincan.actions.stay();
    runTimers(disconnectUndoMs);
    expect(disconnect).not.toHaveBeenCalled();
    expect(tincan.store.getState().isLeaving).toBe(false);
  });

  it('does not cut the next link when the other side was first', () => {
    const { tincan, runTimers, show, disconnect } = withDisconnects();
    tincan.actions.disconnect();
    show(pairing('by-peer'));
    expect(tincan.store.getState().isLeaving).toBe(false);
    runTimers(disconnectUndoMs);
    expect(disconnect).not.toHaveBeenCalled();
  });
});

describe('an offer that nobody answered', () => {
  const file = () => Object.assign(new File(['x'], 'x.txt'), { webkitRelativePath: '' });

  it.each(['before', 'after'] as const)(
    'waits to be offered again when the link ended %s it was told, and leaves no failed row',
    async (order) => {
      const { tincan, emit, commands, show } = openBench();
      tincan.actions.pastedFiles([file()]);
      const { transfer: id } = commands.at(-1) as unknown as { transfer: string };
      emit(transfer(1, { id, state: 'offered' }));
      if (order === 'before') show(pairing('by-us'));
      emit(transfer(1, { id, ...peerLeft }));
      if (order === 'after') show(pairing('by-peer'));
      await Promise.resolve();
      const { staged, transfers, confirmed } = tincan.store.getState();
      expect(staged.map(({ name }) => name)).toEqual(['x.txt']);
      expect(confirmed.size).toBe(0);
      expect(transfers.size).toBe(0);
    },
  );

  it('is taken from the host where only that can read it, and is not kept there as unfinished', async () => {
    const { tincan, emit, commands, pick, show, answers, calls } = openBench();
    await pick([{ id: 'a', name: 'film.mkv', kind: 'file' }]);
    const { transfer: id } = commands.at(-1) as unknown as { transfer: string };
    answers.set('stage.again', [{ id: 'b', name: 'film.mkv', kind: 'file' }]);
    emit(transfer(1, { id, state: 'offered' }));
    show(pairing('by-us'));
    emit(transfer(1, { id, ...peerLeft }));
    await vi.waitFor(() => expect(tincan.store.getState().staged.map(({ id }) => id)).toEqual(['b']));
    await vi.waitFor(() => expect(calls).toContainEqual({ name: 'unfinished.discard', input: { transfer: id } }));
  });

  it('is none once it was accepted', async () => {
    const { tincan, emit, commands, show } = openBench();
    tincan.actions.pastedFiles([file()]);
    const { transfer: id } = commands.at(-1) as unknown as { transfer: string };
    emit(transfer(1, { id, state: 'offered' }));
    emit(transfer(1, { id, state: 'sending' }));
    show(pairing('by-us'));
    emit(transfer(1, { id, ...peerLeft }));
    await Promise.resolve();
    expect(tincan.store.getState().staged).toEqual([]);
    expect(tincan.store.getState().transfers.has(id)).toBe(true);
  });
});

describe('who ended the link', () => {
  it.each(['by-us', 'by-peer'] as const)('is kept with what it cut: %s', (ended) => {
    const { tincan, emit, show } = openBench();
    emit(transfer(1, { state: 'sending' }));
    emit(transfer(2, { state: 'receiving', direction: 'receive' }));
    emit(transfer(1, peerLeft));
    show(pairing(ended));
    emit(transfer(2, { direction: 'receive', ...peerLeft }));
    show({ at: 'linked', peer: { name: 'Eve', trust: { at: 'settled', digits: '1', checked: 'matched' } } });
    expect([...tincan.store.getState().causes]).toEqual([
      [idOf(1), ended],
      [idOf(2), ended],
    ]);
  });

  it('is kept of the last link that cut it', () => {
    const { tincan, emit, show } = openBench();
    const cutBy = (ended: 'by-us' | 'by-peer') => {
      show({ at: 'linked', peer: { name: 'Ben', trust: { at: 'settled', digits: '1', checked: 'matched' } } });
      emit(transfer(1, { state: 'sending' }));
      expect(tincan.store.getState().causes.size).toBe(0);
      show(pairing(ended));
      emit(transfer(1, peerLeft));
      return tincan.store.getState().causes.get(idOf(1));
    };
    expect([cutBy('by-peer'), cutBy('by-us')]).toEqual(['by-peer', 'by-us']);
  });

  it('is not said of what an earlier link cut, whoever that was with', () => {
    const { tincan, emit, show } = openBench();
    const linked = (name: string): LinkView => ({
      at: 'linked',
      peer: { name, trust: { at: 'settled', digits: '1', checked: 'matched' } },
    });
    show(linked('Ben'));
    emit(transfer(1, { state: 'sending' }));
    emit(transfer(1, peerLeft));
    emit({ is: 'transfers-left', transfers: [idOf(1)] });
    show(linked('Carl'));
    emit(transfer(2, { state: 'sending' }));
    show(pairing('by-peer'));
    emit(transfer(2, peerLeft));
    expect([...tincan.store.getState().causes]).toEqual([[idOf(2), 'by-peer']]);
  });
});
