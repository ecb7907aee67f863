// The lane whose bytes the host carries: it is given so many blocks at once that reading, hashing and the socket work side by
// side, and that on a fast network calls are few; on a slow one no more than a pause may leave on their way.

import type { Clock } from '../../shared/model/clock.ts';
import { blockBytes, directSendsForMs, directSendsMax, directSendsMin } from '../../shared/wire/limits.ts';

/** A block that the direct lane takes unread. Resolves, never rejects, when its sender takes one more. */
export type DirectBlock = () => Promise<void>;

export class DirectSender {
  readonly #clock: Clock;
  #sendsAtOnce = directSendsMin;
  #underWay = 0;
  #sentBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Bytes handed over since the last call. */
  takeSentBytes(): number {
    const sent = this.#sentBytes;
    this.#sentBytes = 0;
    return sent;
  }

  /** Hands over a group of blocks when the lane takes one; `onRoom` is called when it takes one more. */
  send(next: () => DirectBlock | undefined, onRoom: () => void): void {
    const group = this.#sendsAtOnce / 2;
    if (this.#underWay > group) return;
    const startedAtMs = this.#clock.now();
    for (let nth = 0; nth < group; nth += 1) {
      const sendBlock = next();
      if (sendBlock === undefined) return;
      this.#underWay += 1;
      this.#sentBytes += blockBytes;
      void sendBlock().then(() => {
        this.#underWay -= 1;
        if (nth === 0) this.#adapt(this.#clock.now() - startedAtMs);
        onRoom();
      });
    }
    // Another group goes in a call of its own: the host sends one while the answer for the other is on its way.
    if (this.#underWay <= group) this.#clock.after(0, onRoom);
  }

  /** The first of a group left after all that was given away before it. */
  #adapt(tookMs: number): void {
    if (tookMs < directSendsForMs) this.#sendsAtOnce = Math.min(directSendsMax, this.#sendsAtOnce * 2);
    else if (tookMs > 4 * directSendsForMs) this.#sendsAtOnce = Math.max(directSendsMin, this.#sendsAtOnce / 2);
  }
}
