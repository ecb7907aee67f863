// Where an outgoing transfer stands, how its row shows that, and whether it could go on later.

import type { TransferState } from '../../shared/model/transfer.ts';
import type { TransferRecord } from '../status/transfer-status.ts';
import { isSendOver, nextSend, type SendEvent, type SendState } from './send-state.ts';

const shownAs: Readonly<Record<SendState, TransferState>> = {
  preparing: 'waiting',
  offered: 'offered',
  sending: 'sending',
  verifying: 'verifying',
  done: 'done',
  declined: 'declined',
  cancelled: 'cancelled',
  failed: 'failed',
};

export type SendEnd = Extract<SendEvent, 'declined' | 'cancelled' | 'broke'>;

export class SendStage {
  readonly #record: TransferRecord;
  readonly #hasList: () => boolean;
  #at: SendState = 'preparing';
  /** The host keeps it from an earlier link or run. */
  #isKept = false;
  /** They said yes, in this attempt or in an earlier one. */
  wasAccepted = false;

  /** `hasList`: the source has told what is in it. */
  constructor(record: TransferRecord, hasList: () => boolean) {
    this.#record = record;
    this.#hasList = hasList;
  }

  get at(): SendState {
    return this.#at;
  }

  get isOver(): boolean {
    return isSendOver(this.#at);
  }

  get isResumable(): boolean {
    return this.#at === 'failed' && (this.#isKept || this.#hasList());
  }

  step(event: SendEvent): void {
    const next = nextSend(this.#at, event);
    if (next === undefined) return;
    this.#at = next;
    this.show();
  }

  keep(): void {
    this.#isKept = true;
  }

  /** Another attempt; shown once it has begun. */
  carryOn(): void {
    if (this.#at !== 'offered') this.#at = nextSend(this.#at, 'reopened') ?? this.#at;
  }

  /** They say that they have all of it, whatever we had heard of that. */
  arrive(): void {
    this.#at = 'verifying';
    this.step('delivered');
  }

  /** Shown once everything else has stopped. */
  end(event: SendEnd, isForgotten: boolean): void {
    this.#at = nextSend(this.#at, event) ?? 'failed';
    if (isForgotten) this.#isKept = false;
  }

  show(): void {
    // Their yes was given already; what is awaited is where they stand.
    const shown = this.#at === 'offered' && this.wasAccepted ? 'waiting' : shownAs[this.#at];
    this.#record.show(shown, this.isOver, this.isResumable);
  }
}
