// One outgoing transfer: tells the manifest, reads ahead and hashes, hands blocks to the lanes within the receiver's
// credit, and is done only when the receiver says that everything is published.

import { randomHex } from '../../shared/model/bytes.ts';
import { type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlMessage, ControlOf } from '../../shared/wire/control.ts';
import type { Source } from '../ports.ts';
import { Holds } from '../status/pause-reasons.ts';
import { faultOver, type TransferHome, TransferRecord } from '../status/transfer-status.ts';
import { BlockOutlet } from './block-sender.ts';
import { OfferTalk } from './offer-sender.ts';
import { OpenSource } from './open-source.ts';
import { type SendEnd, SendStage } from './send-stage.ts';

export class Outgoing {
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly #home: TransferHome;
  readonly #files: OpenSource;
  readonly #talk: OfferTalk;
  readonly #stage: SendStage;
  readonly #holds: Holds;
  #tag = newTag();
  /** What the lanes are given. */
  readonly blocks: BlockOutlet;
  #mayTellAnew = false;
  #isReopening = false;

  constructor(home: TransferHome, id: TransferId, source: Source, secret: string) {
    this.#home = home;
    this.id = id;
    this.#files = new OpenSource(source);
    this.record = new TransferRecord(home, id, 'send');
    this.#stage = new SendStage(this.record, () => this.#files.entries.length > 0);
    this.#holds = new Holds(home, id, this.record);
    this.#talk = new OfferTalk({
      home,
      id,
      secret,
      record: this.record,
      digests: (indexes) => source.digests(indexes),
      entries: () => this.#files.entries,
      tag: () => this.#tag,
      isOffered: () => this.#stage.at === 'offered',
      isOver: () => this.isOver,
    });
    this.blocks = new BlockOutlet({
      home,
      id,
      record: this.record,
      source,
      files: this.#files,
      stage: this.#stage,
      tag: () => this.#tag,
      guard: (task) => this.#guard(task),
      broken: (code) => this.#break(code),
      arrived: () => {
        this.#stage.arrive();
        this.#close(false, 'done');
      },
    });
  }

  get isOver(): boolean {
    return this.#stage.isOver;
  }

  get isHungry(): boolean {
    return this.blocks.isHungry;
  }

  get remainingBytes(): number {
    return this.#stage.at === 'sending' ? this.record.wantedBytes - this.record.progress().bytesDone : 0;
  }

  /** Whether anything is kept of it, once all that it began is put away. */
  async left(): Promise<boolean> {
    await this.#files.closed;
    return this.#stage.isResumable;
  }

  async start(): Promise<void> {
    await this.#guard(async () => {
      const opened = await this.#files.open(this.#home.peer().name);
      if (opened === undefined) return;
      this.record.describe(opened);
      this.record.skippedCount = opened.skipped.length;
      if (opened.skipped.length > 0) {
        this.#home.emit({ is: 'skipped', transfer: this.id, entries: opened.skipped });
      }
      this.#stage.step('told');
      await this.#tell();
    });
  }

  /** From the records of an earlier link or run. */
  async reopen(): Promise<void> {
    if (this.#isReopening || (this.#stage.at !== 'preparing' && this.#stage.at !== 'failed')) return;
    this.#isReopening = true;
    this.#stage.keep();
    await this.#guard(async () => {
      const kept = await this.#files.reopen();
      if (kept === undefined) return;
      this.record.describe(kept);
      this.#stage.wasAccepted ||= kept.selection !== undefined;
      this.record.reopened();
      this.#stage.step(this.#stage.at === 'preparing' ? 'told' : 'reopened');
      this.carryOn();
    });
    this.#isReopening = false;
  }

  async #tell(): Promise<void> {
    this.#stage.wasAccepted = false;
    await this.#talk.tell();
  }

  /** The link is another one now: nothing in flight counts, the receiver says what it holds. */
  carryOn(): void {
    if (this.isOver || this.#stage.at === 'preparing') return;
    this.#tag = newTag();
    this.#mayTellAnew = !this.#stage.wasAccepted;
    this.blocks.forgetFlight();
    this.#talk.beginAnew();
    this.#stage.carryOn();
    const tag = this.#tag;
    void this.#home.claimed().then(() => {
      if (tag === this.#tag && this.#stage.at === 'offered')
        this.#home.say({ type: 'continue', transfer: this.id, tag });
    });
    this.#stage.show();
  }

  /** Over another control of the same link: how it ended may have been said where nobody heard it. */
  sayAgain(): void {
    const { code } = this.record.fault ?? {};
    if (this.#stage.at === 'done') this.#home.say({ type: 'closed', transfer: this.id });
    if (this.#stage.at !== 'cancelled' && this.#stage.at !== 'failed') return;
    this.#home.say({ type: 'cancel', transfer: this.id, ...(code === undefined ? {} : { code }) });
  }

  onMessage(message: ControlMessage): void {
    // What the other side said before it heard that this is over is late, not wrong.
    if (this.isOver && message.type !== 'again') return;
    switch (message.type) {
      case 'choose':
      case 'held':
        this.#talk.ranges(message);
        return;
      case 'accept':
        this.#accepted(message);
        return;
      case 'decline':
        this.#declined(message.code);
        return;
      case 'digest-request':
        return void this.#guard(() => this.#talk.digests(message.indexes));
      case 'stored':
        this.blocks.stored(message);
        return;
      case 'nack':
        this.blocks.again(message);
        return;
      case 'pause':
        if (message.why === 'disk') {
          this.record.hold('disk', { neededBytes: message.neededBytes ?? 0, freeBytes: message.freeBytes ?? 0 });
        } else {
          this.record.hold('peer');
        }
        this.#stage.show();
        return;
      case 'resume':
        this.record.release(message.why === 'disk' ? 'disk' : 'peer');
        this.blocks.moved();
        return;
      case 'cancel':
        // A person's cancel has no code; with one, something broke over there.
        this.#end(message.code === undefined ? 'cancelled' : 'broke', faultOver(message.code));
        return;
      case 'again':
        this.#askedAgain();
        return;
      case 'delivered':
        return void this.#guard(() => this.blocks.delivered(message));
      default:
        this.#home.violation(`${message.type} for a transfer that we send`);
        return;
    }
  }

  pause(): void {
    if (this.isOver) return;
    this.#holds.pause();
    this.#stage.show();
  }

  resume(): void {
    if (this.isOver) return;
    this.#holds.resume();
    if (this.record.isHeldBy('source')) {
      this.record.release('source');
    }
    this.blocks.moved();
  }

  cancel(): void {
    if (this.isOver) return;
    this.#home.say({ type: 'cancel', transfer: this.id });
    this.#end('cancelled', undefined);
  }

  linkChanged(up: boolean): void {
    if (this.isOver) return;
    this.#holds.linkChanged(up);
    this.blocks.moved();
  }

  retry(): void {
    if (this.#stage.at === 'failed') void this.reopen();
  }

  park(): void {
    this.#files.interrupt();
    if (this.isOver) return;
    this.blocks.forgetFlight();
    this.#end('broke', 'peer-left');
  }

  #declined(code: FaultCode | undefined): void {
    if (this.#stage.at !== 'offered') {
      this.#home.violation('decline out of turn');
      return;
    }
    // The offer went out while the link was down, and nobody heard it.
    if (code === 'transfer-unknown' && this.#mayTellAnew) {
      this.#mayTellAnew = false;
      return void this.#guard(() => this.#tell());
    }
    this.#end('declined', code === undefined || code === 'transfer-refused' ? undefined : code);
  }

  #accepted(message: ControlOf<'accept'>): void {
    const yes = this.#talk.yes(message);
    if (yes !== undefined) this.blocks.begin(yes, message.credit);
  }

  /** Whoever asks has the list; offering it again would be another transfer under the same name. */
  #askedAgain(): void {
    if (this.#stage.at === 'offered') this.carryOn();
    else this.retry();
  }

  #break(code: FaultCode): void {
    this.#home.say({ type: 'cancel', transfer: this.id, code });
    this.#end('broke', code);
  }

  #end(event: SendEnd, code: FaultCode | undefined): void {
    if (this.isOver) return;
    if (code !== undefined) {
      this.record.failWith({ code, message: code });
    }
    this.#stage.end(event, code === 'transfer-unknown');
    this.blocks.forgetFlight();
    this.#stage.show();
    this.#close(this.#stage.isResumable, this.#stage.at as 'declined' | 'cancelled' | 'failed');
  }

  #close(keep: boolean, state: 'done' | 'declined' | 'cancelled' | 'failed'): void {
    this.#home.stir();
    this.#files.putAway(keep, () => this.record.writeHistory(state));
  }

  /** What an attempt began and could not finish ends that attempt, not the next one. */
  async #guard(task: () => Promise<void>): Promise<void> {
    const tag = this.#tag;
    try {
      await task();
    } catch (error) {
      if (this.isOver || tag !== this.#tag) return;
      this.#break(toFaultView(error).code);
    }
  }
}

function newTag(): number {
  return Number.parseInt(randomHex(4), 16);
}
