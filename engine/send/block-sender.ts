// Sending, once it was accepted: blocks are read ahead for the lanes, what is stored over there is believed within reason, and
// when nothing is missing the other side hears the hash of the whole.

import type { FaultCode } from '../../shared/model/fault.ts';
import { totalsOf } from '../../shared/model/layout.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import type { ConnectionId } from '../commands.ts';
import type { BlockSupply, DirectBlock, ReadyBlock } from '../lanes/lane-pool.ts';
import type { DirectSent, Source } from '../ports.ts';
import type { TransferHome, TransferRecord } from '../status/transfer-status.ts';
import { AttemptSource } from './attempt-source.ts';
import type { Yes } from './offer-sender.ts';
import type { OpenSource } from './open-source.ts';
import { SendEnding } from './send-ending.ts';
import { SentBlocks } from './send-queue.ts';
import type { SendStage } from './send-stage.ts';

export type BlockOutletPorts = {
  readonly home: TransferHome;
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly source: Source;
  readonly files: OpenSource;
  readonly stage: SendStage;
  tag(): number;
  guard(task: () => Promise<void>): Promise<void>;
  broken(code: FaultCode): void;
  /** They have all of it in place. */
  arrived(): void;
};

export class BlockOutlet implements BlockSupply {
  readonly #ports: BlockOutletPorts;
  readonly #attempt: AttemptSource;
  readonly #blocks: SentBlocks;
  readonly #ending: SendEnding;
  #isDirect = false;

  constructor(ports: BlockOutletPorts) {
    const { home, id, record, source, files, stage, tag, guard } = ports;
    this.#ports = ports;
    this.#attempt = new AttemptSource({
      source,
      tag,
      faults: record.faultedIndexes,
      found: (faults) => {
        record.addFaults(faults, files.entries);
        stage.show();
      },
      say: (faults) => home.say({ type: 'file-faults', transfer: id, faults }),
    });
    this.#blocks = new SentBlocks({
      source: this.#attempt,
      tag,
      isSending: () => stage.at === 'sending',
      isHeld: () => record.isHeld(),
      isDirect: () => this.#isDirect,
      guard,
      ready: (index) => {
        record.currentPath = index === undefined ? undefined : files.entries[index]?.path;
        home.stir();
      },
    });
    this.#ending = new SendEnding({
      home,
      id,
      record,
      files,
      attempt: this.#attempt,
      blocks: this.#blocks,
      tag,
      state: () => stage.at,
      wasAccepted: () => stage.wasAccepted,
      isOver: () => stage.isOver,
      guard,
      completed: () => stage.step('all-stored'),
      arrived: ports.arrived,
      differs: () => ports.broken('hash-mismatch'),
    });
  }

  /** Blocks are waiting for a lane. */
  get isHungry(): boolean {
    const { stage, record } = this.#ports;
    return stage.at === 'sending' && !record.isHeld() && this.#blocks.isWaitingForLanes;
  }

  begin({ selection, held, layout }: Yes, credit: number): void {
    const { home, id, record, files, stage, guard } = this.#ports;
    record.wantedBytes = layout.totalBytes;
    record.wantedFiles = totalsOf(files.entries, selection).files;
    stage.wasAccepted = true;
    this.#blocks.layOut(layout, held, credit);
    stage.step('accepted');
    // What they said about waiting may have been taken back where nobody heard it: whoever still waits says so after its yes.
    record.release('peer');
    record.release('disk');
    this.#attempt.begin();
    if (record.isHeldBy('us')) home.say({ type: 'pause', transfer: id, why: 'person' });
    void guard(async () => {
      await this.#attempt.select(selection === 'all' ? 'all' : [...selection]);
      await this.#blocks.open(held);
      this.moved();
    });
  }

  stored(message: ControlOf<'stored'>): void {
    const { home, stage, tag } = this.#ports;
    if (message.tag !== tag() || stage.at !== 'sending') return;
    const why = this.#blocks.stored(message);
    if (why === undefined) this.moved();
    else home.violation(why);
  }

  again(message: ControlOf<'nack'>): void {
    const { home, stage, tag, broken } = this.#ports;
    if (message.tag !== tag() || stage.at !== 'sending') return;
    if (!this.#blocks.wasSent(message.block)) {
      home.violation('a block asked for again that was not sent');
      return;
    }
    const code = this.#blocks.again(message);
    if (code === undefined) this.moved();
    else broken(code);
  }

  delivered(message: ControlOf<'delivered'>): Promise<void> {
    return this.#ending.delivered(message);
  }

  /** Something may go on: a hold is gone, or more is stored. */
  moved(): void {
    const { home, record, stage } = this.#ports;
    if (this.#blocks.count > 0) record.count(this.#blocks.storedBytes);
    stage.show();
    this.#blocks.readAhead();
    home.stir();
    this.#ending.look();
  }

  forgetFlight(): void {
    this.#blocks.forgetFlight();
    this.#ending.beginAnew();
  }

  take(connection: ConnectionId): ReadyBlock | undefined {
    return this.#blocks.take(connection);
  }

  takeDirect(connection: ConnectionId): DirectBlock | undefined {
    const { id, record, files, source, tag } = this.#ports;
    const block = source.isAtHost ? this.#blocks.takeUnread(connection) : undefined;
    if (block === undefined) return undefined;
    const index = this.#blocks.firstFileOf(block);
    record.currentPath = index === undefined ? undefined : files.entries[index]?.path;
    return { transfer: id, attempt: tag(), block };
  }

  sentDirect({ block }: DirectBlock, connection: ConnectionId, sending: Promise<DirectSent>): Promise<void> {
    return this.#ports.guard(async () => {
      this.#blocks.wasTaken(block, connection, await this.#attempt.sent(sending));
      this.moved();
    });
  }

  directIs(there: boolean): void {
    this.#isDirect = there && this.#ports.source.isAtHost;
    this.#blocks.readAhead();
  }

  carries(connection: ConnectionId): boolean {
    return this.#blocks.carries(connection);
  }

  laneLost(connection: ConnectionId): void {
    this.#blocks.laneLost(connection);
  }
}
