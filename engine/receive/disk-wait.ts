// A disk that does not take what has to be written: the sender is asked to wait, and it is tried again now and then, sooner where
// there is room. A person may try at once.

import { type FaultCode, isDiskFull } from '../../shared/model/fault.ts';
import { AttemptScope } from '../attempt-scope.ts';
import type { Sink } from '../ports.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';

const roomEveryMs = 5_000;
/** A quota and a full table of files look like room: each try that fails doubles the time to the next, this often. */
const doublingsMax = 4;

export type DiskWaitParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly sink: Sink;
  readonly onBroken: (error: unknown) => void;
  readonly retry: () => void;
};

type Room = { readonly neededBytes: number; readonly freeBytes: number };

export class DiskWait {
  readonly #parts: DiskWaitParts;
  readonly #scope: AttemptScope;
  #isWaiting = false;
  #code: FaultCode = 'disk-full';
  /** Where it says what is missing. */
  #room: Room | undefined;
  #failedTries = 0;
  #cancel: (() => void) | undefined;

  constructor(parts: DiskWaitParts) {
    this.#parts = parts;
    this.#scope = new AttemptScope(parts.onBroken);
  }

  begin(code: FaultCode): void {
    const { status, sink } = this.#parts;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#code = code;
    status.pause('disk', { code });
    this.#scope.run(async () => {
      const room = await this.#scope.own(sink.room());
      if (!this.#isWaiting) return;
      this.#show(room);
      this.tell();
      status.show();
      this.#watch();
    });
  }

  /** What the sender was told on an earlier control channel may be lost. */
  tell(): void {
    const { context, status } = this.#parts;
    if (!this.#isWaiting) return;
    if (isDiskFull(this.#code)) context.send({ type: 'pause', transfer: status.id, why: 'disk', ...this.#room });
    else context.send({ type: 'pause', transfer: status.id, why: 'person' });
  }

  /** Something was written. */
  progressed(): void {
    this.#failedTries = 0;
  }

  retry(): void {
    const { context, status, retry } = this.#parts;
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#cancel?.();
    this.#failedTries += 1;
    status.unpause('disk');
    if (isDiskFull(this.#code)) context.send({ type: 'resume', transfer: status.id, why: 'disk' });
    else if (!status.isPausedBy('us')) context.send({ type: 'resume', transfer: status.id, why: 'person' });
    retry();
    status.show();
  }

  end(): void {
    this.#scope.abort();
    this.#cancel?.();
  }

  #show({ neededBytes, freeBytes }: Room): void {
    const code = this.#code;
    this.#room = code === 'disk-full' && neededBytes > freeBytes ? { neededBytes, freeBytes } : undefined;
    this.#parts.status.pause('disk', this.#room === undefined ? { code } : { code, detail: this.#room });
  }

  #watch(): void {
    const { context, status, sink } = this.#parts;
    this.#cancel?.();
    const pauseMs = roomEveryMs * 2 ** Math.min(this.#failedTries, doublingsMax);
    this.#cancel = context.clock.after(pauseMs, () =>
      this.#scope.run(async () => {
        const room = await this.#scope.own(sink.room());
        if (!this.#isWaiting) return;
        if (room.freeBytes >= room.neededBytes) return this.retry();
        this.#show(room);
        status.show();
        this.#watch();
      }),
    );
  }
}
