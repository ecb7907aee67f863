// A transfer that is being received: which blocks are there, and where they lie. Promises: no block is stored that its hash does
// not prove.

import { join, sha256, toHex } from '../shared/model/bytes.ts';
import { Fault, type FaultCode } from '../shared/model/fault.ts';
import { blockLength, blocksPerFile, type Layout, layOut, selectedIndexes, spansOf } from '../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../shared/model/manifest.ts';
import { OneAtATime } from '../shared/model/one-at-a-time.ts';
import type { PlannedEntry } from '../shared/model/wire-path.ts';
import { blockBytes } from '../shared/wire/limits.ts';
import { crc32, joinedCrc32 } from './save/crc32.ts';
import type { StoredBlocks } from './store/block-store.ts';

export type IncomingFacts = {
  readonly secret: string;
  readonly title: string;
  readonly peerName: string;
  readonly entries: readonly ManifestEntry[];
  readonly planned: readonly PlannedEntry[];
  readonly selection: Selection;
  readonly manifestDigest: string;
};

type Published = {
  readonly root: string;
  readonly count: number;
  readonly faults: readonly { readonly index: number; readonly code: FaultCode }[];
};

export class Incoming {
  readonly facts: IncomingFacts;
  readonly blocks: StoredBlocks;
  readonly layout: Layout;
  /** Of the files that the sender could not read: what came for them is zeros, and they are never saved. */
  readonly failed = new Map<number, FaultCode>();
  readonly #hashes = new Map<number, Uint8Array>();
  /** Of each block: of what it holds of one file after the other. */
  readonly #crcs = new Map<number, readonly number[]>();
  readonly #writes = new OneAtATime();
  /** Blocks still missing per file with bytes. */
  readonly #missing: Map<number, number>;
  readonly #storing = new Set<Promise<void>>();
  #isRemoved = false;
  #filesDone = 0;
  #published: Published | undefined;
  updatedAtMs = Date.now();

  constructor(facts: IncomingFacts, blocks: StoredBlocks) {
    this.facts = facts;
    this.blocks = blocks;
    this.layout = layOut(facts.entries, facts.selection);
    this.#missing = blocksPerFile(this.layout);
  }

  get published(): Published | undefined {
    return this.#published;
  }

  /** Ascending. */
  get held(): number[] {
    return [...this.#hashes.keys()].sort((a, b) => a - b);
  }

  get leftBytes(): number {
    return Math.max(0, this.layout.totalBytes - this.#hashes.size * blockBytes);
  }

  /**
   * Resolves once the block is proven and stored, with the files that are whole by then. One block is stored once at a time: a sender may
   * send it twice with other bytes, and what is stored has to be what its hash is remembered of.
   */
  write(block: number, parts: readonly Uint8Array[], hash: Uint8Array): Promise<number> {
    return this.#writes.run(block, () => this.#writeAlone(block, parts, hash));
  }

  async #writeAlone(block: number, parts: readonly Uint8Array[], hash: Uint8Array): Promise<number> {
    const bytes = join(parts);
    if (block >= this.layout.blocks || bytes.byteLength !== blockLength(this.layout, block)) {
      throw new Fault('transfer-refused', 'not a block of this transfer');
    }
    if (hash.byteLength !== 32) throw new Fault('transfer-refused', 'not a hash');
    if (this.#hashes.has(block)) return this.#filesDone;
    if (toHex(await sha256(bytes)) !== toHex(hash)) throw new Fault('block-damaged', 'not what its hash says');
    if (this.#isRemoved) throw new Fault('transfer-unknown', 'this transfer was put away');
    await this.#stored(this.blocks.write(block, bytes));
    if (!this.#hashes.has(block)) {
      this.#hashes.set(block, hash.slice());
      this.#countBlock(block, bytes);
    }
    return this.#filesDone;
  }

  #stored(write: Promise<void>): Promise<void> {
    const ended = write.then(
      () => undefined,
      () => undefined,
    );
    this.#storing.add(ended);
    void ended.then(() => this.#storing.delete(ended));
    return write;
  }

  /** What is being stored would come after, and belong to nobody. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    await Promise.all(this.#storing);
    await this.blocks.remove();
  }

  #countBlock(block: number, bytes: Uint8Array): void {
    this.updatedAtMs = Date.now();
    const spans = spansOf(this.layout, block);
    // Now, while the bytes are at hand: a ZIP needs it before them.
    this.#crcs.set(
      block,
      spans.map(({ blockOffset, length }) => crc32(bytes.subarray(blockOffset, blockOffset + length))),
    );
    for (const { index } of spans) {
      const left = (this.#missing.get(index) ?? 1) - 1;
      this.#missing.set(index, left);
      if (left === 0) this.#filesDone += 1;
    }
  }

  /** CRC-32 of each file with bytes, once every block is there. */
  checksums(): ReadonlyMap<number, number> {
    const sums = new Map<number, number>();
    for (let block = 0; block < this.layout.blocks; block += 1) {
      const crcs = this.#crcs.get(block)!;
      for (const [at, { index, length }] of spansOf(this.layout, block).entries()) {
        sums.set(index, joinedCrc32(sums.get(index) ?? 0, crcs[at]!, length));
      }
    }
    return sums;
  }

  /** Compares the whole with what the sender announced. Asked again, it answers the same. */
  async commit(root: string): Promise<Published> {
    if (this.#published !== undefined) {
      if (this.#published.root !== root) throw new Fault('hash-mismatch', 'something else was published');
      return this.#published;
    }
    if (this.#hashes.size !== this.layout.blocks) throw new Fault('hash-mismatch', 'blocks are missing');
    const hashes = this.held.map((block) => this.#hashes.get(block)!);
    if (toHex(await sha256(join(hashes))) !== root) {
      throw new Fault('hash-mismatch', 'the whole does not match what was announced');
    }
    const faults = [...this.failed].map(([index, code]) => ({ index, code }));
    this.#published = { root, count: this.#chosenFiles() - faults.length, faults };
    return this.#published;
  }

  #chosenFiles(): number {
    const { entries, selection } = this.facts;
    let files = 0;
    for (const index of selectedIndexes(selection, entries.length)) if (entries[index]!.kind === 'file') files += 1;
    return files;
  }
}
