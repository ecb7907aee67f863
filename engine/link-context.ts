// The link as its transfers see it, for as long as it leads to one peer.

import type { Clock } from '../shared/model/clock.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import type { TransferId } from '../shared/model/transfer.ts';
import type { ControlMessage } from '../shared/wire/control.ts';
import { creditMaxBlocks, digestTurnMs, directCreditMaxBlocks, longDigestsMax } from '../shared/wire/limits.ts';
import type { EngineEvent } from './commands.ts';
import type { DirectLane } from './lanes/direct-lane.ts';
import type { Disk } from './ports.ts';
import type { PeerSession } from './session/session.ts';
import type { TransferContext } from './status/transfer-status.ts';
import type { Transfers } from './transfers.ts';

export type LinkContextParts = {
  readonly connection: ConnectionId;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly session: PeerSession;
  readonly transfers: Transfers;
  readonly ticker: { schedule(): void };
  readonly directLane: DirectLane | undefined;
  readonly emit: (event: EngineEvent) => void;
};

export class LinkContext implements TransferContext {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly emit: (event: EngineEvent) => void;
  readonly connection: ConnectionId;
  peer = { name: '', checked: false };
  claimsSent: Promise<void> = Promise.resolve();
  takesThumbnails = false;
  knowsPauseReasons = false;
  readonly #parts: LinkContextParts;
  readonly #closed = new AbortController();
  #control = new AbortController();
  #lastDigest: Promise<void> = Promise.resolve();
  #longDigests = 0;

  constructor(parts: LinkContextParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.disk = parts.disk;
    this.emit = parts.emit;
    this.connection = parts.connection;
  }

  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  get controlSignal(): AbortSignal {
    return this.#control.signal;
  }

  /** The link runs over another control channel. */
  controlChanged(): void {
    this.#control.abort();
    this.#control = new AbortController();
  }

  /** There is another peer. */
  close(): void {
    this.#closed.abort();
    this.#control.abort();
  }

  send(message: ControlMessage): void {
    if (!this.signal.aborted && this.#parts.session.isOpen) this.#parts.session.send(message);
  }

  whenRoom(signal: AbortSignal): Promise<void> {
    return this.#parts.session.whenRoom(signal);
  }

  violation(why: string): void {
    if (!this.signal.aborted) this.#parts.session.violation(why);
  }

  schedule(): void {
    this.#parts.ticker.schedule();
  }

  async digestInTurn<T>(answer: () => Promise<T>): Promise<T> {
    const before = this.#lastDigest;
    const { promise, resolve: passOn } = Promise.withResolvers<void>();
    this.#lastDigest = promise;
    await before;
    let isLong = false;
    const cancel = this.clock.after(digestTurnMs, () => {
      if (this.#longDigests === longDigestsMax) return;
      this.#longDigests += 1;
      isLong = true;
      passOn();
    });
    try {
      return await answer();
    } finally {
      cancel();
      if (isLong) this.#longDigests -= 1;
      passOn();
    }
  }

  get hasDirectLane(): boolean {
    return this.#parts.directLane?.isUsed ?? false;
  }

  expectDirect(transfer: TransferId, attemptId: number): void {
    this.#parts.directLane?.expect(transfer, attemptId);
  }

  creditShare(): number {
    return this.#parts.transfers.creditShare(this.hasDirectLane ? directCreditMaxBlocks : creditMaxBlocks);
  }

  offeredBytes(): number {
    return this.#parts.transfers.offeredBytes();
  }
}
