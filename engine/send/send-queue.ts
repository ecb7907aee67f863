// The blocks of an outgoing transfer: read ahead and hashed, waiting for a lane, on their way, stored over there. What the
// receiver says about a block is believed only of one that was sent.

import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import { blockLength, type Layout, spansOf } from '../../shared/model/layout.ts';
import type { IndexRange } from '../../shared/model/manifest.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import {
  blockBytes,
  blockRetriesMax,
  creditMaxBlocks,
  damagedBlocksMax,
  unwrittenInARowMax,
} from '../../shared/wire/limits.ts';
import { BlockSet, HashList } from '../block-set.ts';
import type { ConnectionId } from '../commands.ts';
import type { ReadyBlock } from '../lanes/lane-pool.ts';
import type { Source } from '../ports.ts';

const readAheadBlocks = 8;

export type SentBlocksPorts = {
  readonly source: Pick<Source, 'read' | 'knownHashes'>;
  tag(): number;
  isSending(): boolean;
  isHeld(): boolean;
  guard(task: () => Promise<void>): Promise<void>;
  /** The direct lane takes the blocks: none is read into the page. */
  isDirect(): boolean;
  /** One more waits for a lane; `index` is the file that it begins with. */
  ready(index: number | undefined): void;
};

export class SentBlocks {
  readonly #ports: SentBlocksPorts;
  #layout: Layout = { totalBytes: 0, blocks: 0, files: [] };
  #stored = new BlockSet(0);
  /**
   * Handed to a lane, in this attempt or an earlier one: the only ones that the receiver can say anything about. What came
   * in an earlier attempt may be stored only now.
   */
  #sent = new BlockSet(0);
  #hashes = new HashList(0);
  #credit = 0;
  #cursor = 0;
  #again: number[] = [];
  #reading = 0;
  #ready: ReadyBlock[] = [];
  readonly #flying = new Map<number, ConnectionId>();
  /**
   * Their lane closed, or they were asked for once more, and they may be on their way for all that: until they go again they
   * use up credit like those that fly.
   */
  readonly #owed = new Set<number>();
  readonly #damaged = new Map<number, number>();
  #damagedInAll = 0;
  #unwrittenInARow = 0;
  /** The source knows the choice: it may be read. */
  #isOpen = false;

  constructor(ports: SentBlocksPorts) {
    this.#ports = ports;
  }

  get count(): number {
    return this.#layout.blocks;
  }

  get isComplete(): boolean {
    return this.#stored.count === this.#layout.blocks;
  }

