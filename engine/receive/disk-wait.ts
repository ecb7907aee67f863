// A full disk at the receiver: the sender is asked to wait, room is looked for now and then, and what was lost with the
// writes is asked for again. A person may try sooner.

import type { FaultCode } from '../../shared/model/fault.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { Sink } from '../ports.ts';
import type { TransferHome, TransferRecord } from '../status/transfer-status.ts';

const roomEveryMs = 5_000;
const diskCodes: ReadonlySet<FaultCode> = new Set<FaultCode>(['disk-full', 'disk-quota']);

export function isDiskFull(code: FaultCode): boolean {
  return diskCodes.has(code);
}

export type DiskWaitPorts = {
  readonly home: TransferHome;
  readonly id: TransferId;
  readonly record: TransferRecord;
  readonly sink: Sink;
  isOver(): boolean;
  guard(task: () => Promise<void>): Promise<void>;
  show(): void;
  /** Asks the sender for these once more. */
  again(blocks: readonly number[]): void;
};

export class DiskWait {
  readonly #ports: DiskWaitPorts;
  /** Blocks whose write found the disk full. Their bytes went with the write; the sender still has them. */
  readonly #lost: number[] = [];
  #cancel: (() => void) | undefined;

  constructor(ports: DiskWaitPorts) {
    this.#ports = ports;
  }

  async full(block: number): Promise<void> {
    const { home, id, record, sink, show, isOver } = this.#ports;
    this.#lost.push(block);
    if (record.isHeldBy('disk')) return;
    record.hold('disk', { neededBytes: 0, freeBytes: 0 });
    const { neededBytes, freeBytes } = await sink.room();
    // Begun anew meanwhile, or over: then nobody waits for this disk.
    if (!record.isHeldBy('disk') || isOver()) return;
    record.hold('disk', { neededBytes, freeBytes });
    home.say({ type: 'pause', transfer: id, why: 'disk', neededBytes, freeBytes });
    show();
    this.#watch();
  }

  retry(): void {
    const { home, id, record, show, again } = this.#ports;
    if (!record.isHeldBy('disk')) return;
    this.stop();
    record.release('disk');
    home.say({ type: 'resume', transfer: id, why: 'disk' });
    again(this.#lost.splice(0));
    show();
  }

  /** The sender begins again and will send them anyway; whether the disk is full still, the next write tells. */
  forget(): void {
    this.stop();
    this.#lost.length = 0;
    this.#ports.record.release('disk');
  }

  stop(): void {
    this.#cancel?.();
  }

  #watch(): void {
    const { home, record, sink, guard, isOver, show } = this.#ports;
    this.stop();
    this.#cancel = home.clock.after(roomEveryMs, () => {
      void guard(async () => {
        const { neededBytes, freeBytes } = await sink.room();
        if (!record.isHeldBy('disk') || isOver()) return;
        if (freeBytes >= neededBytes) return this.retry();
        record.hold('disk', { neededBytes, freeBytes });
        show();
        this.#watch();
      });
    });
  }
}
