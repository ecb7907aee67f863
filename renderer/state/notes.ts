// Notes as the screen keeps them: bounded in number and size, and put on the screen a few times a second at most, so
// that a peer who floods cannot hold the page.

import type { Clock } from '../../shared/model/clock.ts';
import {
  historyNoteMaxChars,
  historyNotesMaxChars,
  notesDrawEveryMs,
  textsShownMax,
  textsShownMaxChars,
} from '../../shared/wire/limits.ts';
import type { TextNote } from './app-state.ts';

export type NewNote = Pick<TextNote, 'text' | 'fromPeer' | 'note'>;

/** The newest that fit, oldest first. The newest of all always stays. */
export function withNotes(kept: readonly TextNote[], added: readonly Omit<TextNote, 'key'>[]): readonly TextNote[] {
  let key = kept.at(-1)?.key ?? 0;
  const all = [...kept, ...added.map((note) => ({ ...note, key: ++key }))].slice(-textsShownMax);
  let chars = 0;
  let first = all.length;
  while (first > 0 && (first === all.length || chars + all[first - 1]!.text.length <= textsShownMaxChars)) {
    first -= 1;
    chars += all[first]!.text.length;
  }
  return all.slice(first);
}

/** What was shown as sent stays where it stands. */
export function withUnsent(kept: readonly TextNote[], unsent: string): readonly TextNote[] {
  return kept.map((each) => (each.note === unsent ? { ...each, isUnsent: true } : each));
}

/** The newest, as many as a history holds and one call carries. A long one with its beginning. */
export function notesToKeep(notes: readonly NewNote[]): NewNote[] {
  const kept: NewNote[] = [];
  let chars = 0;
  for (const { text, fromPeer } of notes.toReversed()) {
    const beginning = text.slice(0, historyNoteMaxChars);
    chars += beginning.length;
    if (chars > historyNotesMaxChars) break;
    kept.push({ text: beginning, fromPeer });
  }
  return kept.reverse();
}

export interface NoteQueue {
  add(note: NewNote): void;
  /** Shows what waits, while it is known who said it. */
  showWaiting(): void;
  close(): void;
}

/** A lone note is shown at once; what follows within the pause is shown together at its end. */
export function openNoteQueue(clock: Clock, show: (notes: readonly Omit<TextNote, 'key'>[]) => void): NoteQueue {
  let waiting: Omit<TextNote, 'key'>[] = [];
  let stop: (() => void) | undefined;

  function flush(): void {
    stop = undefined;
    if (waiting.length === 0) return;
    const notes = waiting;
    waiting = [];
    show(notes);
    stop = clock.after(notesDrawEveryMs, flush);
  }

  return {
    add({ text, fromPeer, note }) {
      const named = note === undefined ? {} : { note };
      waiting = [...withNotes([], [...waiting, { text, fromPeer, ...named, atMs: clock.wallClockMs() }])];
      if (stop === undefined) flush();
    },
    showWaiting() {
      if (waiting.length === 0) return;
      stop?.();
      flush();
    },
    close: () => stop?.(),
  };
}
