// Where what the peer says over an open link goes: to the transfer it names, to a new one, to the notes, or nowhere, which is
// a violation unless it can have been said before the peer heard of an end.

import type { ControlMessage, ControlOf, ControlType } from '../shared/wire/control.ts';
import { transfersMaxLive } from '../shared/wire/limits.ts';
import type { EngineEvent } from './commands.ts';
import type { TakingUp } from './resume/resume.ts';
import { NoteInbox } from './session/notes.ts';
import type { TransferHome } from './status/transfer-status.ts';
import type { Transfers } from './transfers.ts';

const sayableAnyTime: ReadonlySet<ControlType> = new Set(['pause', 'resume', 'cancel', 'closed']);

export type MessageRoutesPorts = {
  readonly transfers: Transfers;
  readonly takingUp: TakingUp;
  home(): TransferHome;
  emit(event: EngineEvent): void;
  /** Where the other host listens for a direct lane. */
  direct(message: ControlOf<'direct'>): void;
  violation(why: string): void;
};

export class MessageRoutes {
  readonly #ports: MessageRoutesPorts;
  readonly #notes = new NoteInbox();

  constructor(ports: MessageRoutesPorts) {
    this.#ports = ports;
  }

  /** The peer is gone: half a note stays half. */
  forget(): void {
    this.#notes.forget();
  }

  take(message: ControlMessage): void {
    const { transfers, takingUp, violation } = this.#ports;
    if (message.type === 'text') {
      this.#text(message);
      return;
    }
    if (message.type === 'claims') {
      const why = takingUp.heard(message.claims);
      if (why !== undefined) violation(why);
      return;
    }
    if (message.type === 'direct') {
      this.#ports.direct(message);
      return;
    }
    if (!('transfer' in message)) {
      violation(`${message.type} out of turn`);
      return;
    }
    const { transfer } = message;
    if (message.type === 'offer') {
      this.#offer(message);
      return;
    }
    const target = transfers.find(transfer);
    if (target !== undefined) {
      target.onMessage(message);
      return;
    }
    if (message.type === 'continue') {
      void takingUp.continued(transfer, message.tag);
      return;
    }
    // People press buttons, and files vanish, before our answer is heard: that is early, not wrong.
    if (!sayableAnyTime.has(message.type)) violation(`${message.type} for no transfer`);
  }

  #text(message: ControlOf<'text'>): void {
    const note = this.#notes.take(message);
    if (note === undefined) return;
    if (typeof note === 'string') this.#ports.emit({ is: 'text', text: note, fromPeer: true });
    else this.#ports.violation(note.refused);
  }

  #offer(offer: ControlOf<'offer'>): void {
    const { transfers, home, violation } = this.#ports;
    const known = transfers.incoming(offer.transfer);
    if (transfers.outgoing(offer.transfer) !== undefined || (known !== undefined && !known.isOfferAwaited)) {
      violation('a transfer offered twice');
      return;
    }
    const isListing = known !== undefined && !known.isOver;
    if (!isListing && transfers.receiving().length >= transfersMaxLive) {
      violation('too many offers');
      return;
    }
    (isListing ? known : transfers.addIncoming(home(), offer.transfer)).offered(offer);
  }
}
