// An offer on its way in: its list is taken in order and within its bounds, handed on to the host part by part, and shown to the
// person once it is whole. It comes once, and once more for every time that it was asked for.

import type { OfferPlan } from '../../shared/ipc/views.ts';
import { type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import type { ManifestEntry } from '../../shared/model/manifest.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import type { Sink } from '../ports.ts';
import type { TransferHome, TransferRecord } from '../status/transfer-status.ts';
import { OfferList } from './offer-list.ts';

export type OfferIntakePorts = {
  readonly home: TransferHome;
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly sink: Sink;
  isListing(): boolean;
  isOver(): boolean;
  later(task: () => Promise<void>): void;
  decline(code: FaultCode): void;
  listed(plan: OfferPlan): void;
};

export class OfferIntake {
  readonly #ports: OfferIntakePorts;
  readonly #list = new OfferList();
  #isAwaited = true;

  constructor(ports: OfferIntakePorts) {
    this.#ports = ports;
  }

  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  get entries(): readonly ManifestEntry[] {
    return this.#list.entries;
  }

  /** As they came. */
  get bytes(): number {
    return this.#list.bytes;
  }

  begin(offer: ControlOf<'offer'>): void {
    const { home, record, sink, later } = this.#ports;
    this.#isAwaited = false;
    record.describe(offer);
    record.skippedCount = offer.skipped;
    const { name, checked } = home.peer();
    later(() => sink.begin({ secret: offer.secret, peerName: name, checked }));
  }

  /** It, or part of its list, is lost. */
  askAgain(): void {
    const { home, id } = this.#ports;
    this.#list.beginAnew();
    this.#isAwaited = true;
    home.say({ type: 'decline', transfer: id, code: 'transfer-unknown' });
  }

  take(message: ControlOf<'manifest'>): void {
    const { home, record, sink, isListing, isOver, later, decline } = this.#ports;
    if (!isListing() || !this.#list.isNext(message.part)) {
      home.violation('manifest part out of order');
      return;
    }
    try {
      this.#list.take(message, record.totals, home.offeredBytes);
    } catch (error) {
      decline(toFaultView(error).code);
      return;
    }
    const { entries, last } = message;
    later(async () => {
      if (isOver()) return;
      await sink.entries(entries);
      if (last) await this.#ask();
    });
  }

  forget(): void {
    this.#list.forget();
  }

  async #ask(): Promise<void> {
    const { sink, isListing, listed } = this.#ports;
    const plan = await sink.plan();
    if (isListing()) listed(plan);
  }
}
