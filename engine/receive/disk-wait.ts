// A disk that does not take what has to be written, because it is full, away, or will not: the sender is asked to wait, and it is
// tried again now and then, sooner where there is room. A person may try at once.

import { type FaultCode, isDiskFull, toFaultView } from '../../shared/model/fault.ts';
import type { PauseReason } from '../../shared/wire/control.ts';
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
  /** What the person here reads, as far as it is known by now. */
  #shownCode: FaultCode = 'disk-full';
  /** The reason that the sender was told last. */
  #told: PauseReason | undefined;
  /** Where it says what is missing. */
  #room: Room | undefined;
  #failedTries = 0;
  #cancel: (() => void) | undefined;

  constructor(parts: DiskWaitParts) {
    this.#parts = parts;
    this.#scope = new AttemptScope(parts.onBroken);
  }

  begin(code: FaultCode): void {
    const { status } = this.#parts;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#code = code;
    status.pause('disk', { code });
    this.#scope.run(async () => {
      const room = await this.#lookForRoom();
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
    const why = this.#reason();
    this.#told = why;
    context.send({ type: 'pause', transfer: status.id, why, ...(why === 'disk' ? this.#room : {}) });
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
    const why = this.#told;
    this.#told = undefined;
    const isStillPaused = why === 'person' && status.isPausedBy('us');
    if (why !== undefined && !isStillPaused) context.send({ type: 'resume', transfer: status.id, why });
    retry();
    status.show();
  }

  end(): void {
    this.#scope.abort();
    this.#cancel?.();
  }

  /** Nothing while the disk is away. */
  async #lookForRoom(): Promise<Room | undefined> {
    try {
      return await this.#scope.own(this.#parts.sink.room());
    } catch (error) {
      this.#scope.signal.throwIfAborted();
      if (toFaultView(error).code === 'disk-gone') return undefined;
      throw error;
    }
  }

  #show(room: Room | undefined): void {
    const isMissing = room !== undefined && room.neededBytes > room.freeBytes;
    const isFull = isMissing && (this.#code === 'disk-full' || this.#code === 'disk-gone');
    this.#room = isFull ? { neededBytes: room.neededBytes, freeBytes: room.freeBytes } : undefined;
    const code = room === undefined ? 'disk-gone' : isFull ? 'disk-full' : this.#code;
    this.#shownCode = code;
    this.#parts.status.pause('disk', this.#room === undefined ? { code } : { code, detail: this.#room });
  }

  /** A peer of the first version knows a full disk only, and for all else that somebody paused it. */
  #reason(): PauseReason {
    if (!this.#parts.context.knowsPauseReasons) return isDiskFull(this.#code) ? 'disk' : 'person';
    if (this.#shownCode === 'disk-gone') return 'folder';
    return isDiskFull(this.#shownCode) ? 'disk' : 'publish';
  }

  #watch(): void {
    const { context, status } = this.#parts;
    this.#cancel?.();
    const pauseMs = roomEveryMs * 2 ** Math.min(this.#failedTries, doublingsMax);
    this.#cancel = context.clock.after(pauseMs, () =>
      this.#scope.run(async () => {
        const room = await this.#lookForRoom();
        if (!this.#isWaiting) return;
        if (room !== undefined && room.freeBytes >= room.neededBytes) return this.retry();
        this.#show(room);
        if (this.#told !== this.#reason()) this.tell();
        status.show();
        this.#watch();
      }),
    );
  }
}
