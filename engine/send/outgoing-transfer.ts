// One outgoing transfer: hears commands, messages and the host, lets `send-state.ts` decide, and does what it says. It is done only
// when the receiver has proven that everything is published.

import { toFaultView } from '../../shared/model/fault.ts';
import type { ConnectionId } from '../../shared/model/link-channel.ts';
import type { PersonPauseReason, TransferId, TransferView } from '../../shared/model/transfer.ts';
import type { ControlMessage, ControlOf } from '../../shared/wire/control.ts';
import { withPeerCodes } from '../../shared/wire/peer-code.ts';
import type { DirectBlock } from '../lanes/direct-sender.ts';
import type { ReadyBlock } from '../lanes/frame-sender.ts';
import type { BlockSupply } from '../lanes/lane-pool.ts';
import type { Source } from '../ports.ts';
import { type TransferContext, TransferStatus } from '../status/transfer-status.ts';
import { DigestCounts } from './offer-sender.ts';
import { SendAttempt, type SendAttemptParts } from './send-attempt.ts';
import {
  isAwaitingAnswer,
  isSendOver,
  nextSend,
  type SendEffect,
  type SendEvent,
  type SendState,
  shownSend,
} from './send-state.ts';
import { SentBlocks } from './sent-blocks.ts';
import { SourceFiles } from './source-files.ts';

export type OutgoingParts = {
  readonly context: TransferContext;
  readonly id: TransferId;
  readonly source: Source;
  readonly secret: string;
  /** From the host's records of an earlier link or run. */
  readonly isKept: boolean;
};

export class OutgoingTransfer implements BlockSupply {
  readonly id: TransferId;
  readonly status: TransferStatus;
  readonly #context: TransferContext;
  readonly #files: SourceFiles;
  readonly #attemptParts: SendAttemptParts;
  #attempt: SendAttempt | undefined;
  #state: SendState;
  /** The control channel went before the receiver answered to the hash over everything. */
  #isRootUnanswered = false;

