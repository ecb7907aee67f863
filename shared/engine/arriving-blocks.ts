// The way of a block from the lanes to the disk: proven, written, and told; asked for again where it came damaged or found the
// disk full. A write outlives the attempt it came in: then the block counts, and nobody is told, nor made to wait.

import { toFaultView } from '../model/fault.ts';
import type { BlockTaker } from './block-inbox.ts';
import { sha256 } from './block-set.ts';
import { type DiskWait, isDiskFull } from './disk-wait.ts';
import type { Sink } from './ports.ts';
import type { ReceivedBlocks } from './received-blocks.ts';
import type { TransferRecord } from './transfer-record.ts';

export type ArrivingPorts = {
  readonly sink: Sink;
  readonly record: TransferRecord;
  readonly blocks: ReceivedBlocks;
  readonly diskWait: DiskWait;
  tag(): number;
  isReceiving(): boolean;
  guard(task: () => Promise<void>): Promise<void>;
};

type Proven = {
  readonly block: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
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

  done(block: number, bytes: Uint8Array<ArrayBuffer>, hash: Uint8Array<ArrayBuffer>): void {
    const { blocks, tag, guard } = this.#ports;
    const attempt = tag();
    if (blocks.has(block)) {
      blocks.acknowledge(block);
      return;
    }
    void guard(async () => {
      try {
        await this.#prove({ block, bytes, hash }, attempt);
      } catch (error) {
        // What an attempt began and could not finish ends that attempt, not the next one.
        if (attempt === tag()) throw error;
      }
    });
  }

  dropped(block: number): void {
    this.#ports.blocks.lost(block);
  }

  async #prove(arrived: Proven, attempt: number): Promise<void> {
    const { blocks, tag, isReceiving } = this.#ports;
    const actual = await sha256(arrived.bytes);
    if (attempt !== tag() || !isReceiving()) return;
    if (actual.every((byte, at) => byte === arrived.hash[at])) await this.#write(arrived, attempt);
    else blocks.damaged(arrived.block);
  }

  async #write({ block, bytes, hash }: Proven, attempt: number): Promise<void> {
    const { sink, record, blocks, diskWait, tag, isReceiving } = this.#ports;
    const kept = new Uint8Array(hash);
    try {
      const { filesDone } = await sink.write(block, bytes, hash);
      record.filesDone = Math.max(record.filesDone, filesDone);
    } catch (error) {
      if (!isDiskFull(toFaultView(error).code)) throw error;
      if (attempt !== tag() || !isReceiving()) return;
      blocks.lost(block);
      return diskWait.full(block);
    }
    if (!isReceiving()) return;
    if (attempt === tag()) blocks.written(block, kept);
    else blocks.writtenLate(block, kept);
  }
}
