// When a guest page keeps the screen on.

import { expect, it } from 'vitest';
import { keepAwake } from '../../../guest/keep-awake.ts';
import { transfer } from '../../../renderer/gallery/scene-transfers.ts';
import { settled } from '../link/virtual-clock.ts';
import { openBench } from '../state/stage.ts';

function open() {
  const { emit, tincan } = openBench();
  const told: string[] = [];
  const page = Object.assign(new EventTarget(), { hidden: false });
  keepAwake(tincan.store, page as unknown as Document, {
    request: async () => {
      told.push('held');
      return { release: async () => void told.push('released') };
    },
  });
  const look = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  return { emit, look, told };
}

it('is while files pass, once, and no longer', async () => {
  const { emit, told } = open();
  emit(transfer(1, { state: 'offered' }));
  expect(told).toEqual([]);
  emit(transfer(1, { state: 'receiving' }));
  emit(transfer(2, { state: 'sending' }));
  emit(transfer(1, { state: 'done' }));
  await settled();
  expect(told).toEqual(['held']);
  emit(transfer(2, { state: 'done' }));
  await settled();
  expect(told).toEqual(['held', 'released']);
});

it('is asked for again when the page is seen again', async () => {
  const { emit, look, told } = open();
  emit(transfer(1, { state: 'receiving' }));
  await settled();
  look(true);
  look(false);
  await settled();
  expect(told).toEqual(['held', 'held', 'released'].sort());
});
