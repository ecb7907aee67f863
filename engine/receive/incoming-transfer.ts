// One incoming transfer: hears commands, messages and the host, lets `receive-state.ts` decide, and does what it says. Nothing is
// written before the person accepts, and `delivered` is sent only after the host has published.

import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import { type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import type { PersonPauseReason, TransferId } from '../../shared/model/transfer.ts';
import type { ControlMessage, ControlOf } from '../../shared/wire/control.ts';
import { withPeerCodes } from '../../shared/wire/peer-code.ts';
import type { Sink } from '../ports.ts';
import { type TransferContext, TransferStatus } from '../status/transfer-status.ts';
import { DiskWait } from './disk-wait.ts';
import type { FrameAssembler } from './frame-assembler.ts';
import { IncomingFiles } from './incoming-files.ts';
import { OfferThumbnails } from './offer-list.ts';
import { ReceiveAttempt, type ReceiveAttemptParts } from './receive-attempt.ts';
import {
  isListing,
  isOfferAwaited,
  isReceiveOver,
  nextReceive,
  type ReceiveEffect,
  type ReceiveEvent,
  type ReceiveState,
  shownReceive,
} from './receive-state.ts';

const faultsPerMessage = 512;
/** A button that is pressed many times within a moment asks the sender once. */
const againEveryMs = 200;

export type IncomingParts = {
  readonly context: TransferContext;
  readonly id: TransferId;
  readonly sink: Sink;
  readonly assembler: FrameAssembler;
  /** What an earlier one of the same name has under way at the host. */
  readonly after: Promise<unknown>;
  /** From the host's records of an earlier link or run: there it failed, and the sender may go on with it. */
  readonly keptSecret?: string | undefined;
};

export class IncomingTransfer {
  readonly id: TransferId;
  readonly status: TransferStatus;
  readonly #context: TransferContext;
  readonly #files: IncomingFiles;
  readonly #attemptParts: ReceiveAttemptParts;
  #state: ReceiveState;
  #attempt: ReceiveAttempt | undefined;
  readonly #thumbnails = new OfferThumbnails();
  /** Once the disk did not take what is proven. */
  #publishWait: DiskWait | undefined;
  /** The sender said that it has heard of the delivery. */
  #isClosed = false;
  #askedAgainAtMs = Number.NEGATIVE_INFINITY;
  /** Aborted once the control channel is gone over which the sender was asked to go on. */
  #askedOver: AbortSignal | undefined;
  #secret: string | undefined;

  constructor({ context, id, sink, assembler, after, keptSecret }: IncomingParts) {
    this.id = id;
    this.#context = context;
    this.#secret = keptSecret;
    this.#state =
      keptSecret !== undefined
        ? { at: 'failed', code: 'peer-left', kept: 'earlier', awaitsOffer: false }
        : { at: 'listing', awaits: 'offer' };
    this.status = new TransferStatus(context, id, 'receive', shownReceive(this.#state));
    this.#files = new IncomingFiles({
      context,
      status: this.status,
      sink,
      after,
      notify: (event) => this.#step(event),
    });
    this.#attemptParts = {
      context,
      status: this.status,
      sink,
      assembler,
      pathAt: (block) => this.#files.pathAt(block),
      onBroken: (error) => this.#step({ is: 'broke', by: 'us', code: toFaultView(error).code }),
    };
  }

  /** Nothing before it is offered. */
  get secret(): string | undefined {
    return this.#secret;
  }

  get state(): ReceiveState {
    return this.#state;
  }

  get isOver(): boolean {
    return isReceiveOver(this.#state);
  }

  /** The host may have begun to keep it a moment ago. */
  get isNew(): boolean {
    return this.#state.at !== 'verifying' && !('kept' in this.#state && this.#state.kept === 'earlier');
  }

  /** Takes part in sharing the credit. */
  get isDrawingCredit(): boolean {
    return this.#state.at === 'receiving' || this.#state.at === 'starting';
  }

  get isOfferAwaited(): boolean {
    return isOfferAwaited(this.#state);
  }

  get offeredBytes(): number {
    return this.#state.at === 'listing' || this.#state.at === 'asking' ? this.listBytes : 0;
  }

  /** Of the list that is held here. */
  get listBytes(): number {
    return this.#files.listBytes;
  }

  forgetList(): void {
    this.#files.forgetList();
  }

  /** Resolves once all that it began is put away, with whether anything is kept of it. */
  async putAway(): Promise<boolean> {
    await this.#files.settled;
    return this.#state.at === 'done' || shownReceive(this.#state).isResumable;
  }

  onOffer(offer: ControlOf<'offer'>): void {
    this.#step({ is: 'offered', offer });
  }

  /** The sender goes on, over another control channel or after a failure. */
  onContinue(attemptId: number): void {
    this.#askedOver = undefined;
    this.#beginAttempt(attemptId);
    // Where the sender said that it pauses, it may have said later, unheard, that it goes on. It says so again.
    this.status.unpauseByPeer();
    this.status.unpause('link', 'source');
    this.#step({ is: 'continued' });
  }

  onMessage(theirs: ControlMessage): void {
    const message = withPeerCodes(theirs, 'sender');
    if (message.type === 'continue') {
      this.onContinue(message.tag);
      return;
    }
    // What the other side said before it heard that this is over is late, not wrong.
    if (this.isOver) {
      this.#onMessageOnceOver(message);
      return;
    }
    switch (message.type) {
      case 'manifest':
        this.#onManifest(message);
        break;
      case 'thumbnail':
        this.#onThumbnail(message);
        return;
      case 'digests':
        if (!this.#files.onDigests(message.digests)) this.#context.violation('digests that nobody asked for');
        return;
      case 'pause':
        if (message.why === 'source') this.status.pause('source');
        else this.status.pauseByPeer(message.why === 'cancel' ? 'cancel' : 'person');
        this.status.show();
        break;
      case 'resume':
        if (message.why === 'source') this.status.unpause('source');
        else this.status.unpauseByPeer();
        this.status.show();
        break;
      case 'cancel': {
        // A person's cancel has no code; with one, something broke over there.
        const { code } = message;
        this.#step(code === undefined ? { is: 'cancelled', by: 'peer' } : { is: 'broke', by: 'peer', code });
        break;
      }
      case 'file-faults':
        this.#onFileFaults(message);
        break;
      case 'complete':
        // Of an earlier attempt: late, not wrong.
        if (message.tag !== this.#attempt?.id) return;
        this.#step({ is: 'completed', root: message.root, isComplete: this.#files.received?.isComplete ?? false });
        break;
      default:
        this.#context.violation(`${message.type} for a transfer that we receive`);
        break;
    }
  }

  accept(conflict: ConflictPolicy): void {
    this.#step({ is: 'accepted', conflict });
  }

  decline(code?: FaultCode): void {
    this.#step({ is: 'declined', code });
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
    this.status.unpause('us');
    this.#context.send({ type: 'resume', transfer: this.id, why });
    this.#attempt?.retryDisk();
    this.#publishWait?.retry();
    this.status.show();
  }

  cancel(): void {
    this.#step({ is: 'cancelled', by: 'us' });
  }

  discard(): void {
    this.status.hide();
    this.cancel();
  }

  /** The person wants a failed transfer again: the sender has the files, so it has to begin. */
  retry(): void {
    // One that waits for a folder that is gone: it was put into another one.
    if (!this.isOver && this.status.pausedFor('disk') === 'disk-gone') {
      this.#step({ is: 'broke', by: 'us', code: 'disk-gone' });
    }
    const nowMs = this.#context.clock.now();
    if (!shownReceive(this.#state).isResumable || nowMs - this.#askedAgainAtMs < againEveryMs) return;
    this.#askedAgainAtMs = nowMs;
    this.#askedOver = this.#context.controlSignal;
    this.#context.send({ type: 'again', transfer: this.id });
  }

  linkChanged(up: boolean): void {
    if (this.isOver) return;
    if (up) this.status.unpause('link');
    else this.status.pause('link');
    this.status.show();
  }

  park(): void {
    this.#step({ is: 'parked' });
  }

  /** What failed can still be called off, and a sender that cannot go on with it says why. */
  #onMessageOnceOver(message: ControlMessage): void {
    if (message.type === 'closed' && this.#state.at === 'done' && !this.#isClosed) {
      this.#isClosed = true;
      this.#files.close(false);
    }
    if (message.type !== 'cancel') return;
    const { code } = message;
    if (code === undefined) this.#step({ is: 'cancelled', by: 'peer' });
    // After a change of the control channel a sender repeats what it said long ago.
    else if (shownReceive(this.#state).isResumable && this.#askedOver?.aborted === false)
      this.#step({ is: 'not-again', code });
  }

  #step(event: ReceiveEvent): void {
    const { state, effects } = nextReceive(this.#state, event);
    this.#state = state;
    this.status.phase = shownReceive(state);
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: ReceiveEffect): void {
    const transfer = this.id;
    switch (effect.do) {
      case 'show':
        this.status.show();
        break;
      case 'clear-pauses':
        this.status.clearPauses();
        break;
      case 'begin-list':
        this.#beginList(effect.offer);
        break;
      case 'show-offer':
        this.#context.emit({ is: 'offer', connection: this.#context.connection, transfer, plan: effect.plan });
        break;
      case 'withdraw-offer':
        this.#context.emit({ is: 'offer-gone', transfer });
        break;
      case 'ask-for-offer':
        this.#context.send({ type: 'decline', transfer, code: 'transfer-unknown' });
        break;
      case 'start':
        this.#files.layOut(effect.conflict, (message) => this.#attempt?.send(message));
        break;
      case 'reopen':
        this.#files.reopen();
        break;
      case 'repeat-digest-request':
        this.#files.repeatDigestRequest();
        break;
      case 'send-accept':
        if (this.#files.received !== undefined) this.#attempt?.accept(this.#files.received);
        break;
      case 'send-decline':
      case 'send-cancel': {
        const type = effect.do === 'send-decline' ? 'decline' : 'cancel';
        const code = effect.code === undefined ? {} : { code: effect.code };
        this.#context.send({ type, transfer, ...code });
        break;
      }
      case 'send-delivered':
        this.#sendDelivered();
        break;
      case 'publish':
        this.#attempt?.stopReceiving();
        this.#files.publish(effect.root);
        break;
      case 'call-off':
        this.#files.callOff();
        break;
      case 'wait-to-publish':
        this.#publishWait ??= new DiskWait({
          ...this.#attemptParts,
          retry: () => this.#step({ is: 'publish-again' }),
        });
        this.#publishWait.begin(effect.code);
        break;
      case 'repeat-wait':
        this.#publishWait?.tell();
        this.status.show();
        break;
      case 'set-delivered':
        this.status.setDelivered(effect, this.#files.entries);
        break;
      case 'end':
        this.#end(effect);
        break;
      case 'violation':
        this.#context.violation(effect.why);
        break;
    }
  }

  #beginAttempt(id: number): void {
    this.#attempt?.abort();
    this.#attempt = new ReceiveAttempt(this.#attemptParts, id);
  }

  #beginList(offer: ControlOf<'offer'>): void {
    this.#secret = offer.secret;
    this.#beginAttempt(offer.tag);
    this.status.describe(offer);
    this.status.skippedCount = offer.skipped;
    this.#thumbnails.beginList();
    this.#files.beginList(offer);
  }

  #onManifest(message: ControlOf<'manifest'>): void {
    try {
      if (isListing(this.#state) && this.#files.addPart(message)) return;
    } catch (error) {
      this.decline(toFaultView(error).code);
      return;
    }
    this.#context.violation('manifest part out of order');
  }

  /** Whether it is a picture at all is seen where it is drawn. */
  #onThumbnail({ index, image }: ControlOf<'thumbnail'>): void {
    const taken = this.#thumbnails.add(index, this.status.totals);
    if (taken === 'refused') this.#context.violation('a thumbnail of no file, or once too often');
    else if (taken === 'shown') this.#context.emit({ is: 'thumbnail', transfer: this.id, index, image });
  }

  #onFileFaults({ faults }: ControlOf<'file-faults'>): void {
    if (this.#state.at !== 'receiving' && this.#state.at !== 'starting') {
      this.#context.violation('file-faults out of turn');
      return;
    }
    const { files, folders } = this.status.totals;
    for (const fault of faults) {
      if (fault.index >= files + folders || this.#files.entries[fault.index]?.kind === 'folder') {
        this.#context.violation('a fault of no file');
        return;
      }
      this.status.addFault(fault, this.#files.entries);
      this.#files.noteFault(fault.index, fault.code);
    }
    this.status.show();
  }

  #sendDelivered(): void {
    const { rootHash, faultedFiles, faultedFolders } = this.status;
    const all = [...faultedFolders.codes, ...faultedFiles.codes];
    const faults = all.slice(0, faultsPerMessage).map(([index, code]) => ({ index, code }));
    const faultCount = all.length;
    this.#attempt?.send({ type: 'delivered', transfer: this.id, root: rootHash ?? '', faults, faultCount });
  }

  #end({ outcome, keep }: Extract<ReceiveEffect, { do: 'end' }>): void {
    if (outcome !== 'done') {
      this.#attempt?.abort();
      this.#files.stop();
    }
    if (outcome === 'done' || !keep) this.#files.forgetList();
    this.#publishWait?.end();
    this.#publishWait = undefined;
    this.#context.schedule();
    this.#files.close(keep, async (inPlace) => {
      if (outcome === 'cancelled') this.status.keepsInPlace(inPlace);
      await this.status.writeHistory(outcome);
    });
  }
}
