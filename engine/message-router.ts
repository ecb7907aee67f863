// Where a message goes that the peer sends over an open link: to the transfer it names, to a new one, to the notes, or nowhere, which
// is a violation unless the peer may have sent it before it heard of an end.

import type { ControlMessage, ControlOf, ControlType } from '../shared/wire/control.ts';
import { transfersMaxLive } from '../shared/wire/limits.ts';
import { NoteAssembler } from './session/notes.ts';
import type { TransferContext } from './status/transfer-status.ts';
import type { Transfers } from './transfers.ts';

/** People press buttons, and files vanish, before our answer is heard: that is early, not wrong. */
const allowedAnyTime: ReadonlySet<ControlType> = new Set(['pause', 'resume', 'cancel', 'closed']);

export class MessageRouter {
  readonly #transfers: Transfers;
  readonly #notes = new NoteAssembler();

  constructor(transfers: Transfers) {
    this.#transfers = transfers;
  }

  /** The peer, or its channel, is gone: half a note stays half. */
  reset(): void {
    this.#notes.reset();
  }

  route(message: ControlMessage, context: TransferContext): void {
    if (message.type === 'text') {
      this.#onText(message, context);
      return;
    }
    if (message.type === 'offer') {
      this.#onOffer(message, context);
      return;
    }
    if (!('transfer' in message)) {
      context.violation(`${message.type} out of turn`);
      return;
    }
    const transfer = this.#transfers.find(message.transfer);
    if (transfer !== undefined) transfer.onMessage(message);
    else if (!allowedAnyTime.has(message.type)) context.violation(`${message.type} for no transfer`);
  }

  #onText(message: ControlOf<'text'>, context: TransferContext): void {
    const note = this.#notes.add(message);
    if (note === undefined) return;
    if (typeof note === 'string')
      context.emit({ is: 'text', connection: context.connection, text: note, fromPeer: true });
    else context.violation(note.refused);
  }

  #onOffer(offer: ControlOf<'offer'>, context: TransferContext): void {
    const transfers = this.#transfers;
    const known = transfers.incoming(offer.transfer);
    // It was asked for again, and crossed with our word that it is over.
    if (known?.isOver === true && !known.isOfferAwaited && known.state.at !== 'done') return;
    if (transfers.outgoing(offer.transfer) !== undefined || (known !== undefined && !known.isOfferAwaited)) {
      context.violation('a transfer offered twice');
      return;
    }
    if (known !== undefined && !known.isOver) {
      known.onOffer(offer);
      return;
    }
    if (transfers.receiving().length >= transfersMaxLive) {
      context.violation('too many offers');
      return;
    }
    transfers.addIncoming(context, offer.transfer, false).onOffer(offer);
  }
}
