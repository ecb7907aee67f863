// How the host knows that a page reads, over a pipe that does not say how much waits in it: among what it posts are marks, and the
// page sends each back. Nobody can guess a mark, so only who reads what came before it can send it back.

import { randomHex } from '../model/bytes.ts';
import { bridgeMarkEveryBytes, bridgeUnreadMaxBytes } from '../wire/limits.ts';

type Mark = { readonly is: 'mark'; readonly token: string };

/** What a message takes beside what is in it. */
const messageBytes = 512;
const valueBytes = 16;

/** The other side's mark, where this message is one: it goes back as it is. */
export function isMark(message: unknown): message is Mark {
  return typeof message === 'object' && message !== null && (message as Partial<Mark>).is === 'mark';
}

export class UnreadMessages {
  #unreadBytes = 0;
  #unmarkedBytes = 0;
  readonly #marks: { readonly token: string; readonly bytes: number }[] = [];

  get isTooMuch(): boolean {
    return this.#unreadBytes > bridgeUnreadMaxBytes;
  }

  /** Before it is posted. Returns the mark that is to be posted after it, where one is due. */
  add(message: unknown): Mark | undefined {
    const bytes = messageBytes + sizeOf(message);
    this.#unreadBytes += bytes;
    this.#unmarkedBytes += bytes;
    if (this.#unmarkedBytes < bridgeMarkEveryBytes) return undefined;
    const token = randomHex(16);
    this.#marks.push({ token, bytes: this.#unmarkedBytes });
    this.#unmarkedBytes = 0;
    return { is: 'mark', token };
  }

  /** Marks come back in order. Returns whether this is the next one. */
  onMark({ token }: Mark): boolean {
    const next = this.#marks.shift();
    this.#unreadBytes -= next?.bytes ?? 0;
    return next?.token === token;
  }
}

/** JSON values and Uint8Arrays only. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return valueBytes + 2 * value.length;
  if (typeof value !== 'object' || value === null) return valueBytes;
  if (value instanceof Uint8Array) return valueBytes + value.byteLength;
  return Object.values(value).reduce((sum: number, each: unknown) => sum + sizeOf(each), valueBytes);
}
