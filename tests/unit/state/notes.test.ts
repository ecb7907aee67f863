import { describe, expect, it } from 'vitest';
import { stageConnection } from '../../../renderer/gallery/scene-transfers.ts';
import { notesToKeep, openNoteQueue, withNotes } from '../../../renderer/state/notes.ts';
import { shortText } from '../../../renderer/ui/visible-name.ts';
import {
  historyNoteMaxChars,
  historyNotesMaxChars,
  noteDrawnMaxChars,
  notesDrawEveryMs,
  textsShownMax,
  textsShownMaxChars,
} from '../../../shared/wire/limits.ts';
import { type Bench, openBench } from './stage.ts';

const note = (text: string) => ({ text, fromPeer: true, atMs: 0 });

describe('notes for the history', () => {
  it('are as many at once as it holds, the newest', () => {
    const many = Array.from({ length: textsShownMax }, (_, nth) => ({
      text: `${nth}${'x'.repeat(2 * historyNoteMaxChars)}`,
      fromPeer: true,
    }));
    const some = notesToKeep(many);
    expect(some.at(-1)!.text).toMatch(/^199x/);
    expect(some).toHaveLength(historyNotesMaxChars / historyNoteMaxChars);
    expect(notesToKeep([note('a'), note('b')])).toEqual([note('a'), note('b')].map(({ atMs: _, ...each }) => each));
  });

  const kept = ({ calls }: Bench) => calls.filter(({ name }) => name === 'history.addNotes').map(({ input }) => input);

  it('go there with the name of the other side, a long one with its beginning, and only where that is wanted', () => {
    const bench = openBench();
    bench.emit({ is: 'text', connection: stageConnection, text: 'before', fromPeer: true });
    expect(kept(bench)).toEqual([]);
    bench.tincan.actions.applySettings({ ...bench.tincan.store.getState().settings, keepNotes: true });
    bench.runTimers(notesDrawEveryMs);
    bench.emit({ is: 'text', connection: stageConnection, text: 'x'.repeat(historyNoteMaxChars + 1), fromPeer: true });
    bench.runTimers(notesDrawEveryMs);
    bench.emit({ is: 'text', connection: stageConnection, text: 'answer', fromPeer: false });
    expect(kept(bench)).toEqual([
      { peerName: 'Ben', notes: [{ text: 'x'.repeat(historyNoteMaxChars), fromPeer: true }] },
      { peerName: 'Ben', notes: [{ text: 'answer', fromPeer: false }] },
    ]);
  });
});

describe('notes on the screen', () => {
  it('keep the newest within the bounds on number and size', () => {
    const many = withNotes(
      [],
      Array.from({ length: textsShownMax + 5 }, (_, at) => note(String(at))),
    );
    expect(many).toHaveLength(textsShownMax);
    expect(many.at(-1)).toMatchObject({ text: String(textsShownMax + 4), key: textsShownMax + 5 });
    const large = 'x'.repeat(textsShownMaxChars / 4);
    const kept = withNotes([], [note(large), note(large), note(large), note(large), note('last')]);
    expect(kept.map(({ text }) => text.length)).toEqual([large.length, large.length, large.length, 4]);
    expect(withNotes(kept, [note('x'.repeat(textsShownMaxChars + 1))])).toHaveLength(1);
  });

  it('show a lone note at once and a flood a few times a second', () => {
    const due: (() => void)[] = [];
    const clock = {
      now: () => 0,
      wallClockMs: () => 7,
      after: (_ms: number, task: () => void) => {
        due.push(task);
        return () => undefined;
      },
    };
    const shown: string[][] = [];
    const queue = openNoteQueue(clock, (notes) => shown.push(notes.map(({ text }) => text)));
    for (const text of ['a', 'b', 'c']) queue.add(note(text));
    expect(shown).toEqual([['a']]);
    due.shift()!();
    expect(shown).toEqual([['a'], ['b', 'c']]);
    due.shift()!();
    queue.add(note('d'));
    expect(shown).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('draw a beginning of bounded length, whatever it is made of', () => {
    expect(shortText('short\nand whole')).toEqual({ text: 'short\nand whole', isCut: false });
    for (const unit of ['x', '\u202E', '😀']) {
      const { isCut, text } = shortText(unit.repeat(120_000));
      expect(isCut).toBe(true);
      expect(text.length).toBeLessThanOrEqual(noteDrawnMaxChars + 1);
      expect(text.isWellFormed()).toBe(true);
    }
  });
});
