// The way of a block from the lanes to the disk, which proves and writes it, and back to the sender who is told; asked for again
// where it came damaged or found the disk full. A write outlives the attempt it came in: then the block counts, and nobody is told, nor made to wait.

import { Fault, toFaultView } from '../../shared/model/fault.ts';
import type { DirectArrival, Sink } from '../ports.ts';
import type { TransferRecord } from '../status/transfer-status.ts';
import { type DiskWait, isDiskFull } from './disk-wait.ts';
import type { BlockTaker } from './frame-assembler.ts';
import type { ReceivedBlocks } from './received-blocks.ts';

export type ArrivingPorts = {
  readonly sink: Sink;
  readonly record: TransferRecord;
  readonly blocks: ReceivedBlocks;
  readonly diskWait: DiskWait;
  tag(): number;
  /** The sender is to send it once more. */
  again(block: number): void;
  isReceiving(): boolean;
  guard(task: () => Promise<void>): Promise<void>;
};

type Arrived = {
  readonly block: number;
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly store: () => Promise<{ readonly filesDone: number }>;
};

export class ArrivingBlocks implements BlockTaker {
  readonly #ports: ArrivingPorts;

  constructor(ports: ArrivingPorts) {
    this.#ports = ports;
  }

  begin(block: number): number | { readonly refused: string } {
    const { blocks, isReceiving } = this.#ports;
    return isReceiving() ? blocks.begin(block) : { refused: 'block before accept' };
  }

  done(block: number, parts: readonly Uint8Array<ArrayBuffer>[], hash: Uint8Array<ArrayBuffer>): void {
    const { sink } = this.#ports;
    if (this.#isStored(block)) return;
    this.#keep({ block, hash: new Uint8Array(hash), store: () => sink.write(block, parts, hash) });
  }

  stored({ block, hash, outcome }: DirectArrival): void {
    const { blocks, again } = this.#ports;
    if (outcome.is === 'unexpected') {
      blocks.lost(block);
      again(block);
      return;
    }
    if (this.#isStored(block)) return;
    const store = async () => {
      if (outcome.is === 'fault') throw new Fault(outcome.code, 'the host could not store it');
      return outcome;
    };
    this.#keep({ block, hash, store });
  }

  dropped(block: number): void {
    this.#ports.blocks.lost(block);
  }

  /** It came before, and the sender may not know. */
  #isStored(block: number): boolean {
    const { blocks } = this.#ports;
    if (!blocks.has(block)) return false;
    blocks.acknowledge(block);
    return true;
  }

  #keep(arrived: Arrived): void {
    const { tag, guard } = this.#ports;
    const attempt = tag();
    void guard(async () => {
      try {
        await this.#write(arrived, attempt);
      } catch (error) {
        // What an attempt began and could not finish ends that attempt, not the next one.
        if (attempt === tag()) throw error;
      }
    });
  }

  async #write({ block, hash, store }: Arrived, attempt: number): Promise<void> {
    const { record, blocks, diskWait, tag, isReceiving } = this.#ports;
    try {
      const { filesDone } = await store();
      record.filesDone = Math.max(record.filesDone, filesDone);
    } catch (error) {
      const { code } = toFaultView(error);
      if (code !== 'block-damaged' && !isDiskFull(code)) throw error;
      if (attempt !== tag() || !isReceiving()) return;
      if (code === 'block-damaged') return blocks.damaged(block);
      blocks.lost(block);
      return diskWait.full(block);
    }
    if (!isReceiving()) return;
    if (attempt === tag()) blocks.written(block, hash);
    else blocks.writtenLate(block, hash);
  }
}