  constructor({ context, id, source, secret, isKept }: OutgoingParts) {
    this.id = id;
    this.#context = context;
    this.#state = { at: 'preparing', kept: isKept };
    this.status = new TransferStatus(context, id, 'send', shownSend(this.#state));
    this.#files = new SourceFiles(source);
    this.#attemptParts = {
      context,
      status: this.status,
      files: this.#files,
      sent: new SentBlocks(),
      secret,
      digestCounts: new DigestCounts(),
      notify: (event) => this.#step(event),
    };
  }

  get secret(): string {
    return this.#attemptParts.secret;
  }

  get state(): SendState {
    return this.#state;
  }

  get isOver(): boolean {
    return isSendOver(this.#state);
  }

  /** The receiver's `again` opens it at the host, may have the whole list sent once more, or a delivery proven once more. */
  get goesOnInTurn(): boolean {
    return this.#state.at === 'failed' || isAwaitingAnswer(this.#state);
  }

  get isWaitingForLane(): boolean {
    return this.#attempt?.queue?.isWaitingForLane ?? false;
  }

  get remainingBytes(): number {
    return this.#state.at === 'sending' ? this.status.wantedBytes - this.status.progress().bytesDone : 0;
  }

  /** Resolves once all that it began is put away, with whether anything is kept of it. */
  async putAway(): Promise<boolean> {
    await this.#files.closed();
    return shownSend(this.#state).isResumable;
  }

  /** Opens the source for the first time, or what the host kept. */
  open(): Promise<void> {
    return this.#state.at === 'preparing' && !this.#state.kept ? this.#openSource() : this.#reopenSource();
  }

  take(connection: ConnectionId): ReadyBlock | undefined {
    return this.#attempt?.queue?.take(connection);
  }

  takeDirect(connection: ConnectionId): DirectBlock | undefined {
    return this.#attempt?.takeDirect(connection);
  }

  oldestOn(connection: ConnectionId): number | undefined {
    return this.#attempt?.queue?.oldestOn(connection);
  }

  laneLost(connection: ConnectionId): void {
    this.#attempt?.queue?.laneLost(connection);
  }

  onMessage(theirs: ControlMessage): void {
    const message = withPeerCodes(theirs, 'receiver');
    // What the other side said before it heard that this is over is late, not wrong. What failed can still be called off.
    if (this.isOver && message.type !== 'again' && !(message.type === 'cancel' && message.code === undefined)) return;
    if (this.#isOfEarlierAttempt(message)) return;
    switch (message.type) {
      case 'accept':
        this.#distrustUnanswered();
        this.#step({ is: 'accepted', message });
        break;
      case 'decline':
        this.#step({ is: 'declined', code: message.code });
        break;
      case 'delivered':
        this.#step({ is: 'delivered', message });
        break;
      case 'again':
        this.#step({ is: 'asked-again' });
        break;
      case 'cancel': {
        // A person's cancel has no code; with one, something broke over there.
        const { code } = message;
        if (code === 'hash-mismatch' && this.#state.at === 'verifying' && this.#attemptParts.sent.distrustRecords()) {
          this.#step({ is: 'root-refused' });
          break;
        }
        this.#step(code === undefined ? { is: 'cancelled', by: 'peer' } : { is: 'broke', by: 'peer', code });
        break;
      }
      case 'choose':
      case 'held':
      case 'digest-request':
        if (!isAwaitingAnswer(this.#state)) {
          this.#context.violation(`${message.type} out of turn`);
          return;
        }
        if (message.type === 'digest-request') {
          this.#attempt?.onDigestRequest(message.indexes);
          return;
        }
        this.#attempt?.onRanges(message);
        break;
      case 'stored':
        if (this.#state.at === 'sending') this.#attempt?.onStored(message);
        return;
      case 'nack':
        if (this.#state.at === 'sending') this.#attempt?.onNack(message);
        return;
      case 'pause': {
        const waitsFor = diskOf(message);
        if (waitsFor !== undefined) this.status.pause('disk', waitsFor);
        else this.status.pauseByPeer(message.why === 'cancel' ? 'cancel' : 'person');
        this.status.show();
        break;
      }
      case 'resume':
        if (diskOf(message) === undefined) this.status.unpauseByPeer();
        else this.status.unpause('disk');
        this.#advance();
        break;
      default:
        this.#context.violation(`${message.type} for a transfer that we send`);
        break;
    }
  }

  pause(why: PersonPauseReason = 'person'): void {
    if (this.isOver) return;
    this.status.pauseByPerson(why);
    this.#context.send({ type: 'pause', transfer: this.id, why: this.status.personReason ?? 'person' });
    this.status.show();
  }

  resume(): void {
    if (this.isOver) return;
    const why = this.status.personReason ?? 'person';
    this.status.unpause('us', 'source');
    this.#context.send({ type: 'resume', transfer: this.id, why });
    this.#advance();
  }

  cancel(): void {
    this.#step({ is: 'cancelled', by: 'us' });
  }

  discard(): void {
    this.status.hide();
    this.cancel();
  }

  retry(): void {
    this.#attemptParts.digestCounts.reset();
    this.#step({ is: 'retried' });
  }

  linkChanged(up: boolean): void {
    if (this.isOver) return;
    if (up) this.status.unpause('link');
    else this.status.pause('link');
    this.#advance();
  }

  /** The link runs over another control channel: nothing in flight counts, the receiver says what it holds. */
  controlChanged(): void {
    this.#attemptParts.digestCounts.reset();
    if (this.#state.at === 'verifying') this.#isRootUnanswered = true;
    this.#step({ is: 'control-changed' });
  }

  /** After its end, over another control channel: how it ended may have been sent where nobody heard it. */
  repeatEnd(): void {
    const { at } = this.#state;
    if (at === 'done') this.#context.send({ type: 'closed', transfer: this.id });
    if (at === 'cancelled') this.#context.send({ type: 'cancel', transfer: this.id });
    if (this.#state.at === 'failed' || this.#state.at === 'reopening') {
      this.#context.send({ type: 'cancel', transfer: this.id, code: this.#state.code });
    }
  }

  park(): void {
    this.#step({ is: 'parked' });
  }

  /** They want it again: they may have found another hash. To find that twice, they would throw away what they hold. */
  #distrustUnanswered(): void {
    if (!this.#isRootUnanswered || !isAwaitingAnswer(this.#state)) return;
    this.#isRootUnanswered = false;
    this.#attemptParts.sent.distrustRecords();
  }

  /** The only place where the attempt of an incoming message is looked at. */
  #isOfEarlierAttempt(message: ControlMessage): boolean {
    if (message.type !== 'accept' && message.type !== 'stored' && message.type !== 'nack') return false;
    if (message.tag === this.#attempt?.id) return false;
    if (message.type === 'accept') this.#attempt?.onStaleAccept();
    return true;
  }

  #step(event: SendEvent): void {
    const { state, effects } = nextSend(this.#state, event);
    this.#state = state;
    this.status.phase = shownSend(state);
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: SendEffect): void {
    switch (effect.do) {
      case 'show':
        this.status.show();
        break;
      case 'clear-pauses':
        this.status.clearPauses();
        break;
      case 'reopen-source':
        return void this.#reopenSource();
      case 'interrupt-source':
        this.#files.interrupt();
        break;
      case 'begin-attempt':
        this.#attempt?.abort();
        this.#attempt = new SendAttempt(this.#attemptParts);
        this.#attempt.open(effect.with);
        break;
      case 'start-sending':
        this.#attempt?.start(effect.message);
        break;
      case 'send-complete':
        this.#context.send({ type: 'complete', transfer: this.id, tag: this.#attempt!.id, root: effect.root });
        break;
      case 'check-delivery':
        this.#attempt?.onDelivered(effect.message);
        break;
      case 'send-cancel':
        this.#sendCancel(effect);
        break;
      case 'end':
        this.#end(effect);
        break;
      case 'violation':
        this.#context.violation(effect.why);
        break;
    }
  }

  #sendCancel({ code }: Extract<SendEffect, { do: 'send-cancel' }>): void {
    this.#context.send({ type: 'cancel', transfer: this.id, ...(code === undefined ? {} : { code }) });
  }

  #end({ outcome, keep }: Extract<SendEffect, { do: 'end' }>): void {
    this.#attempt?.abort();
    this.#attempt = undefined;
    this.#context.schedule();
    this.#files.putAway(keep, () => this.status.writeHistory(outcome));
    if (outcome === 'done') {
      void this.#files.closed().then(() => this.#context.send({ type: 'closed', transfer: this.id }));
    }
  }

  #advance(): void {
    if (this.#attempt !== undefined) this.#attempt.advance();
    else {
      this.status.show();
      this.#context.schedule();
    }
  }

  async #openSource(): Promise<void> {
    try {
      const opened = await this.#files.open(this.#context.peer.name);
      if (opened === undefined) return;
      const { skipped, skippedCount } = opened;
      this.status.describe(opened);
      this.status.skippedCount = skippedCount;
      if (skipped.length > 0) this.#context.emit({ is: 'skipped', transfer: this.id, entries: skipped });
      this.#step({ is: 'listed' });
    } catch (error) {
      this.#step({ is: 'broke', by: 'us', code: toFaultView(error).code });
    }
  }

  async #reopenSource(): Promise<void> {
    try {
      const kept = await this.#files.reopen();
      if (kept === undefined) return;
      this.status.describe(kept);
      this.#step({ is: 'reopened', accepted: kept.selection !== undefined });
    } catch (error) {
      this.#step({ is: 'reopen-failed', code: toFaultView(error).code });
    }
  }
}

/** What keeps their disk from taking it; nothing where that is no reason. */
function diskOf(message: ControlOf<'pause' | 'resume'>): TransferView['fault'] {
  if (message.why === 'folder') return { code: 'disk-gone' };
  if (message.why === 'publish') return { code: 'publish-waiting' };
  if (message.why !== 'disk') return undefined;
  // Numbers only where they were said.
  const { neededBytes, freeBytes } = message.type === 'pause' ? message : {};
  if (neededBytes === undefined || freeBytes === undefined) return { code: 'disk-full' };
  return { code: 'disk-full', detail: { neededBytes, freeBytes } };
}
