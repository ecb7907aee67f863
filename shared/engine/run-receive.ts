// One incoming transfer: shows the offer, and after the person's yes proves every block before it is written, grants
// credit for what is not stored yet, and says delivered only after the host has published.

import type { ConflictPolicy } from '../ipc/views.ts';
import { Fault, type FaultCode, toFaultView } from '../model/fault.ts';
import { blockLength, toRanges, totalsOf } from '../model/layout.ts';
import type { ManifestEntry, Selection } from '../model/manifest.ts';
import { parseManifestEntries, sumOfSizes } from '../model/manifest-parse.ts';
import type { TransferId, TransferState } from '../model/transfer.ts';
import type { ControlMessage, ControlOf } from '../wire/control.ts';
import {
  blockBytes,
  blockRetriesMax,
  creditMaxBlocks,
  damagedBlocksMax,
  manifestMaxBytes,
  offersMaxBytes,
  transferMaxBlocks,
} from '../wire/limits.ts';
import type { BlockInbox, BlockTaker } from './block-inbox.ts';
import { BlockSet, HashList, sha256 } from './block-set.ts';
import type { Sink } from './ports.ts';
import { isReceiveOver, nextReceive, type ReceiveEvent, type ReceiveState } from './receive-state.ts';
import { type TransferHome, TransferRecord } from './transfer-record.ts';

const storedBatch = 4;
const storedDelayMs = 50;
const roomEveryMs = 5_000;
const rangesPerMessage = 2_000;
const diskCodes: ReadonlySet<FaultCode> = new Set<FaultCode>(['disk-full', 'disk-quota']);
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
type Proven = {
  readonly block: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
};

export class Incoming implements BlockTaker {
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly #home: TransferHome;
  readonly #sink: Sink;
  readonly #inbox: BlockInbox;
  #state: ReceiveState = 'listing';
  #tag = 0;
  #entries: ManifestEntry[] = [];
  #manifestBytes = 0;
  #nextPart = 0;
  #filing: Promise<void> = Promise.resolve();
  #selection: Selection = 'all';
  #totalBytes = 0;
  #stored = new BlockSet(0);
  #hashes = new HashList(0);
  #knowsAllHashes = true;
  readonly #unstored = new Set<number>();
  readonly #damaged = new Map<number, number>();
  #granted = 0;
  #repeats = 0;
  #damagedInAll = 0;
  #fresh: number[] = [];
  #cancelFlush: (() => void) | undefined;
  /** Blocks whose write found the disk full. Their bytes went with the write; the sender still has them. */
  readonly #lost: number[] = [];
  #cancelRoom: (() => void) | undefined;
  /** Digests that were asked for, and who waits for them. */
  #asked: { readonly indexes: number[]; answer(digests: readonly (string | null)[]): void } | undefined;
  #completeRoot: string | undefined;

  constructor(home: TransferHome, id: TransferId, sink: Sink, inbox: BlockInbox) {
    this.#home = home;
    this.id = id;
    this.#sink = sink;
    this.#inbox = inbox;
    this.record = new TransferRecord(home, id, 'receive');
  }

  get state(): ReceiveState {
    return this.#state;
  }

