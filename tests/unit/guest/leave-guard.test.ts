// When leaving a guest page asks.

import { expect, it } from 'vitest';
import { wouldLose } from '../../../guest/leave-guard.ts';
import { transfer } from '../../../renderer/gallery/scene-transfers.ts';
import type { TransferView } from '../../../shared/model/transfer.ts';

const with_ = (view: Partial<TransferView>, saved?: 'saving' | 'saved') => {
  const event = transfer(1, view);
  if (event.is !== 'transfer') throw new Error('no transfer');
  const { id } = event.view;
  return {
    staged: [],
    transfers: new Map([[id, event.view]]),
    saving: new Map(saved === undefined ? [] : [[id, saved] as const]),
  };
};

it.each(['sending', 'receiving', 'waiting', 'paused'] as const)('asks while something is %s', (state) => {
  expect(wouldLose(with_({ state }))).toBe(true);
});

it('asks while what was received is not saved, and no more once it is', () => {
  const received = { state: 'done', direction: 'receive' } as const;
  expect(wouldLose(with_(received))).toBe(true);
  expect(wouldLose(with_(received, 'saving'))).toBe(true);
  expect(wouldLose(with_(received, 'saved'))).toBe(false);
});

it.each(['declined', 'cancelled', 'failed'] as const)('does not ask about what is %s', (state) => {
  expect(wouldLose(with_({ state }))).toBe(false);
});

it('does not ask about what was sent, or about nothing', () => {
  expect(wouldLose(with_({ state: 'done', direction: 'send' }))).toBe(false);
  expect(wouldLose({ staged: [], saving: new Map(), transfers: new Map() })).toBe(false);
});
