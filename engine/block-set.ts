// A set of block numbers as a bitmap, and the hashes of blocks in lazily made pages. Both bounded by transferMaxBlocks.

import { sha256, toHex } from '../shared/model/bytes.ts';
import type { IndexRange } from '../shared/model/manifest.ts';

export class BlockSet {
  readonly blocks: number;
  readonly #bits: Uint8Array;
  #count = 0;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.#bits = new Uint8Array(Math.ceil(blocks / 8));
  }

  get count(): number {
    return this.#count;
  }

  has(block: number): boolean {
    return ((this.#bits[block >>> 3] ?? 0) & (1 << (block & 7))) !== 0;
  }

  /** Answers whether it was new. */
  add(block: number): boolean {
    if (block >= this.blocks || this.has(block)) return false;
    this.#bits[block >>> 3]! |= 1 << (block & 7);
    this.#count += 1;
    return true;
  }

  ranges(): IndexRange[] {
    const found: [number, number][] = [];
    let from = -1;
    for (let block = 0; block <= this.blocks; block += 1) {
      const held = block < this.blocks && this.has(block);
      if (held && from < 0) from = block;
      if (!held && from >= 0) {
        found.push([from, block]);
        from = -1;
      }
    }
    return found;
  }
}

const pageBlocks = 4096;

export class HashList {
  readonly #pages = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly #blocks: number;

  constructor(blocks: number) {
    this.#blocks = blocks;
  }

  set(block: number, hash: Uint8Array): void {
    const page = Math.floor(block / pageBlocks);
    let bytes = this.#pages.get(page);
    if (bytes === undefined) {
      bytes = new Uint8Array(Math.min(pageBlocks, this.#blocks - page * pageBlocks) * 32);
      this.#pages.set(page, bytes);
    }
    bytes.set(hash, (block % pageBlocks) * 32);
  }

  get(block: number): Uint8Array<ArrayBuffer> | undefined {
    const at = (block % pageBlocks) * 32;
    const hash = this.#pages.get(Math.floor(block / pageBlocks))?.subarray(at, at + 32);
    return hash === undefined || hash.every((byte) => byte === 0) ? undefined : hash;
  }

  /** SHA-256 over all hashes in block order, hex; nothing while one is missing. */
  async root(): Promise<string | undefined> {
    const all = new Uint8Array(this.#blocks * 32);
    for (let block = 0; block < this.#blocks; block += 1) {
      const hash = this.get(block);
      if (hash === undefined) return undefined;
      all.set(hash, block * 32);
    }
    return toHex(await sha256(all));
  }
}
