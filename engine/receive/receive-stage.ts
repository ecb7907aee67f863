// Where an incoming transfer stands, how its row shows that, and whether it could go on later.

import type { TransferState } from '../../shared/model/transfer.ts';
import type { TransferRecord } from '../status/transfer-status.ts';
import { isReceiveOver, nextReceive, type ReceiveEvent, type ReceiveState } from './receive-state.ts';

const shownAs: Readonly<Record<ReceiveState, TransferState>> = {
  listing: 'offered',
  asking: 'offered',
  starting: 'waiting',
  receiving: 'receiving',
  verifying: 'verifying',
  done: 'done',
  declined: 'declined',
  cancelled: 'cancelled',
  failed: 'failed',
};

export type ReceiveEnd = Extract<ReceiveEvent, 'declined' | 'cancelled' | 'broke'>;

export class ReceiveStage {
  readonly #record: TransferRecord;
  readonly #isBegun: () => boolean;
  #at: ReceiveState = 'listing';
  /** The host keeps it from an earlier link or run. */
  #isKept = false;

  /** `isBegun`: the host has laid it out, and so keeps it. */
  constructor(record: TransferRecord, isBegun: () => boolean) {
    this.#record = record;
    this.#isBegun = isBegun;
  }

  get at(): ReceiveState {
    return this.#at;
  }

  get isKept(): boolean {
    return this.#isKept;
  }

  get isOver(): boolean {
    return isReceiveOver(this.#at);
  }

  get isResumable(): boolean {
    return this.#at === 'failed' && (this.#isKept || this.#isBegun());
  }

  step(event: ReceiveEvent): void {
    const next = nextReceive(this.#at, event);
    if (next === undefined) return;
    this.#at = next;
    this.show();
  }

  /** Shown once everything else has stopped. */
  end(event: ReceiveEnd, isForgotten: boolean): void {
    if (isForgotten) this.#isKept = false;
    this.#at = nextReceive(this.#at, event) ?? 'failed';
  }

  reopen(): void {
    this.#at = 'starting';
    this.#isKept = true;
  }

  show(): void {
    this.#record.show(shownAs[this.#at], this.isOver, this.isResumable);
  }
}
