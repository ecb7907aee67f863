// One incoming transfer: shows the offer, and after the person's yes proves every block before it is written, grants
// credit for what is not stored yet, and says delivered only after the host has published.

import type { ConflictPolicy } from '../../shared/ipc/views.ts';
import { type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlMessage, ControlOf } from '../../shared/wire/control.ts';
import type { Sink } from '../ports.ts';
import { Holds } from '../status/pause-reasons.ts';
import { faultOver, type TransferHome, TransferRecord } from '../status/transfer-status.ts';
import { BlockIntake } from './block-receiver.ts';
import type { BlockInbox } from './frame-assembler.ts';
import { SameHere } from './identical-files.ts';
import { OfferIntake } from './offer-receiver.ts';
import { type CalledOff, type PublishedFault, Publishing } from './publishing.ts';
import { ReceiveTalk } from './receive-messages.ts';
import { type ReceiveEnd, ReceiveStage } from './receive-stage.ts';

export class Incoming {
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly #home: TransferHome;
  readonly #sink: Sink;
  readonly #inbox: BlockInbox;
  readonly #stage: ReceiveStage;
  readonly #holds: Holds;
  readonly #talk: ReceiveTalk;
  readonly #offer: OfferIntake;
  #filing: Promise<void>;
  readonly #intake: BlockIntake;
  readonly #sameHere: SameHere;
  readonly #publishing: Publishing;

