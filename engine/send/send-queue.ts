// The blocks of one attempt to send: read ahead and hashed, waiting for a lane, in flight, stored over there. What the receiver
// says about a block is believed only of one that was sent.

import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import { blockLength, firstFileOf, type Layout } from '../../shared/model/layout.ts';
import type { ConnectionId } from '../../shared/model/link-channel.ts';
import type { IndexRange } from '../../shared/model/manifest.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { blockBytes, creditMaxBlocks, directCreditMaxBlocks, storedToldMaxBlocks } from '../../shared/wire/limits.ts';
import type { AttemptScope } from '../attempt-scope.ts';
import { BlockSet } from '../block-set.ts';
import type { ReadyBlock } from '../lanes/frame-sender.ts';
import type { DirectSent, Source } from '../ports.ts';
import type { TransferStatus } from '../status/transfer-status.ts';
import type { SentBlocks } from './sent-blocks.ts';

const readAheadBlocks = 8;
/**
 * Those that go again go before the others, and only they have room when credit is used up: beside as many of the others as are read
 * ahead, as many of them.
 */
const readAgainBlocks = 2 * readAheadBlocks;

export type SendQueueParts = {
  readonly attemptId: number;
  readonly scope: AttemptScope;
  readonly reader: Pick<Source, 'knownHashes' | 'read'>;
  readonly sent: SentBlocks;
  readonly status: TransferStatus;
  readonly layout: Layout;
  readonly held: readonly IndexRange[];
  readonly credit: number;
  /** There is a direct lane: it takes every block, unread. */
  readonly isDirect: () => boolean;
  /** One more block waits for a lane; `index` is the file that it begins with. */
  readonly onReady: (index: number | undefined) => void;
};

export class SendQueue {
  readonly #parts: SendQueueParts;
  readonly #stored: BlockSet;
  /** `opening`: the source does not know the choice yet, so nothing can be read. */
  #phase: 'opening' | 'open' | 'stopped' = 'opening';
  /** By the receiver. What goes over data channels it holds in memory until it is stored: of that there is never more than our bound. */
  #granted: number;
  #cursor = 0;
  #again: number[] = [];
  #reading = 0;
  #ready: ReadyBlock[] = [];
  readonly #inFlight = new Map<number, ConnectionId>();
  /**
   * Their lane closed, or they were asked for once more, and they may be on their way for all that: until they go again they
   * use up credit like those in flight.
   */
  readonly #owed = new Set<number>();

  constructor(parts: SendQueueParts) {
    this.#parts = parts;
    parts.sent.layOut(parts.layout.blocks);
    this.#stored = new BlockSet(parts.layout.blocks);
    for (const [from, to] of parts.held) for (let block = from; block < to; block += 1) this.#stored.add(block);
    this.#granted = parts.credit;
  }

  get isComplete(): boolean {
    return this.#phase !== 'opening' && this.#stored.count === this.#parts.layout.blocks;
  }

