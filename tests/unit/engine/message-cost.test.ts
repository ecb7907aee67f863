// What a message of a peer costs grows with its length, and not with what came before it or with what it is about.

import { describe, expect, it } from 'vitest';
import { NoteAssembler } from '../../../engine/session/notes.ts';
import { textMaxBytes } from '../../../shared/wire/limits.ts';

function cpuMsOf(task: () => unknown): number {
  const began = process.threadCpuUsage();
  task();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}

describe('a note', () => {
  const add = (notes: NoteAssembler, text: string, part: number, last = false) =>
    notes.add({ type: 'text', part, last, text });

  it('C19 in parts of one letter each costs in proportion to its length', () => {
    const inLetters = (letters: number) => {
      const notes = new NoteAssembler();
      return cpuMsOf(() => {
        for (let part = 0; part < letters; part += 1) add(notes, 'é', part);
      });
    };
    inLetters(1_000);
    expect(inLetters(20_000)).toBeLessThan(200);
  });

  it('C1 is cut off at its bound, however small its parts are, and the next one begins anew', () => {
    const notes = new NoteAssembler();
    const half = textMaxBytes / 2;
    expect(Array.from({ length: half }, (_, part) => add(notes, 'é', part)).filter(Boolean)).toEqual([]);
    expect(add(notes, 'x', half)).toEqual({ refused: 'text too long' });
    notes.reset();
    for (const _time of [1, 2]) {
      expect(add(notes, 'a', 0)).toBeUndefined();
      expect(add(notes, 'b', 1, true)).toBe('ab');
    }
  });
});
