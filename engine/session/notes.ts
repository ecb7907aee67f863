// Short texts between two people: in parts that fit a control message, in order, and bounded as a whole.

import { utf8Bytes } from '../../shared/model/utf8.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { notesWaitingMaxBytes, textMaxBytes } from '../../shared/wire/limits.ts';
import type { PeerSession } from './session.ts';

const partChars = 12_000;

export function isSendable(text: string): boolean {
  return text.isWellFormed() && new TextEncoder().encode(text).byteLength <= textMaxBytes;
}

function* noteParts(text: string): Generator<ControlOf<'text'>> {
  const units = [...text];
  for (let at = 0, part = 0; at < Math.max(1, units.length); at += partChars, part += 1) {
    const last = at + partChars >= units.length;
    yield { type: 'text', part, last, text: units.slice(at, at + partChars).join('') };
  }
}

/**
 * The notes of this side on their way out: one after the other, and no faster than the control channel takes them. A channel that goes
 * takes the beginning of a note with it, and the whole note is sent on the next one.
 */
export class NoteSender {
  readonly #session: Pick<PeerSession, 'room' | 'send' | 'whenRoom'>;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** Of the sending that is under way. */
  #life = new AbortController();

  constructor(session: Pick<PeerSession, 'room' | 'send' | 'whenRoom'>) {
    this.#session = session;
  }

  /** Returns whether there was room for it. What there is room for on the channel is sent at once: a goodbye may come next. */
  send(text: string): boolean {
    const bytes = utf8Bytes(text);
    if (this.#waitingBytes + bytes > notesWaitingMaxBytes) return false;
    this.#waitingBytes += bytes;
    this.#waiting.push(text);
    if (this.#waiting.length === 1) void this.#sendAll(this.#life.signal);
    return true;
  }

  /** There is another control channel. */
  controlChanged(): void {
    this.#life.abort();
    this.#life = new AbortController();
    void this.#sendAll(this.#life.signal);
  }

  /** They were for a peer that is gone. Returns those that it did not get, or not whole. */
  reset(): readonly string[] {
    const unsent = this.#waiting;
    this.#life.abort();
    this.#life = new AbortController();
    this.#waiting = [];
    this.#waitingBytes = 0;
    return unsent;
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    for (let text = this.#waiting[0]; text !== undefined; text = this.#waiting[0]) {
      for (const part of noteParts(text)) {
        while (this.#session.room() === 'full') {
          await this.#session.whenRoom();
          if (signal.aborted) return;
        }
        if (this.#session.room() === 'gone') return;
        this.#session.send(part);
      }
      this.#waiting.shift();
      this.#waitingBytes -= utf8Bytes(text);
    }
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