  get storedBytes(): number {
    return Math.min(this.#stored.count * blockBytes, this.#layout.totalBytes);
  }

  get isWaitingForLanes(): boolean {
    return this.#ready.length > 0;
  }

  /** The receiver chose, and says what it holds. */
  layOut(layout: Layout, held: readonly IndexRange[], credit: number): void {
    if (this.#stored.blocks !== layout.blocks) {
      this.#sent = new BlockSet(layout.blocks);
      this.#hashes = new HashList(layout.blocks);
    }
    this.#layout = layout;
    this.#stored = new BlockSet(layout.blocks);
    for (const [from, to] of held) {
      for (let block = from; block < to; block += 1) {
        this.#stored.add(block);
      }
    }
    this.#credit = Math.min(credit, creditMaxBlocks);
    this.#cursor = 0;
    this.#isOpen = false;
  }

  /** Hashes of blocks that the receiver holds already: remembered ones are taken, the others are made anew. */
  async open(held: readonly IndexRange[]): Promise<void> {
    const { source } = this.#ports;
    for (const [from, to] of held) {
      for (let at = from; at < to; at += 4096) {
        const count = Math.min(4096, to - at);
        const known = await source.knownHashes(at, count);
        for (let block = at; block < at + count; block += 1) {
          const hash = known.subarray((block - at) * 32, (block - at + 1) * 32);
          if (hash.byteLength === 32 && hash.some((byte) => byte !== 0)) {
            this.#hashes.set(block, hash);
          } else if (this.#hashes.get(block) === undefined) {
            this.#hashes.set(block, (await source.read(block)).hash);
          }
        }
      }
    }
    this.#isOpen = true;
  }

  take(connection: ConnectionId): ReadyBlock | undefined {
    if (!this.#ports.isSending() || this.#ports.isHeld()) return undefined;
    const isFree = this.#flying.size + this.#owed.size < this.#credit;
    const at = this.#ready.findIndex((ready) => isFree || this.#owed.has(ready.block));
    const [block] = at < 0 ? [] : this.#ready.splice(at, 1);
    if (block === undefined) return undefined;
    this.#owed.delete(block.block);
    this.#flying.set(block.block, connection);
    this.#sent.add(block.block);
    this.readAhead();
    return block;
  }

  /** For a lane that reads by itself: what was read ahead already counts as unread. */
  takeUnread(connection: ConnectionId): number | undefined {
    const { isSending, isHeld } = this.#ports;
    if (!this.#isOpen || !isSending() || isHeld()) return undefined;
    this.#again.unshift(...this.#ready.splice(0).map(({ block }) => block));
    const isFree = this.#flying.size + this.#owed.size < this.#credit;
    const owed = this.#again.findIndex((block) => this.#owed.has(block));
    if (!isFree && owed < 0) return undefined;
    const block = isFree ? this.#nextUnread() : this.#again.splice(owed, 1)[0];
    if (block === undefined || this.#stored.has(block)) return undefined;
    this.#owed.delete(block);
    this.#flying.set(block, connection);
    this.#sent.add(block);
    return block;
  }

  /** The lane read and sent it, or was gone by then. */
  wasTaken(block: number, connection: ConnectionId, { isSent, hash }: { isSent: boolean; hash: Uint8Array }): void {
    this.#hashes.set(block, hash);
    if (isSent || this.#flying.get(block) !== connection) return;
    this.#flying.delete(block);
    this.#owed.add(block);
    this.#again.push(block);
  }

  firstFileOf(block: number): number | undefined {
    return spansOf(this.#layout, block)[0]?.index;
  }

  carries(connection: ConnectionId): boolean {
    return [...this.#flying.values()].includes(connection);
  }

  laneLost(connection: ConnectionId): void {
    for (const [block, carrier] of this.#flying) {
      if (carrier !== connection) {
        continue;
      }
      this.#flying.delete(block);
      this.#owed.add(block);
      this.#again.push(block);
    }
    this.readAhead();
  }

  readAhead(): void {
    const { isSending, isHeld, isDirect, tag } = this.#ports;
    if (isDirect()) return;
    while (this.#isOpen && isSending() && !isHeld()) {
      if (this.#again.length === 0 && this.#reading + this.#ready.length >= readAheadBlocks) return;
      const block = this.#nextUnread();
      if (block === undefined) {
        return;
      }
      this.#reading += 1;
      void this.#read(block, tag());
    }
  }

  /** Answers with why this cannot be true. */
  stored({ ranges, credit }: ControlOf<'stored'>): string | undefined {
    for (const [from, to] of ranges) {
      if (from >= to) return 'ranges that are none';
      if (to > this.#layout.blocks || to - from > creditMaxBlocks * 4) return 'stored what does not exist';
      for (let block = from; block < to; block += 1) {
        if (!this.#sent.has(block)) return 'stored what was not sent';
        if (this.#stored.add(block)) this.#unwrittenInARow = 0;
        this.#flying.delete(block);
        this.#owed.delete(block);
      }
    }
    this.#ready = this.#ready.filter(({ block }) => !this.#stored.has(block));
    this.#credit = Math.min(credit, creditMaxBlocks);
    return undefined;
  }

  wasSent(block: number): boolean {
    return this.#sent.has(block);
  }

  /** Wanted again. Answers with what is wrong over there, once it has been wanted too often. */
  again({ block, why }: ControlOf<'nack'>): FaultCode | undefined {
    if (this.#isBeyondPatience(block, why)) return why === 'damaged' ? 'block-damaged' : 'disk-full';
    // Its lane may have closed meanwhile: then it is on its way again already.
    if (this.#flying.delete(block)) {
      this.#owed.add(block);
      this.#again.push(block);
    }
    return undefined;
  }

  root(): Promise<string | undefined> {
    return this.#hashes.root();
  }

  forgetFlight(): void {
    this.#flying.clear();
    this.#owed.clear();
    this.#ready = [];
    this.#again = [];
    this.#reading = 0;
  }

  #isBeyondPatience(block: number, why: ControlOf<'nack'>['why']): boolean {
    if (why === 'unwritten') {
      this.#unwrittenInARow += 1;
      return this.#unwrittenInARow > unwrittenInARowMax;
    }
    const times = (this.#damaged.get(block) ?? 0) + 1;
    this.#damaged.set(block, times);
    this.#damagedInAll += 1;
    return times > blockRetriesMax || this.#damagedInAll > damagedBlocksMax;
  }

  #nextUnread(): number | undefined {
    while (this.#again.length > 0) {
      const block = this.#again.shift()!;
      if (!this.#stored.has(block)) {
        return block;
      }
    }
    while (this.#cursor < this.#layout.blocks) {
      const block = this.#cursor++;
      if (!this.#stored.has(block)) {
        return block;
      }
    }
    return undefined;
  }

  async #read(block: number, tag: number): Promise<void> {
    const { source, guard, isSending, ready } = this.#ports;
    await guard(async () => {
      const { bytes, hash } = await source.read(block);
      if (bytes.byteLength !== blockLength(this.#layout, block)) {
        throw new Fault('internal', 'a block of the wrong length');
      }
      if (tag !== this.#ports.tag() || !isSending()) {
        return;
      }
      this.#reading -= 1;
      this.#hashes.set(block, hash);
      this.#ready.push({ tag, block, bytes, hash });
      ready(this.firstFileOf(block));
    });
  }
}
