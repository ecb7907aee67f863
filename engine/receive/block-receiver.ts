// Receiving, once it was accepted: the host lays out what was chosen, the sender hears in every attempt what is held and how
// much it may send, and blocks go from the lanes to the disk until nothing is missing.

import { totalsOf } from '../../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../../shared/model/manifest.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { Sink } from '../ports.ts';
import type { TransferHome, TransferRecord } from '../status/transfer-status.ts';
import { ArrivingBlocks } from './block-writer.ts';
import { DiskWait } from './disk-wait.ts';
import type { BlockInbox } from './frame-assembler.ts';
import type { ReceiveTalk } from './receive-messages.ts';
import type { ReceiveStage } from './receive-stage.ts';
import { ReceivedBlocks } from './received-blocks.ts';

export type BlockIntakePorts = {
  readonly home: TransferHome;
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly sink: Sink;
  readonly inbox: BlockInbox;
  readonly stage: ReceiveStage;
  readonly talk: ReceiveTalk;
  /** None where it was taken up from the journal. */
  entries(): readonly ManifestEntry[];
  guard(task: () => Promise<void>): Promise<void>;
  /** The sender is about to hear what is held. */
  attempted(): void;
};

export class BlockIntake {
  readonly #ports: BlockIntakePorts;
  readonly #blocks: ReceivedBlocks;
  readonly #diskWait: DiskWait;
  readonly #arriving: ArrivingBlocks;
  #selection: Selection = 'all';

  constructor(ports: BlockIntakePorts) {
    const { home, id, record, sink, stage, talk, guard } = ports;
    this.#ports = ports;
    this.#blocks = new ReceivedBlocks({
      clock: home.clock,
      creditShare: home.creditShare,
      isReceiving: () => stage.at === 'receiving',
      stored: (ranges, credit) => talk.stored(ranges, credit),
      damaged: (block) => talk.again(block, 'damaged'),
      counted: () => this.#counted(),
    });
    this.#diskWait = new DiskWait({
      home,
      id,
      record,
      sink,
      isOver: () => stage.isOver,
      guard,
      show: () => stage.show(),
      again: (blocks) => {
        for (const block of blocks) if (!this.#blocks.has(block)) talk.again(block, 'unwritten');
      },
    });
    this.#arriving = new ArrivingBlocks({
      sink,
      record,
      blocks: this.#blocks,
      diskWait: this.#diskWait,
      tag: () => talk.tag,
      again: (block) => talk.again(block, 'unwritten'),
      isReceiving: () => stage.at === 'receiving',
      guard,
    });
  }

  /** The host has laid it out, and so keeps it. */
  get isLaidOut(): boolean {
    return this.#blocks.count > 0;
  }

  get isComplete(): boolean {
    return this.#blocks.isComplete;
  }

  contradicts(root: string): Promise<boolean> {
    return this.#blocks.contradicts(root);
  }

  async begin(leaveOut: number[]): Promise<void> {
    const { record, sink, stage, entries } = this.#ports;
    const started = await sink.start(leaveOut);
    if (stage.at !== 'starting') return;
    this.#selection = started.selection;
    record.wantedBytes = started.totalBytes;
    if (entries().length > 0) record.wantedFiles = totalsOf(entries(), started.selection).files;
    this.#blocks.layOut(started.totalBytes, started.have);
    stage.step('started');
    this.sayAccept();
  }

  sayAccept(): void {
    const { inbox, talk, attempted } = this.#ports;
    if (talk.isBetween) return;
    attempted();
    this.#diskWait.forget();
    const credit = this.#blocks.beginAttempt();
    inbox.expect(talk.tag, this.#arriving);
    this.#ports.home.expectDirect(this.#ports.id, talk.tag);
    talk.accept({ selection: this.#selection, held: this.#blocks.held(), credit });
    this.#counted();
  }

  /** Somebody may have made room. */
  retryDisk(): void {
    this.#diskWait.retry();
  }

  stop(): void {
    this.#blocks.stop();
    this.#diskWait.stop();
  }

  #counted(): void {
    const { home, record } = this.#ports;
    record.count(this.#blocks.storedBytes);
    home.stir();
  }
}
