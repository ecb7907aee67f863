// Where a message goes that the peer sends over an open link: to the transfer it names, to a new one, to the notes, or nowhere, which
// is a violation unless the peer may have sent it before it heard of an end.

import type { Clock } from '../shared/model/clock.ts';
import type { TransferId } from '../shared/model/transfer.ts';
import type { ControlMessage, ControlOf, ControlType } from '../shared/wire/control.ts';
import {
  askedReopensBurst,
  askedReopensPerSecond,
  endedKeptMax,
  offersBurst,
  offersPerSecond,
  transfersMaxLive,
} from '../shared/wire/limits.ts';
import { PeerPaces } from '../shared/wire/peer-paces.ts';
import { TokenBucket } from '../shared/wire/token-bucket.ts';
import { HeardNotes, NoteAssembler } from './session/notes.ts';
import type { TransferContext } from './status/transfer-status.ts';
import type { Transfers } from './transfers.ts';

/** People press buttons, and files vanish, before our answer is heard: that is early, not wrong. */
const allowedAnyTime: ReadonlySet<ControlType> = new Set(['pause', 'resume', 'cancel', 'closed']);

type PeerPace = {
  readonly offers: TokenBucket;
  readonly reopens: TokenBucket;
};

export class MessageRouter {
  readonly #transfers: Transfers;
  readonly #clock: Clock;
  readonly #notes = new NoteAssembler();
  readonly #heardNotes = new HeardNotes();
  /** How often a peer may have something done that costs this side more than a message. */
  readonly #paces: PeerPaces<PeerPace>;
  /** Of the peer that this link leads to. */
  #pace: PeerPace;
  /** By transfer, what asks for it to be opened or offered again, the newest. */
  readonly #waiting = new Map<TransferId, ControlOf<'again' | 'continue'>>();
  #cancelTurn: (() => void) | undefined;
  /** Offers that came too fast: the rest of each is on its way. */
  readonly #unseen = new Set<TransferId>();

  constructor(transfers: Transfers, clock: Clock) {
    this.#transfers = transfers;
    this.#clock = clock;
    this.#paces = new PeerPaces(() => ({
      offers: new TokenBucket(offersPerSecond, offersBurst, clock.now()),
      reopens: new TokenBucket(askedReopensPerSecond, askedReopensBurst, clock.now()),
    }));
    this.#pace = this.#paces.of(undefined);
  }

  /** A link begins; `remembered`: the entry of its peer. */
  peerIs(remembered: string | undefined): void {
    this.#pace = this.#paces.of(remembered);
  }

  /** The peer, or its channel, is gone: half a note stays half, and whoever wants a transfer again says so again. */
  reset(): void {
    this.#notes.reset();
    this.#waiting.clear();
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
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
    if (message.type === 'cancel') this.#waiting.delete(message.transfer);
    if (transfer !== undefined && isReopening(message) && this.#isCostly(message)) this.#reopenInTurn(message);
    else if (transfer !== undefined) transfer.onMessage(message);
    else if (!allowedAnyTime.has(message.type) && !this.#unseen.has(message.transfer))
      context.violation(`${message.type} for no transfer`);
  }

  /** Another attempt begins: the host opens it again, reads or lists it, or says all that it holds. */
  #isCostly({ type, transfer }: ControlOf<'again' | 'continue'>): boolean {
    return type === 'continue' || this.#transfers.outgoing(transfer)?.goesOnInTurn === true;
  }

  #reopenInTurn(message: ControlOf<'again' | 'continue'>): void {
    this.#waiting.set(message.transfer, message);
    if (this.#cancelTurn === undefined) this.#reopenNext();
  }

  #reopenNext(): void {
    this.#cancelTurn = undefined;
    for (const [id, message] of this.#waiting) {
      if (!this.#pace.reopens.take(this.#clock.now())) {
        this.#cancelTurn = this.#clock.after(1_000 / askedReopensPerSecond, () => this.#reopenNext());
        return;
      }
      this.#waiting.delete(id);
      this.#transfers.find(id)?.onMessage(message);
    }
  }

  #onText(message: ControlOf<'text'>, context: TransferContext): void {
    const text = this.#notes.add(message);
    if (text === undefined) return;
    if (typeof text !== 'string') {
      context.violation(text.refused);
      return;
    }
    const { note } = message;
    if (note === undefined || this.#heardNotes.add(note))
      context.emit({ is: 'text', connection: context.connection, text, fromPeer: true });
    if (note !== undefined) context.send({ type: 'text-received', note });
  }

  #onOffer(offer: ControlOf<'offer'>, context: TransferContext): void {
    const transfers = this.#transfers;
    const known = transfers.incoming(offer.transfer);
    this.#unseen.delete(offer.transfer);
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
    if (this.#pace.offers.take(this.#clock.now())) transfers.addIncoming(context, offer.transfer).onOffer(offer);
    else this.#declineUnseen(offer.transfer, context);
  }

  #declineUnseen(transfer: TransferId, context: TransferContext): void {
    this.#unseen.add(transfer);
    for (const oldest of this.#unseen) {
      if (this.#unseen.size <= endedKeptMax) break;
      this.#unseen.delete(oldest);
    }
    context.send({ type: 'decline', transfer, code: 'transfer-refused' });
  }
}

function isReopening(message: ControlMessage): message is ControlOf<'again' | 'continue'> {
  return message.type === 'again' || message.type === 'continue';
}
