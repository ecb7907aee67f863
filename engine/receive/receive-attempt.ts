// One attempt to receive a transfer, begun by the sender's offer or `continue`: its id on the wire, and from our accept on the
// credit, the blocks under way and the wait for a full disk. It takes each whole block from the frame assembler to the disk, which
// proves and writes it, and tells the sender. A new attempt aborts this one; a write that is still under way counts all the same.

import { Fault, toFaultView, waitsForDisk } from '../../shared/model/fault.ts';
import type { IndexRange } from '../../shared/model/manifest.ts';
import type { ControlMessage } from '../../shared/wire/control.ts';
import { AttemptScope } from '../attempt-scope.ts';
import type { DirectArrival, Sink } from '../ports.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';
import { DiskWait } from './disk-wait.ts';
import type { BlockTaker, FrameAssembler } from './frame-assembler.ts';
import { type CameOver, type ReceivedBlocks, ReceiveWindow } from './received-blocks.ts';

const rangesPerMessage = 2_000;

/** What outlives an attempt. */
export type ReceiveAttemptParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly sink: Sink;
  readonly assembler: FrameAssembler;
  /** The file that a block begins with, where that is known. */
  readonly pathAt: (block: number) => readonly string[] | undefined;
  readonly onBroken: (error: unknown) => void;
};

type Receiving = {
  readonly received: ReceivedBlocks;
  readonly window: ReceiveWindow;
  /** They came over data channels, and their bytes are held until the disk has them. Another copy is not held beside them. */
  readonly writing: Set<number>;
  /** Their write found the disk full or away. Their bytes went with it; the sender still has them. */
  readonly unwritten: number[];
  readonly diskWait: DiskWait;
};
type WholeBlock = {
  readonly block: number;
  readonly over: CameOver;
  readonly hash: Uint8Array<ArrayBuffer>;
  /** Resolves once the disk has proven and written it. */
  readonly store: () => Promise<{ readonly filesDone: number }>;
};

export class ReceiveAttempt implements BlockTaker {
  /** `tag` on the wire. */
  readonly id: number;
  readonly #parts: ReceiveAttemptParts;
  readonly #scope: AttemptScope;
  /** Over another control channel there is no attempt until the sender begins one: then nothing is sent for this one. */
  readonly #controlSignal: AbortSignal;
  #receiving: Receiving | undefined;

  constructor(parts: ReceiveAttemptParts, id: number) {
    this.#parts = parts;
    this.id = id;
    this.#scope = new AttemptScope((error) => parts.onBroken(error));
    this.#controlSignal = parts.context.controlSignal;
  }

