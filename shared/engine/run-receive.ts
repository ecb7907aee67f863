// One incoming transfer: shows the offer, and after the person's yes proves every block before it is written, grants
// credit for what is not stored yet, and says delivered only after the host has published.

import type { ConflictPolicy } from '../ipc/views.ts';
import { Fault, type FaultCode, toFaultView } from '../model/fault.ts';
import { totalsOf } from '../model/layout.ts';
import type { Selection } from '../model/manifest.ts';
import type { TransferId, TransferState } from '../model/transfer.ts';
import type { ControlMessage, ControlOf } from '../wire/control.ts';
import { ArrivingBlocks } from './arriving-blocks.ts';
import type { BlockInbox } from './block-inbox.ts';
import { DiskWait } from './disk-wait.ts';
import { OfferIntake } from './offer-intake.ts';
import type { Sink } from './ports.ts';
import { isReceiveOver, nextReceive, type ReceiveEvent, type ReceiveState } from './receive-state.ts';
import { ReceiveTalk } from './receive-talk.ts';
import { ReceivedBlocks } from './received-blocks.ts';
import { SameHere } from './same-here.ts';
import { faultOver, type TransferHome, TransferRecord } from './transfer-record.ts';

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

export class Incoming {
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly #home: TransferHome;
  readonly #sink: Sink;
  readonly #inbox: BlockInbox;
  #state: ReceiveState = 'listing';
  readonly #talk: ReceiveTalk;
  readonly #offer: OfferIntake;
  #filing: Promise<void>;
  /** The host keeps it from an earlier link or run. */
  #isKept = false;
  /** Called off while the host was bringing everything into place: what comes of that is what counts. */
  #calledOff: { readonly event: 'cancelled' | 'broke'; readonly code: FaultCode | undefined } | undefined;
  #selection: Selection = 'all';
  readonly #blocks: ReceivedBlocks;
  readonly #diskWait: DiskWait;
  readonly #arriving: ArrivingBlocks;
  readonly #sameHere: SameHere;
  #completeRoot: string | undefined;

