// The end of an outgoing transfer: once everything is stored the receiver hears the hash over all of it, and what it says to be
// delivered has to be just that. A delivery counts once in an attempt, however often it is said.

import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import type { TransferHome } from '../status/transfer-status.ts';
import { type WholePorts, wholeRoot } from './root-hash.ts';
import type { SendState } from './send-state.ts';

export type SendEndingPorts = WholePorts & {
  readonly home: TransferHome;
  readonly id: TransferId;
  tag(): number;
  state(): SendState;
  wasAccepted(): boolean;
  isOver(): boolean;
  guard(task: () => Promise<void>): Promise<void>;
  completed(): void;
  arrived(): void;
  differs(): void;
};

export class SendEnding {
  readonly #ports: SendEndingPorts;
  #isCompleting = false;
  #judged: number | undefined;

  constructor(ports: SendEndingPorts) {
    this.#ports = ports;
  }

  beginAnew(): void {
    this.#isCompleting = false;
  }

  /** Where everything is stored. */
  look(): void {
    const { blocks, state, guard } = this.#ports;
    if (state() !== 'sending' || !blocks.isComplete || this.#isCompleting) return;
    this.#isCompleting = true;
    void guard(() => this.#complete());
  }

  async #complete(): Promise<void> {
    const { home, id, record, blocks, tag, state, completed } = this.#ports;
    const attempt = tag();
    const root = await blocks.root();
    if (attempt !== tag()) return;
    this.#isCompleting = false;
    if (state() !== 'sending' || root === undefined) return;
    record.rootHash = root;
    home.say({ type: 'complete', transfer: id, tag: attempt, root });
    completed();
  }

  async delivered({ root, faults }: ControlOf<'delivered'>): Promise<void> {
    const { home, record, files, tag, state, wasAccepted, isOver, arrived, differs } = this.#ports;
    if (state() !== 'verifying' && !(state() === 'offered' && wasAccepted())) {
      home.violation('delivered before everything was sent');
      return;
    }
    if (this.#judged === tag()) return;
    this.#judged = tag();
    const ours = await wholeRoot(this.#ports);
    if (isOver()) return;
    if (ours !== root) {
      differs();
      return;
    }
    record.arrived(root, faults, files.entries);
    arrived();
    await files.closed;
    home.say({ type: 'closed', transfer: this.#ports.id });
  }
}
