// A full disk at the receiver: the sender is asked to wait, room is checked now and then, and what was lost with the writes is
// asked for again. A person may try sooner. Belongs to one attempt: the next one sends everything that is missing anyway.

import type { FaultCode } from '../../shared/model/fault.ts';
import type { AttemptScope } from '../attempt-scope.ts';
import type { Sink } from '../ports.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';

const roomEveryMs = 5_000;
const diskCodes: ReadonlySet<FaultCode> = new Set<FaultCode>(['disk-full', 'disk-quota']);

export function isDiskFull(code: FaultCode): boolean {
  return diskCodes.has(code);
}

export type DiskWaitParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly sink: Sink;
  readonly scope: AttemptScope;
  /** Asks the sender for these once more. */
  readonly requestAgain: (blocks: readonly number[]) => void;
};

export class DiskWait {
  readonly #parts: DiskWaitParts;
  /** Blocks whose write found the disk full. Their bytes went with the write; the sender still has them. */
  readonly #lost: number[] = [];
  #cancel: (() => void) | undefined;

  constructor(parts: DiskWaitParts) {
    this.#parts = parts;
  }

  async full(block: number): Promise<void> {
    const { context, status, sink, scope } = this.#parts;
    this.#lost.push(block);
    if (status.isPausedBy('disk')) return;
    status.pause('disk', { neededBytes: 0, freeBytes: 0 });
    const { neededBytes, freeBytes } = await scope.own(sink.room());
    if (!status.isPausedBy('disk')) return;
    status.pause('disk', { neededBytes, freeBytes });
    context.send({ type: 'pause', transfer: status.id, why: 'disk', neededBytes, freeBytes });
    status.show();
    this.#watch();
  }

  retry(): void {
    const { context, status, requestAgain } = this.#parts;
    if (!status.isPausedBy('disk')) return;
    this.stop();
    status.unpause('disk');
    context.send({ type: 'resume', transfer: status.id, why: 'disk' });
    requestAgain(this.#lost.splice(0));
    status.show();
  }

  stop(): void {
    this.#cancel?.();
  }

  #watch(): void {
    const { context, status, sink, scope } = this.#parts;
    this.stop();
    this.#cancel = context.clock.after(roomEveryMs, () =>
      scope.run(async () => {
        const { neededBytes, freeBytes } = await scope.own(sink.room());
        if (!status.isPausedBy('disk')) return;
        if (freeBytes >= neededBytes) return this.retry();
        status.pause('disk', { neededBytes, freeBytes });
        status.show();
        this.#watch();
      }),
    );
  }
}
