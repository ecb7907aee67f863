// Holding a transfer and letting it go, as both directions do it: a person's own hold is said to the other side, and the link
// holds whatever runs over it while it is down.

import type { TransferId } from '../../shared/model/transfer.ts';
import type { TransferHome, TransferRecord } from './transfer-status.ts';

export class Holds {
  readonly #home: TransferHome;
  readonly #id: TransferId;
  readonly #record: TransferRecord;

  constructor(home: TransferHome, id: TransferId, record: TransferRecord) {
    this.#home = home;
    this.#id = id;
    this.#record = record;
  }

  pause(): void {
    this.#record.hold('us');
    this.#home.say({ type: 'pause', transfer: this.#id, why: 'person' });
  }

  resume(): void {
    this.#record.release('us');
    this.#home.say({ type: 'resume', transfer: this.#id, why: 'person' });
  }

  linkChanged(up: boolean): void {
    if (up) this.#record.release('link');
    else this.#record.hold('link');
  }
}
