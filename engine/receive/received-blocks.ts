// The blocks of an incoming transfer: what is stored, what is on its way to the disk, how much may be, and what the sender
// was told of it. Words go out in batches; a block that keeps arriving damaged ends the transfer.

import type { Clock } from '../../shared/model/clock.ts';
import { Fault } from '../../shared/model/fault.ts';
import { blockLength, toRanges } from '../../shared/model/layout.ts';
import type { IndexRange } from '../../shared/model/manifest.ts';
import { blockBytes, blockRetriesMax, creditMaxBlocks, damagedBlocksMax } from '../../shared/wire/limits.ts';
import { BlockSet, HashList } from '../block-set.ts';

const storedBatch = 4;
const storedDelayMs = 50;

export type BlockWords = {
  readonly clock: Clock;
  creditShare(): number;
  isReceiving(): boolean;
  stored(ranges: [number, number][], credit: number): void;
  damaged(block: number): void;
  counted(): void;
};

export class ReceivedBlocks {
  readonly #words: BlockWords;
  #totalBytes = 0;
  #stored = new BlockSet(0);
  #hashes = new HashList(0);
  #knowsAllHashes = true;
  readonly #unstored = new Set<number>();
  readonly #damaged = new Map<number, number>();
  #damagedInAll = 0;
  #granted = 0;
  #repeats = 0;
  #fresh: number[] = [];
  #cancelFlush: (() => void) | undefined;

  constructor(words: BlockWords) {
    this.#words = words;
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

  layOut(totalBytes: number, have: readonly IndexRange[]): void {
    const blocks = Math.ceil(totalBytes / blockBytes);
    this.#totalBytes = totalBytes;
    this.#stored = new BlockSet(blocks);
    this.#hashes = new HashList(blocks);
    for (const [from, to] of have) {
      for (let block = from; block < to; block += 1) {
        this.#stored.add(block);
      }
    }
    this.#knowsAllHashes = this.#stored.count === 0;
  }

  /** The sender begins an attempt: nothing is on its way, and it may send this many. */
  beginAttempt(): number {
    this.#unstored.clear();
    this.#fresh = [];
    // What was written late in the attempt before is sent once more in this one.
    this.#repeats = 0;
    return this.#grant();
  }

  /** Length of the block, or why it may not come. */
  begin(block: number): number | { readonly refused: string } {
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

  /** It will have to come again. */
  lost(block: number): void {
    this.#unstored.delete(block);
  }

  damaged(block: number): void {
    this.lost(block);
    const times = (this.#damaged.get(block) ?? 0) + 1;
    this.#damaged.set(block, times);
    this.#damagedInAll += 1;
    if (times > blockRetriesMax || this.#damagedInAll > damagedBlocksMax) {
      throw new Fault('block-damaged', 'a block keeps arriving damaged');
    }
    this.#words.damaged(block);
  }

  written(block: number, hash: Uint8Array): void {
    this.writtenLate(block, hash);
    this.acknowledge(block);
  }

  /** It came in an earlier attempt, of which the sender may know nothing any more: it counts, and nobody is told. */
  writtenLate(block: number, hash: Uint8Array): void {
    this.#hashes.set(block, hash);
    // Whoever sends new ones may repeat as many: a lane that died may have carried what is stored.
    if (this.#stored.add(block)) this.#repeats = Math.max(0, this.#repeats - 1);
  }

  acknowledge(block: number): void {
    this.#fresh.push(block);
    this.#words.counted();
    if (this.#fresh.length >= storedBatch || this.isComplete) {
      this.#flush();
    } else {
      this.#cancelFlush ??= this.#words.clock.after(storedDelayMs, () => this.#flush());
    }
  }

  /** Of blocks that were held before only the host has the hashes, and it compares them itself. */
  async contradicts(root: string): Promise<boolean> {
    return this.#knowsAllHashes && (await this.#hashes.root()) !== root;
  }

  stop(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }

  #flush(): void {
    this.stop();
    if (this.#fresh.length === 0 || !this.#words.isReceiving()) {
      return;
    }
    const fresh = this.#fresh.splice(0).sort((a, b) => a - b);
    for (const block of fresh) {
      this.#unstored.delete(block);
    }
    const credit = this.#grant();
    this.#words.stored(
      toRanges(new Set(fresh)).map(([from, to]): [number, number] => [from, to]),
      credit,
    );
  }

  /** What was granted once may still be used, whatever the share is now. */
  #grant(): number {
    const credit = this.#words.creditShare();
    this.#granted = Math.max(this.#granted, credit);
    return credit;
  }
}