  get storedBytes(): number {
    return Math.min(this.#stored.count * blockBytes, this.#parts.layout.totalBytes);
  }

  get isWaitingForLane(): boolean {
    return this.#isSending && this.#ready.length > 0;
  }

  async open(): Promise<void> {
    const { sent, reader, held } = this.#parts;
    await sent.fillHashes(reader, held);
    if (this.#phase === 'opening') this.#phase = 'open';
  }

  /** Everything is stored: nothing more is read or sent. */
  stop(): void {
    this.#phase = 'stopped';
  }

  take(connection: ConnectionId): ReadyBlock | undefined {
    if (!this.#isSending || this.#parts.isDirect()) return undefined;
    const credit = Math.min(this.#granted, creditMaxBlocks);
    // More than that may be owed, where a direct lane carried it.
    if (this.#inFlight.size >= credit) return undefined;
    const isFree = this.#inFlight.size + this.#owed.size < credit;
    const at = this.#ready.findIndex((ready) => isFree || this.#owed.has(ready.block));
    const [block] = at < 0 ? [] : this.#ready.splice(at, 1);
    if (block === undefined) return undefined;
    this.#owed.delete(block.block);
    this.#inFlight.set(block.block, connection);
    this.#parts.sent.add(block.block);
    this.readAhead();
    return block;
  }

  /** For the direct lane. What was read ahead counts as unread again. */
  takeDirect(connection: ConnectionId): number | undefined {
    if (this.#phase !== 'open' || !this.#isSending || !this.#parts.isDirect()) return undefined;
    this.#again.unshift(...this.#ready.splice(0).map(({ block }) => block));
    const isFree = this.#inFlight.size + this.#owed.size < Math.min(this.#granted, directCreditMaxBlocks);
    const owedAt = isFree ? -1 : this.#again.findIndex((block) => this.#owed.has(block) && !this.#stored.has(block));
    if (!isFree && owedAt < 0) return undefined;
    const block = isFree ? this.#nextUnread() : this.#again.splice(owedAt, 1)[0];
    if (block === undefined) return undefined;
    this.#owed.delete(block);
    this.#inFlight.set(block, connection);
    this.#parts.sent.add(block);
    this.#parts.onReady(firstFileOf(this.#parts.layout, block));
    return block;
  }

  /** How it went with a block for the direct lane. */
  onSent(block: number, connection: ConnectionId, { isSent, hash }: DirectSent): void {
    if (hash !== undefined) this.#parts.sent.setHash(block, hash);
    // The lane was gone by then; where that is known already, the block is on another way.
    if (!isSent && this.#inFlight.get(block) === connection) this.#sendAgain(block);
  }

  /** Of what is in flight on this lane the block that was sent first. */
  oldestOn(connection: ConnectionId): number | undefined {
    for (const [block, carrier] of this.#inFlight) if (carrier === connection) return block;
    return undefined;
  }

  laneLost(connection: ConnectionId): void {
    for (const [block, carrier] of this.#inFlight) if (carrier === connection) this.#sendAgain(block);
    this.readAhead();
  }

  readAhead(): void {
    while (this.#phase === 'open' && this.#isSending && !this.#parts.isDirect()) {
      const most = this.#again.length > 0 ? readAgainBlocks : readAheadBlocks;
      if (this.#reading + this.#ready.length >= most) return;
      const block = this.#nextUnread();
      if (block === undefined) return;
      this.#reading += 1;
      this.#parts.scope.run(() => this.#read(block));
    }
  }

  /** Returns why this cannot be true. */
  onStored({ ranges, credit }: ControlOf<'stored'>): string | undefined {
    const { layout, sent } = this.#parts;
    // Each block is looked at: the same ones named thousands of times cost much more than the message.
    if (ranges.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0) > storedToldMaxBlocks) {
      return 'stored more than can have been on its way';
    }
    for (const [from, to] of ranges) {
      if (from >= to) return 'ranges that are none';
      if (to > layout.blocks || to - from > creditMaxBlocks * 4) return 'stored what does not exist';
      for (let block = from; block < to; block += 1) {
        if (!sent.has(block)) return 'stored what was not sent';
        if (this.#stored.add(block)) sent.progressed();
        this.#inFlight.delete(block);
        this.#owed.delete(block);
      }
    }
    this.#ready = this.#ready.filter(({ block }) => !this.#stored.has(block));
    this.#granted = credit;
    return undefined;
  }

  /** Returns what is wrong over there once a block was asked for too often. */
  onNack(nack: ControlOf<'nack'>): FaultCode | undefined {
    const code = this.#parts.sent.countRetry(nack);
    // Its lane may have closed meanwhile: then it is on its way again already.
    if (code === undefined && this.#inFlight.has(nack.block)) this.#sendAgain(nack.block);
    return code;
  }

  get #isSending(): boolean {
    return this.#phase !== 'stopped' && !this.#parts.scope.signal.aborted && !this.#parts.status.isPaused;
  }

  #sendAgain(block: number): void {
    this.#inFlight.delete(block);
    this.#owed.add(block);
    this.#again.push(block);
  }

  #nextUnread(): number | undefined {
    while (this.#again.length > 0) {
      const block = this.#again.shift()!;
      if (!this.#stored.has(block)) return block;
    }
    while (this.#cursor < this.#parts.layout.blocks) {
      const block = this.#cursor++;
      if (!this.#stored.has(block)) return block;
    }
    return undefined;
  }

  async #read(block: number): Promise<void> {
    const { attemptId, reader, sent, layout, onReady } = this.#parts;
    const { bytes, hash } = await reader.read(block);
    if (bytes.byteLength !== blockLength(layout, block)) throw new Fault('internal', 'a block of the wrong length');
    if (this.#phase === 'stopped') return;
    this.#reading -= 1;
    sent.setHash(block, hash);
    // The lane that was lost had brought it after all.
    if (this.#stored.has(block)) return this.readAhead();
    this.#ready.push({ attemptId, block, bytes, hash });
    onReady(firstFileOf(layout, block));
  }
}
