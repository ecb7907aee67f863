import { expect, it } from 'vitest';
import { openBlockMemory } from '../../../host/block-memory.ts';
import { blockBytes, blocksKeptMax } from '../../../shared/wire/limits.ts';

function openTestMemory() {
  const due: (() => void)[] = [];
  const memory = openBlockMemory({
    after(_ms, run) {
      due.push(run);
      return () => undefined;
    },
  });
  return { memory, passTime: () => due.splice(0).forEach((run) => void run()) };
}

it('gives the same memory again once it is given back, and not before', () => {
  const { memory } = openTestMemory();
  const [first, second] = [memory.take(blockBytes), memory.take(5)];
  expect(first.buffer).not.toBe(second.buffer);
  expect([first.byteLength, second.byteLength]).toEqual([blockBytes, 5]);
  memory.giveBack(second);
  expect(memory.take(blockBytes).buffer).toBe(second.buffer);
});

it('gives no memory to two, though it was given back twice', () => {
  const { memory } = openTestMemory();
  const bytes = memory.take(10);
  memory.giveBack(bytes);
  memory.giveBack(bytes);
  expect(memory.take(10).buffer).not.toBe(memory.take(10).buffer);
});

it('takes no memory from elsewhere', () => {
  const { memory } = openTestMemory();
  const foreign = new Uint8Array(blockBytes);
  memory.giveBack(foreign);
  expect(memory.take(1).buffer).not.toBe(foreign.buffer);
  expect(memory.withHead(new Uint8Array(48), foreign)).toBeUndefined();
  expect(memory.own(foreign)).toBe(foreign);
});

it('puts a head before the bytes without moving them', () => {
  const { memory } = openTestMemory();
  const bytes = memory.take(3);
  bytes.set([1, 2, 3]);
  const both = memory.withHead(new Uint8Array(48).fill(9), bytes)!;
  expect([...both]).toEqual([...new Array(48).fill(9), 1, 2, 3]);
  expect(both.buffer).toBe(bytes.buffer);
});

it('hands out a copy where memory is to be given away', () => {
  const { memory } = openTestMemory();
  const bytes = memory.take(3);
  bytes.set([1, 2, 3]);
  const own = memory.own(bytes);
  expect([[...own], own.buffer.byteLength]).toEqual([[1, 2, 3], 3]);
  expect(memory.take(3).buffer).toBe(bytes.buffer);
});

it('keeps a few blocks, and none once nothing moves any more', () => {
  const { memory, passTime } = openTestMemory();
  const taken = Array.from({ length: blocksKeptMax + 4 }, () => memory.take(1));
  for (const bytes of taken) memory.giveBack(bytes);
  const buffers = new Set(taken.map(({ buffer }) => buffer));
  const again = Array.from({ length: blocksKeptMax + 4 }, () => memory.take(1));
  expect(again.filter(({ buffer }) => buffers.has(buffer))).toHaveLength(blocksKeptMax);
  for (const bytes of again) memory.giveBack(bytes);
  // It was used meanwhile.
  passTime();
  const kept = memory.take(1);
  expect(again.map(({ buffer }) => buffer)).toContain(kept.buffer);
  memory.giveBack(kept);
  passTime();
  passTime();
  expect(again.map(({ buffer }) => buffer)).not.toContain(memory.take(1).buffer);
});
