// The lane whose bytes the host carries: it is given numbers of blocks, as many as the host reads and sends at once.

import { blockBytes } from '../../shared/wire/limits.ts';
import type { DirectHost, DirectSent } from '../ports.ts';

/** A block that the host reads and sends itself. */
export type HostBlock = {
  readonly transfer: string;
  readonly attemptId: number;
  readonly block: number;
  /** Called with how it goes, once it is handed to the host. */
  readonly onSending: (sending: Promise<DirectSent>) => Promise<void>;
};

export class DirectSender {
  readonly #host: DirectHost;
  readonly #sendsAtOnce: number;
  #underWay = 0;
  #sentBytes = 0;

  constructor(host: DirectHost, sendsAtOnce: number) {
    this.#host = host;
    this.#sendsAtOnce = sendsAtOnce;
  }

  /** Bytes handed over since the last call. */
  takeSentBytes(): number {
    const sent = this.#sentBytes;
    this.#sentBytes = 0;
    return sent;
  }

  /** Hands over blocks while the host takes them; `onRoom` is called when it takes one more. */
  send(next: () => HostBlock | undefined, onRoom: () => void): void {
    while (this.#underWay < this.#sendsAtOnce) {
      const block = next();
      if (block === undefined) return;
      this.#underWay += 1;
      this.#sentBytes += blockBytes;
      void block.onSending(this.#host.send(block.transfer, block.attemptId, block.block)).then(() => {
        this.#underWay -= 1;
        onRoom();
      });
    }
  }
}