  send(message: ControlMessage): void {
    if (!this.#controlSignal.aborted) this.#parts.context.send(message);
  }

  /** The sender hears what is held here and how much it may send; from now on blocks may come. */
  accept(received: ReceivedBlocks): void {
    const { context, status, sink, assembler, onBroken } = this.#parts;
    if (this.#controlSignal.aborted) return;
    const unwritten: number[] = [];
    const diskWait = new DiskWait({
      context,
      status,
      sink,
      onBroken,
      retry: () => {
        for (const block of unwritten.splice(0)) if (!received.has(block)) this.#sendNack(block, 'unwritten');
      },
    });
    const window = new ReceiveWindow({
      clock: context.clock,
      received,
      creditShare: () => context.creditShare(),
      sendStored: (ranges, credit) => this.send({ type: 'stored', transfer: status.id, tag: this.id, ranges, credit }),
    });
    this.#receiving = { received, window, writing: new Set(), unwritten, diskWait };
    // The disk may have room by now; the next write tells.
    status.unpause('disk');
    const credit = window.grant();
    assembler.expect(this.id, this);
    context.expectDirect(status.id, this.id);
    this.#scope.run(() => this.#sendAccept(received, credit));
    status.recount(received.storedBytes);
    context.schedule();
  }

  /** Somebody may have made room. */
  retryDisk(): void {
    this.#receiving?.diskWait.retry();
  }

  /** Everything is stored: no more blocks may come. */
  stopReceiving(): void {
    this.#parts.assembler.retire(this.id);
  }

  abort(): void {
    this.#scope.abort();
    this.stopReceiving();
    this.#receiving?.window.stop();
    this.#receiving?.diskWait.end();
  }

  begin(block: number, over: CameOver): number | { readonly refused: string } {
    return this.#receiving?.window.begin(block, over) ?? { refused: 'block before accept' };
  }

  done(block: number, parts: readonly Uint8Array<ArrayBuffer>[], hash: Uint8Array<ArrayBuffer>): void {
    const store = () => this.#parts.sink.write(block, parts, hash);
    this.#keep({ block, over: 'channel', hash: new Uint8Array(hash), store });
  }

  onDirect({ block, hash, outcome }: DirectArrival): void {
    if (outcome.is === 'unexpected') {
      this.dropped(block);
      this.#sendNack(block, 'unwritten');
      return;
    }
    const store = async () => {
      if (outcome.is === 'fault') throw new Fault(outcome.code, 'the host could not store it');
      return outcome;
    };
    this.#keep({ block, over: 'direct', hash, store });
  }

  dropped(block: number): void {
    this.#receiving?.window.lost(block);
  }

  #keep(whole: WholeBlock): void {
    const receiving = this.#receiving;
    if (receiving === undefined) return;
    const { received, writing } = receiving;
    const isCopy = whole.over === 'channel' && writing.has(whole.block);
    if (received.has(whole.block)) this.#acknowledge(receiving, whole);
    else if (!isCopy) this.#scope.run(() => this.#write(receiving, whole));
  }

  async #write(receiving: Receiving, whole: WholeBlock): Promise<void> {
    const { block, hash, over, store } = whole;
    const { status } = this.#parts;
    const { received, window, writing, unwritten, diskWait } = receiving;
    if (over === 'channel') writing.add(block);
    try {
      const { filesDone } = await store().finally(() => {
        if (over === 'channel') writing.delete(block);
      });
      status.filesDone = Math.max(status.filesDone, filesDone);
    } catch (error) {
      this.#scope.signal.throwIfAborted();
      const { code } = toFaultView(error);
      if (code !== 'block-damaged' && !waitsForDisk(code)) throw error;
      window.lost(block);
      if (waitsForDisk(code)) {
        unwritten.push(block);
        return diskWait.begin(code);
      }
      received.countDamaged(block);
      return this.#sendNack(block, 'damaged');
    }
    // The sender of a later attempt may not know that it ever sent this one: it counts, and nobody is told.
    received.add(block, hash);
    this.#parts.status.currentPath = this.#parts.pathAt(block);
    window.progressed();
    diskWait.progressed();
    if (!this.#scope.signal.aborted) this.#acknowledge(receiving, whole);
  }

  #acknowledge({ window }: Receiving, { block, over }: WholeBlock): void {
    window.acknowledge(block, over);
    this.#counted();
  }

  #counted(): void {
    const { context, status } = this.#parts;
    status.count(this.#receiving?.received.storedBytes ?? 0);
    context.schedule();
  }

  /** Until it is sent no block comes. */
  async #sendAccept(received: ReceivedBlocks, credit: number): Promise<void> {
    const { status } = this.#parts;
    const { selection } = received;
    if (selection !== 'all') await this.#sendRanges('choose', selection);
    await this.#sendRanges('held', received.held());
    this.send({ type: 'accept', transfer: status.id, tag: this.id, all: selection === 'all', credit });
    const why = status.personReason;
    if (why !== undefined) this.send({ type: 'pause', transfer: status.id, why });
  }

  /** What was written in pieces may be millions of ranges, and whoever asked for them need not read them. */
  async #sendRanges(type: 'choose' | 'held', ranges: readonly IndexRange[]): Promise<void> {
    for (let at = 0; at < ranges.length; at += rangesPerMessage) {
      await this.#scope.own(this.#parts.context.whenRoom(this.#scope.signal));
      const some = ranges.slice(at, at + rangesPerMessage).map(([from, to]): [number, number] => [from, to]);
      this.send({ type, transfer: this.#parts.status.id, ranges: some });
    }
  }

  #sendNack(block: number, why: 'damaged' | 'unwritten'): void {
    this.send({ type: 'nack', transfer: this.#parts.status.id, tag: this.id, block, why });
  }
}
