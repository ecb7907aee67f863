// What a sender knows of its blocks over all attempts: which ones were ever sent, their hashes, and how often they were asked for again.

import type { FaultCode } from '../../shared/model/fault.ts';
import type { IndexRange } from '../../shared/model/manifest.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { blockRetriesMax, damagedBlocksMax, unwrittenInARowMax } from '../../shared/wire/limits.ts';
import { BlockSet, HashList } from '../block-set.ts';
import type { Source } from '../ports.ts';

const hashesPerCall = 4096;

export class SentBlocks {
  /**
   * Handed to a lane, in this attempt or an earlier one: the receiver can only speak of these. What came in an earlier
   * attempt may be stored only now.
   */
  #sent = new BlockSet(0);
  #hashes = new HashList(0);
  #trustsRecords = true;
  #usedRecords = false;
  readonly #damaged = new Map<number, number>();
  #damagedInAll = 0;
  #unwrittenInARow = 0;

  /** Another choice of the receiver is another stream of bytes. */
  layOut(blocks: number): void {
    if (this.#sent.blocks === blocks) return;
    this.#sent = new BlockSet(blocks);
    this.#hashes = new HashList(blocks);
  }

  add(block: number): void {
    this.#sent.add(block);
  }

  has(block: number): boolean {
    return this.#sent.has(block);
  }

  setHash(block: number, hash: Uint8Array): void {
    this.#hashes.set(block, hash);
  }

  /** Hashes of blocks that the receiver holds already: remembered ones are taken, the others are made from the files. */
  async fillHashes(reader: Pick<Source, 'knownHashes' | 'read'>, ranges: readonly IndexRange[]): Promise<void> {
    for (const [from, to] of ranges) {
      for (let at = from; at < to; at += hashesPerCall) {
        const count = Math.min(hashesPerCall, to - at);
        const known = await reader.knownHashes(at, count);
        for (let block = at; block < at + count; block += 1) {
          const hash = known.subarray((block - at) * 32, (block - at + 1) * 32);
          const isRemembered = this.#trustsRecords && hash.byteLength === 32 && hash.some((byte) => byte !== 0);
          this.#usedRecords ||= isRemembered;
          if (isRemembered) this.#hashes.set(block, hash);
          else if (this.#hashes.get(block) === undefined) this.#hashes.set(block, (await reader.read(block)).hash);
        }
      }
    }
  }

  /** Returns whether remembered hashes were used; from now on they are made from the files. */
  distrustRecords(): boolean {
    const used = this.#usedRecords;
    if (used) {
      this.#hashes = new HashList(this.#sent.blocks);
      this.#usedRecords = false;
      this.#trustsRecords = false;
    }
    return used;
  }

  root(): Promise<string | undefined> {
    return this.#hashes.root();
  }

  /** One block more is stored: whoever makes progress may ask again. */
  progressed(): void {
    this.#unwrittenInARow = 0;
  }

  /** Returns what is wrong over there once a block was asked for too often. */
  countRetry({ block, why }: ControlOf<'nack'>): FaultCode | undefined {
    if (why === 'unwritten') {
      this.#unwrittenInARow += 1;
      return this.#unwrittenInARow > unwrittenInARowMax ? 'disk-full' : undefined;
    }
    const times = (this.#damaged.get(block) ?? 0) + 1;
    this.#damaged.set(block, times);
    this.#damagedInAll += 1;
    return times > blockRetriesMax || this.#damagedInAll > damagedBlocksMax ? 'block-damaged' : undefined;
  }
}
