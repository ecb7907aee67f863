// One outgoing transfer: tells the manifest, reads ahead and hashes, hands blocks to the lanes within the receiver's
// credit, and is done only when the receiver says that everything is published.

import { randomHex } from '../model/bytes.ts';
import { type FaultCode, toFaultView } from '../model/fault.ts';
import { totalsOf } from '../model/layout.ts';
import type { TransferId, TransferState } from '../model/transfer.ts';
import type { ControlMessage, ControlOf } from '../wire/control.ts';
import { AttemptSource } from './attempt-source.ts';
import type { ConnectionId } from './desk.ts';
import type { BlockSupply, ReadyBlock } from './lane-pool.ts';
import { OfferTalk } from './offer-talk.ts';
import { OpenSource } from './open-source.ts';
import type { Source } from './ports.ts';
import { SendEnding } from './send-ending.ts';
import { isSendOver, nextSend, type SendEvent, type SendState } from './send-state.ts';
import { SentBlocks } from './sent-blocks.ts';
import { faultOver, type TransferHome, TransferRecord } from './transfer-record.ts';

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

export class Outgoing implements BlockSupply {
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly #home: TransferHome;
  readonly #files: OpenSource;
  readonly #talk: OfferTalk;
  #state: SendState = 'preparing';
  #tag = newTag();
  readonly #attempt: AttemptSource;
  readonly #blocks: SentBlocks;
  #wasAccepted = false;
  #mayTellAnew = false;
  readonly #ending: SendEnding;
  #isReopening = false;
  /** The host keeps it from an earlier link or run. */
  #isKept = false;

