// The lane whose bytes the host carries: it takes so many blocks at once that reading, hashing and the socket work side by side.

import { blockBytes, directBlocksPerCall } from '../../shared/wire/limits.ts';

/** A block that the direct lane takes unread. Resolves, never rejects, when its sender takes one more. */
export type DirectBlock = () => Promise<void>;

export class DirectSender {
  readonly #sendsAtOnce: number;
  #underWay = 0;
  #sentBytes = 0;

  constructor(sendsAtOnce: number) {
    this.#sendsAtOnce = sendsAtOnce;
  }

  /** Bytes handed over since the last call. */
  takeSentBytes(): number {
    const sent = this.#sentBytes;
    this.#sentBytes = 0;
    return sent;
  }

  /** Hands over blocks while the lane takes a group of them; `onRoom` is called when it takes one more. */
  send(next: () => DirectBlock | undefined, onRoom: () => void): void {
    if (this.#underWay > this.#sendsAtOnce - directBlocksPerCall) return;
    while (this.#underWay < this.#sendsAtOnce) {
      const sendBlock = next();
      if (sendBlock === undefined) return;
      this.#underWay += 1;
      this.#sentBytes += blockBytes;
      void sendBlock().then(() => {
        this.#underWay -= 1;
        onRoom();
      });
    }
  }
}
