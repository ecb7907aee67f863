// The way of a block from the lanes to the disk, which proves and writes it, and back to the sender who is told; asked for again
// where it came damaged or found the disk full. A write outlives the attempt it came in: then the block counts, and nobody is told, nor made to wait.

import { toFaultView } from '../../shared/model/fault.ts';
import type { Sink } from '../ports.ts';
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
  isReceiving(): boolean;
  guard(task: () => Promise<void>): Promise<void>;
};

type Arrived = {
  readonly block: number;
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  readonly hash: Uint8Array<ArrayBuffer>;
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
    const { blocks, tag, guard } = this.#ports;
    const attempt = tag();
    if (blocks.has(block)) {
      blocks.acknowledge(block);
      return;
    }
    void guard(async () => {
      try {
        await this.#write({ block, parts, hash }, attempt);
      } catch (error) {
        // What an attempt began and could not finish ends that attempt, not the next one.
        if (attempt === tag()) throw error;
      }
    });
  }

  dropped(block: number): void {
    this.#ports.blocks.lost(block);
  }

  async #write({ block, parts, hash }: Arrived, attempt: number): Promise<void> {
    const { sink, record, blocks, diskWait, tag, isReceiving } = this.#ports;
    const kept = new Uint8Array(hash);
    try {
      const { filesDone } = await sink.write(block, parts, hash);
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
    if (attempt === tag()) blocks.written(block, kept);
    else blocks.writtenLate(block, kept);
  }
}
