// The blocks of an incoming transfer. `ReceivedBlocks` is what the receiver has over all attempts since it was laid out;
// `ReceiveWindow` is what the sender of one attempt may have under way, and what it was not told yet.

import type { Clock } from '../../shared/model/clock.ts';
import { Fault } from '../../shared/model/fault.ts';
import { blockLength, toRanges } from '../../shared/model/layout.ts';
import type { IndexRange, Selection } from '../../shared/model/manifest.ts';
import {
  blockBytes,
  blockRetriesMax,
  creditMaxBlocks,
  damagedBlocksMax,
  directBlocksPerCall,
} from '../../shared/wire/limits.ts';
import { BlockSet, HashList } from '../block-set.ts';
import type { StartedSink } from '../ports.ts';

/** Over data channels. Of blocks of the direct lane the host says only once they are stored, and of many at once. */
const storedBatch = 4;
const storedDelayMs = 50;

/** How a block came. */
export type CameOver = 'channel' | 'direct';

export class ReceivedBlocks {
  readonly selection: Selection;
  readonly #totalBytes: number;
  readonly #stored: BlockSet;
  readonly #hashes: HashList;
  readonly #knowsAllHashes: boolean;
  readonly #damaged = new Map<number, number>();
  #damagedInAll = 0;

  constructor({ selection, totalBytes, have }: StartedSink) {
    const blocks = Math.ceil(totalBytes / blockBytes);
    this.selection = selection;
    this.#totalBytes = totalBytes;
    this.#stored = new BlockSet(blocks);
    this.#hashes = new HashList(blocks);
    for (const [from, to] of have) for (let block = from; block < to; block += 1) this.#stored.add(block);
    this.#knowsAllHashes = this.#stored.count === 0;
  }

  get count(): number {
    return this.#stored.blocks;
  }

  get isComplete(): boolean {
    return this.#stored.count === this.#stored.blocks;
  }

  get storedBytes(): number {
    return Math.min(this.#stored.count * blockBytes, this.#totalBytes);
  }

  has(block: number): boolean {
    return this.#stored.has(block);
  }

  held(): readonly IndexRange[] {
    return this.#stored.ranges();
  }

  /** 0 past the end. */
  lengthOf(block: number): number {
    return blockLength({ totalBytes: this.#totalBytes }, block);
  }

  add(block: number, hash: Uint8Array): void {
    this.#hashes.set(block, hash);
    this.#stored.add(block);
  }

  /** Throws once it was too often. */
  countDamaged(block: number): void {
    const times = (this.#damaged.get(block) ?? 0) + 1;
    this.#damaged.set(block, times);
    this.#damagedInAll += 1;
    if (times > blockRetriesMax || this.#damagedInAll > damagedBlocksMax) {
      throw new Fault('block-damaged', 'a block keeps arriving damaged');
    }
  }

  /** Of blocks that were held before only the host has the hashes, and it compares them itself. */
  async contradicts(root: string): Promise<boolean> {
    return this.#knowsAllHashes && (await this.#hashes.root()) !== root;
  }
}

export type ReceiveWindowParts = {
  readonly clock: Clock;
  readonly received: ReceivedBlocks;
  readonly creditShare: () => number;
  readonly sendStored: (ranges: [number, number][], credit: number) => void;
};

/** Acknowledgements go out in batches. */
export class ReceiveWindow {
  readonly #parts: ReceiveWindowParts;
  /** Not told to the sender. */
  readonly #unstored = new Set<number>();
  /** Of those, what came over data channels and is in memory. */
  readonly #held = new Set<number>();
  #fresh: number[] = [];
  #granted = 0;
  #repeats = 0;
  #cancelFlush: (() => void) | undefined;

  constructor(parts: ReceiveWindowParts) {
    this.#parts = parts;
  }

  /** What was granted once may still be used, whatever the share is now. */
  grant(): number {
    const credit = this.#parts.creditShare();
    this.#granted = Math.max(this.#granted, credit);
    return credit;
  }

  /** Length of the block, or why it may not come. */
  begin(block: number, over: CameOver): number | { readonly refused: string } {
    const { received } = this.#parts;
    const length = received.lengthOf(block);
    if (length === 0) return { refused: 'block past the end' };
    if (received.has(block)) {
      this.#repeats += 1;
      return this.#repeats > Math.max(this.#granted, creditMaxBlocks) * 8
        ? { refused: 'sends what is stored' }
        : length;
    }
    this.#unstored.add(block);
    if (over === 'channel') this.#held.add(block);
    const isTooMany = this.#unstored.size > this.#granted || this.#held.size > creditMaxBlocks;
    return isTooMany ? { refused: 'more blocks than granted' } : length;
  }

  /** It will have to come again. */
  lost(block: number): void {
    this.#unstored.delete(block);
    this.#held.delete(block);
  }

  /** A block more is stored. Whoever makes progress may repeat as much: a lane that died may have carried what is stored. */
  progressed(): void {
    this.#repeats = Math.max(0, this.#repeats - 1);
  }

  acknowledge(block: number, over: CameOver): void {
    this.#fresh.push(block);
    const [batch, delayMs] = over === 'direct' ? [directBlocksPerCall, 0] : [storedBatch, storedDelayMs];
    if (this.#fresh.length >= batch || this.#parts.received.isComplete) this.#flush();
    else this.#cancelFlush ??= this.#parts.clock.after(delayMs, () => this.#flush());
  }

  stop(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }

  #flush(): void {
    this.stop();
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh.splice(0).sort((a, b) => a - b);
    for (const block of fresh) this.lost(block);
    const credit = this.grant();
    this.#parts.sendStored(
      toRanges(new Set(fresh)).map(([from, to]): [number, number] => [from, to]),
      credit,
    );
  }
}