  get isOver(): boolean {
    return isReceiveOver(this.#state);
  }

  /** Takes part in sharing the credit. */
  get isDrawing(): boolean {
    return this.#state === 'receiving' || this.#state === 'starting';
  }

  offered(offer: ControlOf<'offer'>): void {
    this.#tag = offer.tag;
    this.record.title = offer.title;
    this.record.totals = offer.totals;
    this.record.wantedBytes = offer.totals.bytes;
    this.record.wantedFiles = offer.totals.files;
    this.record.skippedCount = offer.skipped;
    const { name, checked } = this.#home.peer();
    this.#later(() => this.#sink.begin({ secret: offer.secret, peerName: name, checked }));
  }

  onMessage(message: ControlMessage): void {
    // What the other side said before it heard that this is over is late, not wrong.
    if (this.isOver && message.type !== 'continue') {
      return;
    }
    switch (message.type) {
      case 'manifest':
        this.#manifest(message);
        return;
      case 'digests':
        this.#digests(message.digests);
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
        return void this.#end(message.code === undefined ? 'cancelled' : 'broke', message.code, false);
      case 'file-fault':
        this.#fileFault(message);
        return;
      case 'complete':
        this.#completed(message);
        return;
      case 'continue':
        return void this.carryOn(message.tag);
      default:
        this.#home.violation(`${message.type} for a transfer that we receive`);
        return;
    }
  }

  get offeredBytes(): number {
    return this.#state === 'listing' || this.#state === 'asking' ? this.#manifestBytes : 0;
  }

  accept(conflict: ConflictPolicy): void {
    if (this.#state !== 'asking') {
      return;
    }
    this.#step('accepted');
    this.#later(async () => {
      const leaveOut = conflict === 'skip' ? await this.#sameHere() : [];
      await this.#begin(leaveOut);
    });
  }

  decline(code?: FaultCode): void {
    if (this.#state !== 'asking' && this.#state !== 'listing') {
      return;
    }
    this.#home.say({ type: 'decline', transfer: this.id, ...(code === undefined ? {} : { code }) });
    void this.#end('declined', code, false);
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
    this.#retryWrites();
    this.#show();
  }

  cancel(): void {
    if (this.isOver) {
      return;
    }
    this.#home.say({ type: 'cancel', transfer: this.id });
    void this.#end('cancelled', undefined, false);
  }

  /** The person wants a failed transfer again: the sender holds the files, so it has to begin. */
  retry(): void {
    if (this.#isResumable()) {
      this.#home.say({ type: 'again', transfer: this.id });
    }
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
    this.#show();
  }

  park(): void {
    if (!this.isOver) {
      void this.#end('broke', 'peer-left', false);
    }
  }

  /** The sender goes on, over a new link or after a failure. Answers with what is held here. */
  async carryOn(tag: number): Promise<void> {
    this.#inbox.retire(this.#tag);
    this.#tag = tag;
    this.record.release('link');
    switch (this.#state) {
      case 'listing':
        this.#nextPart = 0;
        this.#manifestBytes = 0;
        this.#home.say({ type: 'again', transfer: this.id });
        return;
      case 'starting':
        this.#askDigests();
        return this.#show();
      case 'asking':
      case 'verifying':
        return this.#show();
      case 'receiving':
        return this.#sayAccept();
      case 'done':
        return this.#sayDelivered();
      case 'declined':
        return this.#home.say({ type: 'decline', transfer: this.id });
      default:
        return this.reopen(tag);
    }
  }

  /** From the journal: a transfer that this engine has seen fail, or one of an earlier run. */
  async reopen(tag: number): Promise<void> {
    this.#tag = tag;
    this.#state = 'starting';
    this.record.reopened();
    await this.#guard(async () => {
      const kept = await this.#sink.reopen();
      this.record.title = kept.title;
      this.record.totals = kept.totals;
      this.record.wantedBytes = kept.totals.bytes;
      this.record.wantedFiles = kept.totals.files;
      await this.#begin([]);
    });
  }

  begin(block: number): number | { readonly refused: string } {
    if (this.#state !== 'receiving') {
      return { refused: 'block before accept' };
    }
    const length = blockLength({ totalBytes: this.#totalBytes }, block);
    if (length === 0) {
      return { refused: 'block past the end' };
    }
    if (this.#stored.has(block)) {
      this.#repeats += 1;
      return this.#repeats > creditMaxBlocks * 8 ? { refused: 'sends what is stored' } : length;
    }
    this.#unstored.add(block);
    if (this.#unstored.size > this.#granted) {
      return { refused: 'more blocks than granted' };
    }
    return length;
  }

  done(block: number, bytes: Uint8Array<ArrayBuffer>, hash: Uint8Array<ArrayBuffer>): void {
    const tag = this.#tag;
    if (this.#stored.has(block)) {
      this.#acknowledge(block);
      return;
    }
    void this.#guard(async () => {
      const actual = await sha256(bytes);
      if (tag !== this.#tag || this.#state !== 'receiving') {
        return;
      }
      if (actual.every((byte, at) => byte === hash[at])) {
        return this.#write({ block, bytes, hash });
      }
      this.#nack(block);
    });
  }

  dropped(block: number): void {
    this.#unstored.delete(block);
  }

  #manifest(message: ControlOf<'manifest'>): void {
    if (this.isOver) {
      return;
    }
    if (this.#state !== 'listing' || message.part !== this.#nextPart) {
      this.#home.violation('manifest part out of order');
      return;
    }
    if (message.part === 0) {
      this.#entries = [];
    }
    this.#nextPart += 1;
    this.#manifestBytes += new TextEncoder().encode(JSON.stringify(message.entries)).byteLength;
    try {
      if (this.#manifestBytes > manifestMaxBytes || this.#home.offeredBytes() > offersMaxBytes) {
        throw new Fault('manifest-too-large', 'manifest too large');
      }
      this.#entries.push(...parseManifestEntries(message.entries, this.#entries.length));
      if (message.last) {
        this.#checkTotals();
      }
    } catch (error) {
      this.decline(toFaultView(error).code);
      return;
    }
    const { entries } = message;
    this.#later(async () => {
      if (this.isOver) {
        return;
      }
      await this.#sink.entries(entries);
      if (message.last) {
        await this.#ask();
      }
    });
  }

  #checkTotals(): void {
    const sum = sumOfSizes(this.#entries);
    const { files, folders, bytes } = totalsOf(this.#entries, 'all');
    const told = this.record.totals;
    if (sum !== told.bytes || bytes !== sum || files !== told.files || folders !== told.folders) {
      throw new Fault('manifest-invalid', 'the totals are not those of the entries');
    }
    if (Math.ceil(sum / blockBytes) > transferMaxBlocks) {
      throw new Fault('manifest-too-large', 'too many bytes for one transfer');
    }
  }

  async #ask(): Promise<void> {
    const plan = await this.#sink.plan();
    if (this.#state !== 'listing') {
      return;
    }
    this.record.title = plan.title;
    this.#step('listed');
    this.#home.emit({ is: 'offer', transfer: this.id, plan });
  }

  /** Indexes of files that are here already, byte for byte. */
  async #sameHere(): Promise<number[]> {
    const same: number[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: { indexes: readonly number[]; next: number | null } = await this.#sink.candidates(from);
      from = page.next;
      for (let at = 0; at < page.indexes.length; at += 256) {
        const indexes = page.indexes.slice(at, at + 256);
        const digests = await new Promise<readonly (string | null)[]>((answer) => {
          this.#asked = { indexes, answer };
          this.#askDigests();
        });
        if (this.isOver) {
          return [];
        }
        const known = indexes.flatMap((index, nth) =>
          typeof digests[nth] === 'string' ? [{ index, sha256: digests[nth] }] : [],
        );
        if (known.length > 0) {
          same.push(...(await this.#sink.compare(known)).same);
        }
      }
    }
    return same;
  }

  /** Again over another link, where the first answer may have been lost. */
  #askDigests(): void {
    if (this.#asked !== undefined) {
      this.#home.say({ type: 'digest-request', transfer: this.id, indexes: this.#asked.indexes });
    }
  }

  #digests(digests: readonly (string | null)[]): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined || digests.length !== asked.indexes.length) {
      this.#home.violation('digests that nobody asked for');
      return;
    }
    asked.answer(digests);
  }

  async #begin(leaveOut: number[]): Promise<void> {
    const started = await this.#sink.start(leaveOut);
    if (this.#state !== 'starting') {
      return;
    }
    this.#selection = started.selection;
    this.#totalBytes = started.totalBytes;
    this.record.wantedBytes = started.totalBytes;
    if (this.#entries.length > 0) {
      this.record.wantedFiles = totalsOf(this.#entries, started.selection).files;
    }
    const blocks = Math.ceil(started.totalBytes / blockBytes);
    this.#stored = new BlockSet(blocks);
    this.#hashes = new HashList(blocks);
    for (const [from, to] of started.have) {
      for (let block = from; block < to; block += 1) {
        this.#stored.add(block);
      }
    }
    this.#knowsAllHashes = this.#stored.count === 0;
    this.#step('started');
    this.#sayAccept();
  }

  #sayAccept(): void {
    this.#unstored.clear();
    this.#fresh = [];
    this.#completeRoot = undefined;
    this.#lost.length = 0;
    this.#inbox.expect(this.#tag, this);
    const all = this.#selection === 'all';
    if (this.#selection !== 'all') {
      this.#sayRanges('choose', this.#selection);
    }
    this.#sayRanges('held', this.#stored.ranges());
    this.#granted = Math.max(this.#granted, this.#home.creditShare());
    this.#home.say({ type: 'accept', transfer: this.id, tag: this.#tag, all, credit: this.#home.creditShare() });
    if (this.record.isHeldBy('us')) {
      this.#home.say({ type: 'pause', transfer: this.id, why: 'person' });
    }
    this.#counted();
  }

  #sayRanges(type: 'choose' | 'held', ranges: readonly (readonly [number, number])[]): void {
    for (let at = 0; at < ranges.length; at += rangesPerMessage) {
      const some = ranges.slice(at, at + rangesPerMessage).map(([from, to]): [number, number] => [from, to]);
      this.#home.say({ type, transfer: this.id, ranges: some });
    }
  }

  async #write(proven: Proven): Promise<void> {
    const { block, bytes, hash } = proven;
    const kept = new Uint8Array(hash);
    try {
      const { filesDone } = await this.#sink.write(block, bytes, hash);
      this.record.filesDone = Math.max(this.record.filesDone, filesDone);
    } catch (error) {
      const { code } = toFaultView(error);
      if (!diskCodes.has(code)) {
        throw error;
      }
      this.#unstored.delete(block);
      return this.#diskFull(block);
    }
    if (this.isOver) {
      return;
    }
    this.#hashes.set(block, kept);
    this.#stored.add(block);
    this.#acknowledge(block);
  }

  async #diskFull(block: number): Promise<void> {
    this.#lost.push(block);
    if (this.record.isHeldBy('disk')) {
      return;
    }
    this.record.hold('disk', { neededBytes: 0, freeBytes: 0 });
    const { neededBytes, freeBytes } = await this.#sink.room();
    this.record.hold('disk', { neededBytes, freeBytes });
    this.#home.say({ type: 'pause', transfer: this.id, why: 'disk', neededBytes, freeBytes });
    this.#show();
    this.#watchRoom();
  }

  #watchRoom(): void {
    this.#cancelRoom?.();
    this.#cancelRoom = this.#home.clock.after(roomEveryMs, () => {
      void this.#guard(async () => {
        const { neededBytes, freeBytes } = await this.#sink.room();
        if (!this.record.isHeldBy('disk') || this.isOver) {
          return;
        }
        if (freeBytes >= neededBytes) {
          return this.#retryWrites();
        }
        this.record.hold('disk', { neededBytes, freeBytes });
        this.#show();
        this.#watchRoom();
      });
    });
  }

  #retryWrites(): void {
    if (!this.record.isHeldBy('disk')) {
      return;
    }
    this.#cancelRoom?.();
    this.record.release('disk');
    this.#home.say({ type: 'resume', transfer: this.id, why: 'disk' });
    for (const block of this.#lost.splice(0).filter((lost) => !this.#stored.has(lost))) {
      this.#home.say({ type: 'nack', transfer: this.id, tag: this.#tag, block, why: 'unwritten' });
    }
    this.#show();
  }

  #nack(block: number): void {
    this.#unstored.delete(block);
    const times = (this.#damaged.get(block) ?? 0) + 1;
    this.#damaged.set(block, times);
    this.#damagedInAll += 1;
    if (times > blockRetriesMax || this.#damagedInAll > damagedBlocksMax) {
      throw new Fault('block-damaged', 'a block keeps arriving damaged');
    }
    this.#home.say({ type: 'nack', transfer: this.id, tag: this.#tag, block, why: 'damaged' });
  }

  #acknowledge(block: number): void {
    this.#fresh.push(block);
    this.#counted();
    if (this.#fresh.length >= storedBatch || this.#stored.count === this.#stored.blocks) {
      this.#flush();
    } else {
      this.#cancelFlush ??= this.#home.clock.after(storedDelayMs, () => this.#flush());
    }
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#fresh.length === 0 || this.#state !== 'receiving') {
      return;
    }
    const fresh = this.#fresh.splice(0).sort((a, b) => a - b);
    for (const block of fresh) {
      this.#unstored.delete(block);
    }
    const credit = this.#home.creditShare();
    this.#granted = Math.max(this.#granted, credit);
    const ranges = toRanges(new Set(fresh)).map(([from, to]): [number, number] => [from, to]);
    this.#home.say({ type: 'stored', transfer: this.id, tag: this.#tag, ranges, credit });
  }

  #counted(): void {
    this.record.count(Math.min(this.#stored.count * blockBytes, this.#totalBytes));
    this.#home.stir();
  }

  #fileFault({ index, code }: ControlOf<'file-fault'>): void {
    if (this.#state !== 'receiving' && this.#state !== 'starting') {
      if (!this.isOver) {
        this.#home.violation('file-fault out of turn');
      }
      return;
    }
    if (this.#entries.length > 0 && index >= this.#entries.length) {
      this.#home.violation('file-fault of no file');
      return;
    }
    if (!this.record.addFault(index, code, this.#entries[index]?.path ?? [])) {
      return;
    }
    this.#later(() => this.#sink.fault(index, code));
    this.#show();
  }

  #completed({ tag, root }: ControlOf<'complete'>): void {
    if (this.isOver || tag !== this.#tag) {
      return;
    }
    if (this.#state !== 'receiving' || this.#stored.count !== this.#stored.blocks || this.#completeRoot !== undefined) {
      this.#home.violation('complete before everything is stored');
      return;
    }
    this.#completeRoot = root;
    this.#step('completed');
    this.#inbox.retire(this.#tag);
    this.#later(async () => {
      if (this.#knowsAllHashes && (await this.#hashes.root()) !== root) {
        throw new Fault('hash-mismatch', 'the whole differs from its parts');
      }
      const { faults } = await this.#sink.commit(root);
      if (this.#state !== 'verifying') {
        return;
      }
      for (const { index, code } of faults) {
        this.record.addFault(index, code, this.#entries[index]?.path ?? []);
      }
      this.record.rootHash = root;
      this.record.filesDone = this.record.wantedFiles - this.record.faultedIndexes.size;
      this.record.count(this.#totalBytes);
      this.#step('published');
      this.#sayDelivered();
      await this.#close(false, 'done');
    });
  }

  #sayDelivered(): void {
    const faults = [...this.record.faultedIndexes].slice(0, 512).map(([index, code]) => ({ index, code }));
    const faultCount = this.record.faultedIndexes.size;
    this.#home.say({ type: 'delivered', transfer: this.id, root: this.record.rootHash ?? '', faults, faultCount });
  }

  async #end(
    event: Extract<ReceiveEvent, 'declined' | 'cancelled' | 'broke'>,
    code: FaultCode | undefined,
    tell: boolean,
  ): Promise<void> {
    if (this.isOver) {
      return;
    }
    const wasAsking = this.#state === 'listing' || this.#state === 'asking';
    if (code !== undefined) {
      this.record.failWith({ code, message: code });
    }
    if (tell) {
      this.#home.say({ type: 'cancel', transfer: this.id, ...(code === undefined ? {} : { code }) });
    }
    this.#state = nextReceive(this.#state, event) ?? 'failed';
    this.#inbox.retire(this.#tag);
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#cancelRoom?.();
    this.#asked?.answer([]);
    this.#asked = undefined;
    if (wasAsking) {
      this.#home.emit({ is: 'offer-gone', transfer: this.id });
    }
    this.#show();
    // A stranger may offer and withdraw long lists for ever.
    if (!this.#isResumable()) this.#entries = [];
    await this.#close(this.#isResumable(), this.#state as 'declined' | 'cancelled' | 'failed');
  }

  async #close(keep: boolean, state: 'done' | 'declined' | 'cancelled' | 'failed'): Promise<void> {
    this.#home.stir();
    await this.#sink.close(keep).catch(() => undefined);
    await this.record.writeHistory(state).catch(() => undefined);
  }

  #isResumable(): boolean {
    return this.#state === 'failed' && this.#stored.blocks > 0;
  }

  #step(event: ReceiveEvent): void {
    const next = nextReceive(this.#state, event);
    if (next === undefined) {
      return;
    }
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
      await this.#end('broke', toFaultView(error).code, true);
    }
  }
}