  /** `after`: what an earlier one of the same name has under way at the host. */
  constructor(home: TransferHome, id: TransferId, sink: Sink, inbox: BlockInbox, after: Promise<unknown>) {
    this.#home = home;
    this.#filing = after.then(() => undefined);
    this.id = id;
    this.#sink = sink;
    this.#inbox = inbox;
    this.record = new TransferRecord(home, id, 'receive');
    this.#talk = new ReceiveTalk(home, id, this.record);
    this.#offer = new OfferIntake({
      home,
      id,
      record: this.record,
      sink,
      isListing: () => this.#state === 'listing',
      isOver: () => this.isOver,
      later: (task) => this.#later(task),
      decline: (code) => this.decline(code),
      listed: (plan) => {
        this.record.title = plan.title;
        this.#step('listed');
        home.emit({ is: 'offer', transfer: id, plan });
      },
    });
    this.#sameHere = new SameHere(sink, (indexes) => this.#talk.say({ type: 'digest-request', transfer: id, indexes }));
    this.#blocks = new ReceivedBlocks({
      clock: home.clock,
      creditShare: home.creditShare,
      isReceiving: () => this.#state === 'receiving',
      stored: (ranges, credit) => this.#talk.stored(ranges, credit),
      damaged: (block) => this.#talk.again(block, 'damaged'),
      counted: () => this.#counted(),
    });
    this.#diskWait = new DiskWait({
      home,
      id,
      record: this.record,
      sink,
      isOver: () => this.isOver,
      guard: (task) => this.#guard(task),
      show: () => this.#show(),
      again: (blocks) => {
        for (const block of blocks) if (!this.#blocks.has(block)) this.#talk.again(block, 'unwritten');
      },
    });
    this.#arriving = new ArrivingBlocks({
      sink,
      record: this.record,
      blocks: this.#blocks,
      diskWait: this.#diskWait,
      tag: () => this.#talk.tag,
      isReceiving: () => this.#state === 'receiving',
      guard: (task) => this.#guard(task),
    });
  }

  get isOver(): boolean {
    return isReceiveOver(this.#state);
  }

  /** The host may have begun to keep it a moment ago. */
  get isNew(): boolean {
    return !this.#isKept && this.#state !== 'verifying';
  }

  /** Takes part in sharing the credit. */
  get isDrawing(): boolean {
    return this.#state === 'receiving' || this.#state === 'starting';
  }

  get isOfferAwaited(): boolean {
    return this.#offer.isAwaited && (this.#state === 'listing' || this.#state === 'failed');
  }

  offered(offer: ControlOf<'offer'>): void {
    this.#talk.begin(offer.tag);
    this.#offer.begin(offer);
  }

  onMessage(message: ControlMessage): void {
    // What the other side said before it heard that this is over is late, not wrong.
    if (this.isOver && message.type !== 'continue') {
      if (message.type === 'closed' && this.#state === 'done') this.#later(() => this.#sink.close(false));
      return;
    }
    switch (message.type) {
      case 'manifest':
        this.#offer.take(message);
        return;
      case 'digests':
        if (!this.#sameHere.take(message.digests)) {
          this.#home.violation('digests that nobody asked for');
        }
        return;
      case 'pause':
        if (!this.isOver) {
          this.record.hold(message.why === 'source' ? 'source' : 'peer');
        }
        this.#show();
        return;
      case 'resume':
        this.record.release(message.why === 'source' ? 'source' : 'peer');
        this.#show();
        return;
      case 'cancel':
        // A person's cancel has no code; with one, something broke over there.
        this.#callOff(message.code === undefined ? 'cancelled' : 'broke', faultOver(message.code));
        return;
      case 'file-faults':
        this.#fileFaults(message);
        return;
      case 'complete':
        this.#completed(message);
        return;
      case 'continue':
        this.carryOn(message.tag);
        return;
      default:
        this.#home.violation(`${message.type} for a transfer that we receive`);
        return;
    }
  }

  get offeredBytes(): number {
    return this.#state === 'listing' || this.#state === 'asking' ? this.#offer.bytes : 0;
  }

  accept(conflict: ConflictPolicy): void {
    if (this.#state !== 'asking') return;
    this.#step('accepted');
    this.#later(async () => {
      const leaveOut = conflict === 'skip' ? await this.#sameHere.find() : [];
      await this.#begin(leaveOut);
    });
  }

  decline(code?: FaultCode): void {
    if (this.#state !== 'asking' && this.#state !== 'listing') return;
    this.#home.say({ type: 'decline', transfer: this.id, ...(code === undefined ? {} : { code }) });
    // Who says no needs no telling; a list that is refused for what it is does.
    this.#end('declined', code === 'transfer-refused' ? undefined : code, false);
  }

  pause(): void {
    if (this.isOver) return;
    this.record.hold('us');
    this.#home.say({ type: 'pause', transfer: this.id, why: 'person' });
    this.#show();
  }

  resume(): void {
    if (this.isOver) return;
    this.record.release('us');
    this.#home.say({ type: 'resume', transfer: this.id, why: 'person' });
    this.#diskWait.retry();
    this.#show();
  }

  cancel(): void {
    if (this.isOver) return;
    if (this.#state !== 'verifying') this.#home.say({ type: 'cancel', transfer: this.id });
    this.#callOff('cancelled', undefined);
  }

  /** The person wants a failed transfer again: the sender holds the files, so it has to begin. */
  retry(): void {
    if (this.#isResumable()) {
      this.#home.say({ type: 'again', transfer: this.id });
    }
  }

  linkChanged(up: boolean): void {
    if (this.isOver) return;
    if (up) {
      this.record.release('link');
    } else {
      this.record.hold('link');
    }
    this.#show();
  }

  greeted(): void {
    this.#talk.pause();
  }

  /** What is being brought into place comes into place, whoever is there to hear of it. */
  park(): void {
    if (!this.isOver && this.#state !== 'verifying') {
      this.#end('broke', 'peer-left', false);
    }
  }

  /** Whether anything is kept of it, once all that it began is put away. */
  async left(): Promise<boolean> {
    await this.#filing;
    return this.#state === 'done' || this.#isResumable();
  }

  /** The sender goes on, over a new link or after a failure. Answers with what is held here. */
  carryOn(tag: number): void {
    this.#inbox.retire(this.#talk.tag);
    this.#talk.begin(tag);
    // What the sender said about waiting may have been taken back where nobody heard it. It says so again.
    for (const cause of ['link', 'peer', 'source'] as const) this.record.release(cause);
    switch (this.#state) {
      case 'listing':
        this.#offer.askAgain();
        return;
      case 'starting':
        this.#sameHere.askAgain();
        this.#show();
        return;
      case 'asking':
      case 'verifying':
        this.#show();
        return;
      case 'receiving':
        this.#sayAccept();
        return;
      case 'done':
        this.#talk.delivered();
        return;
      case 'declined':
        this.#home.say({ type: 'decline', transfer: this.id });
        return;
      case 'cancelled':
        this.#home.say({ type: 'cancel', transfer: this.id });
        return;
      case 'failed':
        if (this.#isResumable()) this.reopen(tag);
        else this.#offer.askAgain();
        return;
    }
  }

  /** From the journal: a transfer that this engine has seen fail, or one of an earlier run. */
  reopen(tag: number): void {
    this.#talk.begin(tag);
    this.#state = 'starting';
    this.#isKept = true;
    this.#calledOff = undefined;
    this.record.reopened();
    this.#show();
    this.#later(async () => {
      if (this.#state !== 'starting') return;
      const kept = await this.#sink.reopen();
      if (this.#state !== 'starting') return;
      this.record.describe(kept);
      if (kept.published !== undefined) return this.#arrived(kept.published.root, kept.published.faults);
      await this.#begin([]);
    });
  }

  async #begin(leaveOut: number[]): Promise<void> {
    const started = await this.#sink.start(leaveOut);
    if (this.#state !== 'starting') return;
    this.#selection = started.selection;
    this.record.wantedBytes = started.totalBytes;
    const { entries } = this.#offer;
    if (entries.length > 0) {
      this.record.wantedFiles = totalsOf(entries, started.selection).files;
    }
    this.#blocks.layOut(started.totalBytes, started.have);
    this.#step('started');
    this.#sayAccept();
  }

  #sayAccept(): void {
    if (this.#talk.isBetween) return;
    this.#completeRoot = undefined;
    this.#diskWait.forget();
    const credit = this.#blocks.beginAttempt();
    this.#inbox.expect(this.#talk.tag, this.#arriving);
    this.#talk.accept({ selection: this.#selection, held: this.#blocks.held(), credit });
    this.#counted();
  }

  #counted(): void {
    this.record.count(this.#blocks.storedBytes);
    this.#home.stir();
  }

  #fileFaults({ faults }: ControlOf<'file-faults'>): void {
    if (this.#state !== 'receiving' && this.#state !== 'starting') {
      this.#home.violation('file-faults out of turn');
      return;
    }
    const { entries } = this.#offer;
    for (const { index, code } of faults) {
      if (entries.length > 0 && index >= entries.length) {
        this.#home.violation('a fault of no file');
        return;
      }
      if (!this.record.addFault(index, code, entries[index]?.path ?? [])) continue;
      this.#later(() => this.#sink.fault(index, code));
    }
    this.#show();
  }

  #completed({ tag, root }: ControlOf<'complete'>): void {
    if (this.isOver || tag !== this.#talk.tag) return;
    if (this.#state !== 'receiving' || !this.#blocks.isComplete || this.#completeRoot !== undefined) {
      this.#home.violation('complete before everything is stored');
      return;
    }
    this.#completeRoot = root;
    this.#step('completed');
    this.#inbox.retire(this.#talk.tag);
    this.#later(async () => {
      if (this.#state !== 'verifying') return;
      if (this.#calledOff === undefined && (await this.#blocks.contradicts(root))) {
        throw new Fault('hash-mismatch', 'the whole differs from its parts');
      }
      if (this.#calledOff !== undefined) return this.#end(this.#calledOff.event, this.#calledOff.code, true);
      const { faults } = await this.#sink.commit(root);
      this.#arrived(root, faults);
    });
  }

  #arrived(root: string, faults: readonly { readonly index: number; readonly code: FaultCode }[]): void {
    this.record.arrived(root, faults, this.#offer.entries);
    this.#step('published');
    this.#talk.delivered();
    this.#close(true, 'done');
  }

  #callOff(event: 'cancelled' | 'broke', code: FaultCode | undefined): void {
    if (this.#state === 'verifying') this.#calledOff = { event, code };
    else this.#end(event, code, false);
  }

  #end(
    event: Extract<ReceiveEvent, 'declined' | 'cancelled' | 'broke'>,
    code: FaultCode | undefined,
    tell: boolean,
  ): void {
    if (this.isOver) return;
    this.#isKept &&= code !== 'transfer-unknown';
    const wasAsking = this.#state === 'listing' || this.#state === 'asking';
    if (code !== undefined) {
      this.record.failWith({ code, message: code });
    }
    if (tell) {
      this.#home.say({ type: 'cancel', transfer: this.id, ...(code === undefined ? {} : { code }) });
    }
    this.#state = nextReceive(this.#state, event) ?? 'failed';
    this.#inbox.retire(this.#talk.tag);
    this.#blocks.stop();
    this.#diskWait.stop();
    this.#sameHere.stop();
    if (wasAsking) {
      this.#home.emit({ is: 'offer-gone', transfer: this.id });
    }
    this.#show();
    if (!this.#isResumable()) this.#offer.forget();
    this.#close(this.#isResumable(), this.#state as 'declined' | 'cancelled' | 'failed');
  }

  /** After everything that was asked of the host before: it must not come open again behind us. */
  #close(keep: boolean, state: 'done' | 'declined' | 'cancelled' | 'failed'): void {
    this.#home.stir();
    this.#later(() => this.#sink.close(keep));
    this.#later(() => this.record.writeHistory(state));
  }

  #isResumable(): boolean {
    return this.#state === 'failed' && (this.#isKept || this.#blocks.count > 0);
  }

  #step(event: ReceiveEvent): void {
    const next = nextReceive(this.#state, event);
    if (next === undefined) return;
    this.#state = next;
    this.#show();
  }

  #show(): void {
    this.record.show(shownAs[this.#state], this.isOver, this.#isResumable());
  }

  /** Host calls that must keep their order: begin, entries, plan, start, fault, commit. */
  #later(task: () => Promise<void>): void {
    this.#filing = this.#filing.then(() => this.#guard(task));
  }

  async #guard(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const { event, code } = this.#calledOff ?? { event: 'broke', code: toFaultView(error).code };
      this.#end(event, code, true);
    }
  }
}
