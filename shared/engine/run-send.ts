// One outgoing transfer: tells the manifest, reads ahead and hashes, hands blocks to the lanes within the receiver's
// credit, and is done only when the receiver says that everything is published.

import { type FaultCode, toFaultView } from '../model/fault.ts';
import { layOut, totalsOf } from '../model/layout.ts';
import type { ManifestEntry, Selection } from '../model/manifest.ts';
import type { TransferId, TransferState } from '../model/transfer.ts';
import type { ControlMessage, ControlOf } from '../wire/control.ts';
import { digestAsksMax, transferMaxBlocks } from '../wire/limits.ts';
import { AttemptSource } from './attempt-source.ts';
import { randomHex } from './block-set.ts';
import type { ConnectionId } from './desk.ts';
import type { BlockSupply, ReadyBlock } from './lane-pool.ts';
import { manifestParts } from './manifest-parts.ts';
import type { Source } from './ports.ts';
import { isSendOver, nextSend, type SendEvent, type SendState } from './send-state.ts';
import { SentBlocks } from './sent-blocks.ts';
import { ToldRanges } from './told-ranges.ts';
import { type TransferHome, TransferRecord } from './transfer-record.ts';

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
  readonly #source: Source;
  readonly #secret: string;
  #state: SendState = 'preparing';
  #tag = newTag();
  #entries: ManifestEntry[] = [];
  readonly #chosen = new ToldRanges();
  readonly #held = new ToldRanges();
  readonly #attempt: AttemptSource;
  readonly #blocks: SentBlocks;
  readonly #digestAsks = new Map<number, number>();
  #wasAccepted = false;
  #mayTellAnew = false;
  #completing = false;
  /** The attempt whose `delivered` was heard: it counts once. */
  #judged: number | undefined;
  /** Counts what was begun and not finished when it ended: it has to stop where it is. */
  #beginnings = 0;
  #isReopening = false;
  /** The host keeps it from an earlier link or run. */
  #isKept = false;
  /** What the host was asked to open. It may come open after this is over, and has to be closed then. */
  #opening: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> = Promise.resolve();
  /** Counts the times the manifest was begun; an older telling stops where it is. */
  #tellings = 0;

  constructor(home: TransferHome, id: TransferId, source: Source, secret: string) {
    this.#home = home;
    this.id = id;
    this.#source = source;
    this.#secret = secret;
    this.record = new TransferRecord(home, id, 'send');
    this.#attempt = new AttemptSource({
      source,
      tag: () => this.#tag,
      faults: this.record.faultedIndexes,
      found: (faults) => {
        for (const { index, code } of faults) this.record.addFault(index, code, this.#entries[index]?.path ?? []);
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
        this.record.currentPath = index === undefined ? undefined : this.#entries[index]?.path;
        home.stir();
      },
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
    await this.#closing;
    return this.#isResumable();
  }

  async start(): Promise<void> {
    await this.#guard(async () => {
      const opened = await this.#open(this.#source.open(this.#home.peer().name));
      if (this.isOver) return;
      this.record.title = opened.title;
      this.record.totals = opened.totals;
      this.record.wantedBytes = opened.totals.bytes;
      this.record.wantedFiles = opened.totals.files;
      this.record.skippedCount = opened.skipped.length;
      if (opened.skipped.length > 0) {
        this.#home.emit({ is: 'skipped', transfer: this.id, entries: opened.skipped });
      }
      this.#show();
      await this.#readManifest();
      if (this.isOver) {
        return;
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
    const beginning = ++this.#beginnings;
    await this.#guard(async () => {
      await this.#closing;
      const kept = await this.#open(this.#source.reopen());
      if (beginning !== this.#beginnings) return this.#putAway(true);
      this.record.title = kept.title;
      this.record.totals = kept.totals;
      this.record.wantedBytes = kept.totals.bytes;
      this.record.wantedFiles = kept.totals.files;
      if (kept.selection !== undefined) {
        this.#wasAccepted = true;
      }
      await this.#readManifest();
      if (beginning !== this.#beginnings) return this.#putAway(true);
      this.record.reopened();
      if (this.#state === 'preparing') {
        this.#step('told');
      } else {
        this.#step('reopened');
      }
      this.carryOn();
    });
    this.#isReopening = false;
  }

  #open<T>(opening: Promise<T>): Promise<T> {
    this.#opening = opening.catch(() => undefined);
    return opening;
  }

  /** The offer and its manifest, from the start, no faster than control takes it. */
  async #tell(): Promise<void> {
    const telling = ++this.#tellings;
    this.#wasAccepted = false;
    await this.#home.roomToSay();
    if (telling !== this.#tellings || this.isOver) return;
    const { title, totals, skippedCount } = this.record;
    this.#home.say({
      type: 'offer',
      transfer: this.id,
      tag: this.#tag,
      secret: this.#secret,
      title: title.slice(0, 1024),
      totals,
      skipped: skippedCount,
    });
    for (const part of manifestParts(this.#entries)) {
      if (part.part > 0) await this.#home.roomToSay();
      if (telling !== this.#tellings || this.isOver) return;
      this.#home.say({ type: 'manifest', transfer: this.id, ...part });
    }
  }

  /** The link is another one now: nothing in flight counts, the receiver says what it holds. */
  carryOn(): void {
    if (this.isOver || this.#state === 'preparing') {
      return;
    }
    this.#tag = newTag();
    this.#tellings += 1;
    this.#mayTellAnew = !this.#wasAccepted;
    this.#forgetFlight();
    this.#chosen.forget();
    this.#held.forget();
    this.#digestAsks.clear();
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
    if (this.isOver && message.type !== 'again') {
      return;
    }
    switch (message.type) {
      case 'choose':
      case 'held':
        this.#rangesOf(message);
        return;
      case 'accept':
        this.#accepted(message);
        return;
      case 'decline':
        this.#declined(message.code);
        return;
      case 'digest-request':
        return void this.#digests(message.indexes);
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
        this.#end(message.code === undefined ? 'cancelled' : 'broke', message.code);
        return;
      case 'again':
        return void this.#askedAgain();
      case 'delivered':
        return void this.#guard(() => this.#delivered(message));
      default:
        this.#home.violation(`${message.type} for a transfer that we send`);
        return;
    }
  }

  pause(): void {
    if (this.isOver) {
      return;
    }
    this.record.hold('us');
    this.#home.say({ type: 'pause', transfer: this.id, why: 'person' });
    this.#show();
  }

  resume(): void {
    if (this.isOver) {
      return;
    }
    this.record.release('us');
    this.#home.say({ type: 'resume', transfer: this.id, why: 'person' });
    if (this.record.isHeldBy('source')) {
      this.record.release('source');
    }
    this.#moved();
  }

  cancel(): void {
    if (this.isOver) {
      return;
    }
    this.#home.say({ type: 'cancel', transfer: this.id });
    this.#end('cancelled', undefined);
  }

  linkChanged(up: boolean): void {
    if (this.isOver) {
      return;
    }
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
    this.#beginnings += 1;
    if (this.isOver) {
      return;
    }
    this.#forgetFlight();
    this.#end('broke', 'peer-left');
  }

  take(connection: ConnectionId): ReadyBlock | undefined {
    return this.#blocks.take(connection);
  }

  laneLost(connection: ConnectionId): void {
    this.#blocks.laneLost(connection);
  }

  async #readManifest(): Promise<void> {
    this.#entries = [];
    for (let from: number | null = 0; from !== null; ) {
      const part: { entries: readonly ManifestEntry[]; next: number | null } = await this.#source.manifest(from);
      this.#entries.push(...part.entries);
      from = part.next;
    }
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

  #rangesOf({ type, ranges }: ControlOf<'choose' | 'held'>): void {
    if (this.#state !== 'offered') {
      this.#home.violation(`${type} out of turn`);
      return;
    }
    const isSound =
      type === 'choose' ? this.#chosen.take(ranges, this.#entries.length) : this.#held.take(ranges, transferMaxBlocks);
    if (!isSound) {
      this.#home.violation('ranges that are none');
    }
  }

  #accepted(message: ControlOf<'accept'>): void {
    if (message.tag !== this.#tag) {
      // What was told before it belongs to it.
      this.#chosen.forget();
      this.#held.forget();
      return;
    }
    if (this.#state !== 'offered') {
      if (!this.isOver) {
        this.#home.violation('accept out of turn');
      }
      return;
    }
    const selection: Selection = message.all ? 'all' : [...this.#chosen.all];
    const held = [...this.#held.all];
    const layout = layOut(this.#entries, selection);
    if (this.#held.end > layout.blocks) {
      this.#home.violation('holds blocks that do not exist');
      return;
    }
    const wanted = totalsOf(this.#entries, selection);
    this.record.wantedBytes = layout.totalBytes;
    this.record.wantedFiles = wanted.files;
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
    if (message.tag !== this.#tag || this.#state !== 'sending') {
      return;
    }
    const why = this.#blocks.stored(message);
    if (why !== undefined) {
      this.#home.violation(why);
      return;
    }
    this.#moved();
  }

  #onNack(message: ControlOf<'nack'>): void {
    if (message.tag !== this.#tag || this.#state !== 'sending') {
      return;
    }
    if (!this.#blocks.wasSent(message.block)) {
      this.#home.violation('a block asked for again that was not sent');
      return;
    }
    const code = this.#blocks.again(message);
    if (code !== undefined) {
      this.#home.say({ type: 'cancel', transfer: this.id, code });
      this.#end('broke', code);
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
    if (this.#state === 'sending' && this.#blocks.isComplete && !this.#completing) {
      void this.#complete();
    }
  }

  async #complete(): Promise<void> {
    this.#completing = true;
    const tag = this.#tag;
    await this.#guard(async () => {
      const root = await this.#blocks.root();
      this.#completing = false;
      if (tag !== this.#tag || this.#state !== 'sending' || root === undefined) {
        return;
      }
      this.record.rootHash = root;
      this.#home.say({ type: 'complete', transfer: this.id, tag, root });
      this.#step('all-stored');
    });
  }

  async #delivered(message: ControlOf<'delivered'>): Promise<void> {
    const isAwaited = this.#state === 'verifying' || (this.#state === 'offered' && this.#wasAccepted);
    if (!isAwaited) {
      this.#home.violation('delivered before everything was sent');
      return;
    }
    if (this.#judged === this.#tag) return;
    this.#judged = this.#tag;
    const root = await this.#wholeRoot();
    if (this.isOver) return;
    if (message.root !== root) {
      this.#home.say({ type: 'cancel', transfer: this.id, code: 'hash-mismatch' });
      return this.#end('broke', 'hash-mismatch');
    }
    for (const { index, code } of message.faults) {
      this.record.addFault(index, code, this.#entries[index]?.path ?? []);
    }
    this.record.filesDone = this.record.wantedFiles - this.record.faultedIndexes.size;
    this.record.count(this.record.wantedBytes);
    this.record.rootHash = root;
    this.#state = 'verifying';
    this.#step('delivered');
    this.#close(false, 'done');
    await this.#closing;
    this.#home.say({ type: 'closed', transfer: this.id });
  }

  /** Known where everything was sent in this run; else it is made of the hashes that the host remembers. */
  async #wholeRoot(): Promise<string | undefined> {
    if (this.record.rootHash !== undefined) return this.record.rootHash;
    const { selection } = await this.#source.reopen();
    if (selection === undefined) return undefined;
    const layout = layOut(this.#entries, selection);
    this.record.wantedBytes = layout.totalBytes;
    this.record.wantedFiles = totalsOf(this.#entries, selection).files;
    const all: [number, number][] = layout.blocks === 0 ? [] : [[0, layout.blocks]];
    this.#blocks.layOut(layout, all, 1);
    this.#attempt.begin(layout);
    await this.#attempt.select(selection === 'all' ? 'all' : [...selection]);
    await this.#blocks.open(all);
    return this.#blocks.root();
  }

  async #askedAgain(): Promise<void> {
    // Whoever said yes once has the list; offering it again would be another transfer under the same name.
    if (this.#state === 'offered') {
      return this.carryOn();
    }
    if (this.#state === 'failed') {
      await this.reopen();
    }
  }

  async #digests(indexes: number[]): Promise<void> {
    if (this.#state !== 'offered') {
      return this.#home.violation('digest-request out of turn');
    }
    for (const index of indexes) {
      const times = (this.#digestAsks.get(index) ?? 0) + 1;
      this.#digestAsks.set(index, times);
      if (index >= this.#entries.length || times > digestAsksMax) {
        return this.#home.violation('digest of what was not offered, or once too often');
      }
    }
    const tag = this.#tag;
    await this.#guard(async () => {
      const digests = await this.#source.digests(indexes);
      if (tag !== this.#tag || this.#state !== 'offered') return;
      this.#home.say({ type: 'digests', transfer: this.id, digests: [...digests] });
    });
  }

  #forgetFlight(): void {
    this.#blocks.forgetFlight();
    this.#completing = false;
  }

  #end(event: Extract<SendEvent, 'declined' | 'cancelled' | 'broke'>, code: FaultCode | undefined): void {
    if (this.isOver) {
      return;
    }
    if (code !== undefined) {
      this.record.failWith({ code, message: code });
    }
    this.#state = nextSend(this.#state, event) ?? 'failed';
    this.#beginnings += 1;
    this.#isKept &&= code !== 'transfer-unknown';
    this.#forgetFlight();
    this.#show();
    this.#close(this.#isResumable(), this.#state as 'declined' | 'cancelled' | 'failed');
  }

  #close(keep: boolean, state: 'done' | 'declined' | 'cancelled' | 'failed'): void {
    this.#home.stir();
    this.#putAway(keep);
    this.#closing = this.#closing.then(() => this.record.writeHistory(state)).catch(() => undefined);
  }

  #putAway(keep: boolean): void {
    this.#closing = Promise.all([this.#closing, this.#opening])
      .then(() => this.#source.close(keep))
      .catch(() => undefined);
  }

  #isResumable(): boolean {
    return this.#state === 'failed' && (this.#isKept || this.#entries.length > 0);
  }

  #step(event: SendEvent): void {
    const next = nextSend(this.#state, event);
    if (next === undefined) {
      return;
    }
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
      const { code } = toFaultView(error);
      this.#home.say({ type: 'cancel', transfer: this.id, code });
      this.#end('broke', code);
    }
  }
}

export function newTag(): number {
  return Number.parseInt(randomHex(4), 16);
}
