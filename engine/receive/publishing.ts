// Bringing everything into place, once: when the sender says that it is complete, and what it says fits what came. What is
// being published is published: being called off meanwhile counts only where that fails.

import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import type { Sink } from '../ports.ts';
import type { TransferHome } from '../status/transfer-status.ts';
import type { BlockIntake } from './block-receiver.ts';
import type { ReceiveStage } from './receive-stage.ts';

export type CalledOff = { readonly event: 'cancelled' | 'broke'; readonly code: FaultCode | undefined };
export type PublishedFault = { readonly index: number; readonly code: FaultCode };

export type PublishingPorts = {
  readonly home: TransferHome;
  readonly sink: Sink;
  readonly blocks: Pick<BlockIntake, 'isComplete' | 'contradicts'>;
  readonly stage: ReceiveStage;
  tag(): number;
  later(task: () => Promise<void>): void;
  /** Nothing more comes of this attempt. */
  completed(): void;
  calledOff(how: CalledOff): void;
  arrived(root: string, faults: readonly PublishedFault[]): void;
};

export class Publishing {
  readonly #ports: PublishingPorts;
  #root: string | undefined;
  #calledOff: CalledOff | undefined;

  constructor(ports: PublishingPorts) {
    this.#ports = ports;
  }

  get calledOff(): CalledOff | undefined {
    return this.#calledOff;
  }

  callOff(how: CalledOff): void {
    this.#calledOff = how;
  }

  /** From the journal: whoever called it off has changed their mind. */
  reopen(): void {
    this.#calledOff = undefined;
  }

  beginAttempt(): void {
    this.#root = undefined;
  }

  complete({ tag, root }: ControlOf<'complete'>): void {
    const { home, blocks, stage, later, completed } = this.#ports;
    if (stage.isOver || tag !== this.#ports.tag()) return;
    if (stage.at !== 'receiving' || !blocks.isComplete || this.#root !== undefined) {
      home.violation('complete before everything is stored');
      return;
    }
    this.#root = root;
    stage.step('completed');
    completed();
    later(() => this.#publish(root));
  }

  async #publish(root: string): Promise<void> {
    const { sink, blocks, stage, calledOff, arrived } = this.#ports;
    if (stage.at !== 'verifying') return;
    if (this.#calledOff === undefined && (await blocks.contradicts(root))) {
      throw new Fault('hash-mismatch', 'the whole differs from its parts');
    }
    if (this.#calledOff !== undefined) return calledOff(this.#calledOff);
    const { faults } = await sink.commit(root);
    arrived(root, faults);
  }
}