  constructor(home: TransferHome, id: TransferId, source: Source, secret: string) {
    this.#home = home;
    this.id = id;
    this.#files = new OpenSource(source);
    this.record = new TransferRecord(home, id, 'send');
    this.#talk = new OfferTalk({
      home,
      id,
      secret,
      record: this.record,
      digests: (indexes) => source.digests(indexes),
      entries: () => this.#files.entries,
      tag: () => this.#tag,
      isOffered: () => this.#state === 'offered',
      isOver: () => this.isOver,
    });
    this.#attempt = new AttemptSource({
      source,
      tag: () => this.#tag,
      faults: this.record.faultedIndexes,
      found: (faults) => {
        this.record.addFaults(faults, this.#files.entries);
        this.#show();
      },
      say: (faults) => home.say({ type: 'file-faults', transfer: id, faults }),
    });
    this.#blocks = new SentBlocks({
      source: this.#attempt,
      tag: () => this.#tag,
      isSending: () => this.#state === 'sending',
      isHeld: () => this.record.isHeld(),
      guard: (task) => this.#guard(task),
      ready: (index) => {
        this.record.currentPath = index === undefined ? undefined : this.#files.entries[index]?.path;
        home.stir();
      },
    });
    this.#ending = new SendEnding({
      home,
      id,
      record: this.record,
      files: this.#files,
      attempt: this.#attempt,
      blocks: this.#blocks,
      tag: () => this.#tag,
      state: () => this.#state,
      wasAccepted: () => this.#wasAccepted,
      isOver: () => this.isOver,
      guard: (task) => this.#guard(task),
      completed: () => this.#step('all-stored'),
      arrived: () => {
        this.#state = 'verifying';
        this.#step('delivered');
        this.#close(false, 'done');
      },
      differs: () => this.#break('hash-mismatch'),
    });
  }

  get isOver(): boolean {
    return isSendOver(this.#state);
  }

  /** Blocks are waiting for a lane. */
  get isHungry(): boolean {
    return this.#state === 'sending' && !this.record.isHeld() && this.#blocks.isWaitingForLanes;
  }

  get remainingBytes(): number {
    return this.#state === 'sending' ? this.record.wantedBytes - this.record.progress().bytesDone : 0;
  }

  /** Whether anything is kept of it, once all that it began is put away. */
  async left(): Promise<boolean> {
    await this.#files.closed;
    return this.#isResumable();
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
      this.#step('told');
      await this.#tell();
    });
  }

  /** From the records of an earlier link or run. */
  async reopen(): Promise<void> {
    if (this.#isReopening || (this.#state !== 'preparing' && this.#state !== 'failed')) return;
    this.#isReopening = true;
    this.#isKept = true;
    await this.#guard(async () => {
      const kept = await this.#files.reopen();
      if (kept === undefined) return;
      this.record.describe(kept);
      this.#wasAccepted ||= kept.selection !== undefined;
      this.record.reopened();
      this.#step(this.#state === 'preparing' ? 'told' : 'reopened');
      this.carryOn();
    });
    this.#isReopening = false;
  }

  async #tell(): Promise<void> {
    this.#wasAccepted = false;
    await this.#talk.tell();
  }

  /** The link is another one now: nothing in flight counts, the receiver says what it holds. */
  carryOn(): void {
    if (this.isOver || this.#state === 'preparing') return;
    this.#tag = newTag();
    this.#mayTellAnew = !this.#wasAccepted;
    this.#forgetFlight();
    this.#talk.beginAnew();
    if (this.#state !== 'offered') {
      this.#state = nextSend(this.#state, 'reopened') ?? this.#state;
    }
    const tag = this.#tag;
    void this.#home.claimed().then(() => {
      if (tag === this.#tag && this.#state === 'offered') this.#home.say({ type: 'continue', transfer: this.id, tag });
    });
    this.#show();
  }

  /** Over another control of the same link: how it ended may have been said where nobody heard it. */
  sayAgain(): void {
    const { code } = this.record.fault ?? {};
    if (this.#state === 'done') this.#home.say({ type: 'closed', transfer: this.id });
    if (this.#state !== 'cancelled' && this.#state !== 'failed') return;
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
        this.#onStored(message);
        return;
      case 'nack':
        this.#onNack(message);
        return;
      case 'pause':
        if (message.why === 'disk') {
          this.record.hold('disk', { neededBytes: message.neededBytes ?? 0, freeBytes: message.freeBytes ?? 0 });
        } else {
          this.record.hold('peer');
        }
        this.#show();
        return;
      case 'resume':
        this.record.release(message.why === 'disk' ? 'disk' : 'peer');
        this.#moved();
        return;
      case 'cancel':
        // A person's cancel has no code; with one, something broke over there.
        this.#end(message.code === undefined ? 'cancelled' : 'broke', faultOver(message.code));
        return;
      case 'again':
        this.#askedAgain();
        return;
      case 'delivered':
        return void this.#guard(() => this.#ending.delivered(message));
      default:
        this.#home.violation(`${message.type} for a transfer that we send`);
        return;
    }
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
    if (this.record.isHeldBy('source')) {
      this.record.release('source');
    }
    this.#moved();
  }

  cancel(): void {
    if (this.isOver) return;
    this.#home.say({ type: 'cancel', transfer: this.id });
    this.#end('cancelled', undefined);
  }

  linkChanged(up: boolean): void {
    if (this.isOver) return;
    if (up) {
      this.record.release('link');
    } else {
      this.record.hold('link');
    }
    this.#moved();
  }

  retry(): void {
    if (this.#state === 'failed') void this.reopen();
  }

  park(): void {
    this.#files.interrupt();
    if (this.isOver) return;
    this.#forgetFlight();
    this.#end('broke', 'peer-left');
  }

  take(connection: ConnectionId): ReadyBlock | undefined {
    return this.#blocks.take(connection);
  }

  carries(connection: ConnectionId): boolean {
    return this.#blocks.carries(connection);
  }

  laneLost(connection: ConnectionId): void {
    this.#blocks.laneLost(connection);
  }

  #declined(code: FaultCode | undefined): void {
    if (this.#state !== 'offered') {
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
    if (yes === undefined) return;
    const { selection, held, layout } = yes;
    this.record.wantedBytes = layout.totalBytes;
    this.record.wantedFiles = totalsOf(this.#files.entries, selection).files;
    this.#wasAccepted = true;
    this.#blocks.layOut(layout, held, message.credit);
    this.#step('accepted');
    // What they said about waiting may have been taken back where nobody heard it: whoever still waits says so after its yes.
    this.record.release('peer');
    this.record.release('disk');
    this.#attempt.begin(layout);
    if (this.record.isHeldBy('us')) this.#home.say({ type: 'pause', transfer: this.id, why: 'person' });
    void this.#guard(async () => {
      await this.#attempt.select(selection === 'all' ? 'all' : [...selection]);
      await this.#blocks.open(held);
      this.#moved();
    });
  }

  #onStored(message: ControlOf<'stored'>): void {
    if (message.tag !== this.#tag || this.#state !== 'sending') return;
    const why = this.#blocks.stored(message);
    if (why !== undefined) {
      this.#home.violation(why);
      return;
    }
    this.#moved();
  }

  #onNack(message: ControlOf<'nack'>): void {
    if (message.tag !== this.#tag || this.#state !== 'sending') return;
    if (!this.#blocks.wasSent(message.block)) {
      this.#home.violation('a block asked for again that was not sent');
      return;
    }
    const code = this.#blocks.again(message);
    if (code !== undefined) {
      this.#break(code);
      return;
    }
    this.#moved();
  }

  #moved(): void {
    if (this.#blocks.count > 0) {
      this.record.count(this.#blocks.storedBytes);
    }
    this.#show();
    this.#blocks.readAhead();
    this.#home.stir();
    this.#ending.look();
  }

  /** Whoever asks has the list; offering it again would be another transfer under the same name. */
  #askedAgain(): void {
    if (this.#state === 'offered') this.carryOn();
    else this.retry();
  }

  #forgetFlight(): void {
    this.#blocks.forgetFlight();
    this.#ending.beginAnew();
  }

  #break(code: FaultCode): void {
    this.#home.say({ type: 'cancel', transfer: this.id, code });
    this.#end('broke', code);
  }

  #end(event: Extract<SendEvent, 'declined' | 'cancelled' | 'broke'>, code: FaultCode | undefined): void {
    if (this.isOver) return;
    if (code !== undefined) {
      this.record.failWith({ code, message: code });
    }
    this.#state = nextSend(this.#state, event) ?? 'failed';
    this.#isKept &&= code !== 'transfer-unknown';
    this.#forgetFlight();
    this.#show();
    this.#close(this.#isResumable(), this.#state as 'declined' | 'cancelled' | 'failed');
  }

  #close(keep: boolean, state: 'done' | 'declined' | 'cancelled' | 'failed'): void {
    this.#home.stir();
    this.#files.putAway(keep, () => this.record.writeHistory(state));
  }

  #isResumable(): boolean {
    return this.#state === 'failed' && (this.#isKept || this.#files.entries.length > 0);
  }

  #step(event: SendEvent): void {
    const next = nextSend(this.#state, event);
    if (next === undefined) return;
    this.#state = next;
    this.#show();
  }

  #show(): void {
    // Their yes was given already; what is awaited is where they stand.
    const shown = this.#state === 'offered' && this.#wasAccepted ? 'waiting' : shownAs[this.#state];
    this.record.show(shown, this.isOver, this.#isResumable());
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

export function newTag(): number {
  return Number.parseInt(randomHex(4), 16);
}