  /** `after`: what an earlier one of the same name has under way at the host. */
  constructor(home: TransferHome, id: TransferId, sink: Sink, inbox: BlockInbox, after: Promise<unknown>) {
    this.#home = home;
    this.#filing = after.then(() => undefined);
    this.id = id;
    this.#sink = sink;
    this.#inbox = inbox;
    this.record = new TransferRecord(home, id, 'receive');
    this.#stage = new ReceiveStage(this.record, () => this.#intake.isLaidOut);
    this.#holds = new Holds(home, id, this.record);
    this.#talk = new ReceiveTalk(home, id, this.record);
    this.#offer = new OfferIntake({
      home,
      id,
      record: this.record,
      sink,
      isListing: () => this.#stage.at === 'listing',
      isOver: () => this.isOver,
      later: (task) => this.#later(task),
      decline: (code) => this.decline(code),
      listed: (plan) => {
        this.record.title = plan.title;
        this.#stage.step('listed');
        home.emit({ is: 'offer', transfer: id, plan });
      },
    });
    this.#sameHere = new SameHere(sink, (indexes) => this.#talk.say({ type: 'digest-request', transfer: id, indexes }));
    this.#intake = new BlockIntake({
      home,
      id,
      record: this.record,
      sink,
      inbox,
      stage: this.#stage,
      talk: this.#talk,
      entries: () => this.#offer.entries,
      guard: (task) => this.#guard(task),
      attempted: () => this.#publishing.beginAttempt(),
    });
    this.#publishing = new Publishing({
      home,
      sink,
      blocks: this.#intake,
      stage: this.#stage,
      tag: () => this.#talk.tag,
      later: (task) => this.#later(task),
      completed: () => inbox.retire(this.#talk.tag),
      calledOff: ({ event, code }) => this.#end(event, code, true),
      arrived: (root, faults) => this.#arrived(root, faults),
    });
  }

  get isOver(): boolean {
    return this.#stage.isOver;
  }

  /** The host may have begun to keep it a moment ago. */
  get isNew(): boolean {
    return !this.#stage.isKept && this.#stage.at !== 'verifying';
  }

  /** Takes part in sharing the credit. */
  get isDrawing(): boolean {
    return this.#stage.at === 'receiving' || this.#stage.at === 'starting';
  }

  get isOfferAwaited(): boolean {
    return this.#offer.isAwaited && (this.#stage.at === 'listing' || this.#stage.at === 'failed');
  }

  offered(offer: ControlOf<'offer'>): void {
    this.#talk.begin(offer.tag);
    this.#offer.begin(offer);
  }

  onMessage(message: ControlMessage): void {
    // What the other side said before it heard that this is over is late, not wrong.
    if (this.isOver && message.type !== 'continue') {
      if (message.type === 'closed' && this.#stage.at === 'done') this.#later(() => this.#sink.close(false));
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
        this.#stage.show();
        return;
      case 'resume':
        this.record.release(message.why === 'source' ? 'source' : 'peer');
        this.#stage.show();
        return;
      case 'cancel':
        // A person's cancel has no code; with one, something broke over there.
        this.#callOff({ event: message.code === undefined ? 'cancelled' : 'broke', code: faultOver(message.code) });
        return;
      case 'file-faults':
        this.#fileFaults(message);
        return;
      case 'complete':
        this.#publishing.complete(message);
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
    return this.#stage.at === 'listing' || this.#stage.at === 'asking' ? this.#offer.bytes : 0;
  }

  accept(conflict: ConflictPolicy): void {
    if (this.#stage.at !== 'asking') return;
    this.#stage.step('accepted');
    this.#later(async () => {
      const leaveOut = conflict === 'skip' ? await this.#sameHere.find() : [];
      await this.#intake.begin(leaveOut);
    });
  }

  decline(code?: FaultCode): void {
    if (this.#stage.at !== 'asking' && this.#stage.at !== 'listing') return;
    this.#home.say({ type: 'decline', transfer: this.id, ...(code === undefined ? {} : { code }) });
    // Who says no needs no telling; a list that is refused for what it is does.
    this.#end('declined', code === 'transfer-refused' ? undefined : code, false);
  }

  pause(): void {
    if (this.isOver) return;
    this.#holds.pause();
    this.#stage.show();
  }

  resume(): void {
    if (this.isOver) return;
    this.#holds.resume();
    this.#intake.retryDisk();
    this.#stage.show();
  }

  cancel(): void {
    if (this.isOver) return;
    if (this.#stage.at !== 'verifying') this.#home.say({ type: 'cancel', transfer: this.id });
    this.#callOff({ event: 'cancelled', code: undefined });
  }

  /** The person wants a failed transfer again: the sender holds the files, so it has to begin. */
  retry(): void {
    if (this.#stage.isResumable) {
      this.#home.say({ type: 'again', transfer: this.id });
    }
  }

  linkChanged(up: boolean): void {
    if (this.isOver) return;
    this.#holds.linkChanged(up);
    this.#stage.show();
  }

  greeted(): void {
    this.#talk.pause();
  }

  /** What is being brought into place comes into place, whoever is there to hear of it. */
  park(): void {
    if (!this.isOver && this.#stage.at !== 'verifying') {
      this.#end('broke', 'peer-left', false);
    }
  }

  /** Whether anything is kept of it, once all that it began is put away. */
  async left(): Promise<boolean> {
    await this.#filing;
    return this.#stage.at === 'done' || this.#stage.isResumable;
  }

  /** The sender goes on, over a new link or after a failure. Answers with what is held here. */
  carryOn(tag: number): void {
    this.#inbox.retire(this.#talk.tag);
    this.#talk.begin(tag);
    // What the sender said about waiting may have been taken back where nobody heard it. It says so again.
    for (const cause of ['link', 'peer', 'source'] as const) this.record.release(cause);
    switch (this.#stage.at) {
      case 'listing':
        this.#offer.askAgain();
        return;
      case 'starting':
        this.#sameHere.askAgain();
        this.#stage.show();
        return;
      case 'asking':
      case 'verifying':
        this.#stage.show();
        return;
      case 'receiving':
        this.#intake.sayAccept();
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
        if (this.#stage.isResumable) this.reopen(tag);
        else this.#offer.askAgain();
        return;
    }
  }

  /** From the journal: a transfer that this engine has seen fail, or one of an earlier run. */
  reopen(tag: number): void {
    this.#talk.begin(tag);
    this.#stage.reopen();
    this.#publishing.reopen();
    this.record.reopened();
    this.#stage.show();
    this.#later(async () => {
      if (this.#stage.at !== 'starting') return;
      const kept = await this.#sink.reopen();
      if (this.#stage.at !== 'starting') return;
      this.record.describe(kept);
      if (kept.published !== undefined) return this.#arrived(kept.published.root, kept.published.faults);
      await this.#intake.begin([]);
    });
  }

  #fileFaults({ faults }: ControlOf<'file-faults'>): void {
    if (this.#stage.at !== 'receiving' && this.#stage.at !== 'starting') {
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
    this.#stage.show();
  }

  #arrived(root: string, faults: readonly PublishedFault[]): void {
    this.record.arrived(root, faults, this.#offer.entries);
    this.#stage.step('published');
    this.#talk.delivered();
    this.#close(true, 'done');
  }

  #callOff({ event, code }: CalledOff): void {
    if (this.#stage.at === 'verifying') this.#publishing.callOff({ event, code });
    else this.#end(event, code, false);
  }

  #end(event: ReceiveEnd, code: FaultCode | undefined, tell: boolean): void {
    if (this.isOver) return;
    const wasAsking = this.#stage.at === 'listing' || this.#stage.at === 'asking';
    if (code !== undefined) {
      this.record.failWith({ code, message: code });
    }
    if (tell) {
      this.#home.say({ type: 'cancel', transfer: this.id, ...(code === undefined ? {} : { code }) });
    }
    this.#stage.end(event, code === 'transfer-unknown');
    this.#inbox.retire(this.#talk.tag);
    this.#intake.stop();
    this.#sameHere.stop();
    if (wasAsking) {
      this.#home.emit({ is: 'offer-gone', transfer: this.id });
    }
    this.#stage.show();
    if (!this.#stage.isResumable) this.#offer.forget();
    this.#close(this.#stage.isResumable, this.#stage.at as 'declined' | 'cancelled' | 'failed');
  }

  /** After everything that was asked of the host before: it must not come open again behind us. */
  #close(keep: boolean, state: 'done' | 'declined' | 'cancelled' | 'failed'): void {
    this.#home.stir();
    this.#later(() => this.#sink.close(keep));
    this.#later(() => this.record.writeHistory(state));
  }

  /** Host calls that must keep their order: begin, entries, plan, start, fault, commit. */
  #later(task: () => Promise<void>): void {
    this.#filing = this.#filing.then(() => this.#guard(task));
  }

  async #guard(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const { event, code } = this.#publishing.calledOff ?? { event: 'broke', code: toFaultView(error).code };
      this.#end(event, code, true);
    }
  }
}
