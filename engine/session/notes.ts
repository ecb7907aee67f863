// Short texts between two people: in parts that fit a control message, in order, and bounded as a whole. Promises: a note that nobody
// confirmed before its link ended is given back, and one that is sent again is not shown twice.

import { utf8Bytes } from '../../shared/model/utf8.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { notesHeardMax, notesWaitingMaxBytes, textMaxBytes } from '../../shared/wire/limits.ts';
import type { PeerSession } from './session.ts';

/** In JSON no character is longer than six bytes: the longest part is 60 KB. */
const partChars = 10_000;

/** `id`: a random name, the same however often this note is sent. */
export type Note = { readonly id: string; readonly text: string };

export function isSendable(text: string): boolean {
  return text.isWellFormed() && new TextEncoder().encode(text).byteLength <= textMaxBytes;
}

function* noteParts({ id, text }: Note, hasReceipts: boolean): Generator<ControlOf<'text'>> {
  const units = [...text];
  for (let at = 0, part = 0; at < Math.max(1, units.length); at += partChars, part += 1) {
    const last = at + partChars >= units.length;
    const name = last && hasReceipts ? { note: id } : {};
    yield { type: 'text', part, last, text: units.slice(at, at + partChars).join(''), ...name };
  }
}

/**
 * The notes of this side on their way out: one after the other, and no faster than the control channel takes them. A channel that goes
 * takes the beginning of a note with it, and perhaps whole ones: what was not confirmed is sent again on the next one, whole. A peer of an older
 * version confirms nothing: of what it was sent whole it is taken for granted that it has it.
 */
export class NoteSender {
  readonly #session: Pick<PeerSession, 'room' | 'send' | 'whenRoom'>;
  /** Oldest first. */
  #notes: Note[] = [];
  #bytes = 0;
  /** So many of them are sent whole on this channel, and not confirmed. */
  #sent = 0;
  #hasReceipts = false;
  #isSending = false;
  /** Of the sending that is under way. */
  #life = new AbortController();

  constructor(session: Pick<PeerSession, 'room' | 'send' | 'whenRoom'>) {
    this.#session = session;
  }

  /** Returns whether there was room for it. What there is room for on the channel is sent at once: a goodbye may come next. */
  send(note: Note): boolean {
    const bytes = utf8Bytes(note.text);
    if (this.#bytes + bytes > notesWaitingMaxBytes) return false;
    this.#bytes += bytes;
    this.#notes.push(note);
    if (!this.#isSending) void this.#sendAll(this.#life.signal);
    return true;
  }

  /** There is another control channel; `hasReceipts`: the peer confirms notes. */
  controlChanged(hasReceipts: boolean): void {
    this.#stop();
    this.#hasReceipts = hasReceipts;
    void this.#sendAll(this.#life.signal);
  }

  /** The peer has it. */
  confirmed(id: string): void {
    const at = this.#notes.findIndex((note) => note.id === id);
    if (at < 0 || at >= this.#sent) return;
    this.#sent -= 1;
    this.#remove(at);
  }

  /** They were for a peer that is gone. Returns those of which nobody knows that it has them. */
  reset(): readonly Note[] {
    const unsent = this.#notes;
    this.#stop();
    this.#notes = [];
    this.#bytes = 0;
    return unsent;
  }

  #stop(): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#sent = 0;
    this.#isSending = false;
  }

  #remove(at: number): void {
    const [note] = this.#notes.splice(at, 1);
    if (note !== undefined) this.#bytes -= utf8Bytes(note.text);
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    this.#isSending = true;
    const hasReceipts = this.#hasReceipts;
    for (let note = this.#notes[this.#sent]; note !== undefined; note = this.#notes[this.#sent]) {
      for (const part of noteParts(note, hasReceipts)) {
        while (this.#session.room() === 'full') {
          await this.#session.whenRoom(signal);
          if (signal.aborted) return;
        }
        if (this.#session.room() === 'gone') {
          this.#isSending = false;
          return;
        }
        this.#session.send(part);
      }
      if (hasReceipts) this.#sent += 1;
      else this.#remove(this.#sent);
    }
    this.#isSending = false;
  }
}

export class NoteAssembler {
  #parts: string[] = [];
  /** Of all parts: the other side chooses how small they are, so none is looked at twice. */
  #bytes = 0;

  /** The whole once its last part is in, nothing before that, or why it may not come. */
  add({ part, last, text }: ControlOf<'text'>): string | undefined | { readonly refused: string } {
    if (part !== this.#parts.length) return { refused: 'text parts out of order' };
    if (text === '' && !last) return { refused: 'text part without text' };
    this.#parts.push(text);
    this.#bytes += utf8Bytes(text);
    if (this.#bytes > textMaxBytes) return { refused: 'text too long' };
    if (!last) return undefined;
    const whole = this.#parts.join('');
    this.reset();
    return whole;
  }

  reset(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}

/** The names of the notes that came, over whatever link: a person may send one again of which they do not know that it came. */
export class HeardNotes {
  readonly #ids = new Set<string>();

  /** Returns whether it comes for the first time. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= notesHeardMax) break;
      this.#ids.delete(oldest);
    }
    return true;
  }
}
