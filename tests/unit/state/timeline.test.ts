import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../../renderer/state/timeline.ts';
import type { TransferView } from '../../../shared/model/transfer.ts';
import { idOf, transfer } from './stage.ts';

function viewOf(at: number, change: Partial<TransferView>): TransferView {
  const event = transfer(at, change);
  if (event.is !== 'transfer') throw new Error('a transfer');
  return event.view;
}

describe('the timeline', () => {
  it('puts what moves on top, newest first, and the past below in the order of time', () => {
    const views = [
      viewOf(1, { state: 'done', endedAtMs: 50 }),
      viewOf(2, { state: 'sending' }),
      viewOf(3, { state: 'failed', startedAtMs: 10 }),
      viewOf(4, { state: 'paused' }),
    ];
    const { moving, past } = timelineOf({
      order: [...views].reverse().map(({ id }) => id),
      transfers: new Map(views.map((view) => [view.id, view])),
      texts: [
        { key: 1, text: 'early', fromPeer: true, atMs: 20 },
        { key: 2, text: 'late', fromPeer: false, atMs: 60 },
      ],
    });
    expect(moving.map(({ key }) => key)).toEqual([idOf(4), idOf(2)]);
    expect(past.map(({ key }) => key)).toEqual([idOf(3), 'note-1', idOf(1), 'note-2']);
  });
});
