// Short texts between two people: in parts that fit a control message, in order, and bounded as a whole.

import { utf8Bytes } from '../../shared/model/utf8.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { textMaxBytes } from '../../shared/wire/limits.ts';

const partChars = 12_000;

export function isSendable(text: string): boolean {
  return text.isWellFormed() && new TextEncoder().encode(text).byteLength <= textMaxBytes;
}

export function* noteParts(text: string): Generator<ControlOf<'text'>> {
  const units = [...text];
  for (let at = 0, part = 0; at < Math.max(1, units.length); at += partChars, part += 1) {
    const last = at + partChars >= units.length;
    yield { type: 'text', part, last, text: units.slice(at, at + partChars).join('') };
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
