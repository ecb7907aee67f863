// The transfers of one link in both directions, by id: which are live, how the credit is shared, and how many that are over are
// remembered.

import type { TransferId } from '../shared/model/transfer.ts';
import { endedKeptMax, offersMaxBytes, transfersMaxLive } from '../shared/wire/limits.ts';
import type { LanePool } from './lanes/lane-pool.ts';
import type { SourceFrom } from './ports.ts';
import type { FrameAssembler } from './receive/frame-assembler.ts';
import { IncomingTransfer } from './receive/incoming-transfer.ts';
import { OutgoingTransfer } from './send/outgoing-transfer.ts';
import type { TransferContext } from './status/transfer-status.ts';

export type Transfer = OutgoingTransfer | IncomingTransfer;

export class Transfers {
  readonly #pool: LanePool;
  readonly #assembler: FrameAssembler;
  readonly #outgoing = new Map<TransferId, OutgoingTransfer>();
  readonly #incoming = new Map<TransferId, IncomingTransfer>();
  /** Those of earlier links that still have something under way at the host; whether anything is kept of them then. */
  readonly #leaving = new Map<TransferId, Promise<boolean>>();
  /** Of these, those of which the host may keep something only from now on. */
  readonly #newlyKept = new Set<Promise<boolean>>();

  constructor(pool: LanePool, assembler: FrameAssembler) {
    this.#pool = pool;
    this.#assembler = assembler;
  }

  outgoing(id: TransferId): OutgoingTransfer | undefined {
    return this.#outgoing.get(id);
  }

  incoming(id: TransferId): IncomingTransfer | undefined {
    return this.#incoming.get(id);
  }

  find(id: TransferId): Transfer | undefined {
    return this.#outgoing.get(id) ?? this.#incoming.get(id);
  }

  sending(): OutgoingTransfer[] {
    return live(this.#outgoing);
  }

  receiving(): IncomingTransfer[] {
    return live(this.#incoming);
  }

  live(): Transfer[] {
    return [...this.sending(), ...this.receiving()];
  }

  all(): Transfer[] {
    return [...this.#outgoing.values(), ...this.#incoming.values()];
  }

  addOutgoing(context: TransferContext, id: TransferId, from: SourceFrom, secret: string): OutgoingTransfer {
    const source = context.disk.source(id, from);
    const outgoing = new OutgoingTransfer({ context, id, source, secret, isKept: from.is === 'kept' });
    this.#outgoing.set(id, outgoing);
    this.#pool.addSupply(outgoing);
    return outgoing;
  }

  /** `keptSecret`: of one from the host's records. */
  addIncoming(context: TransferContext, id: TransferId, keptSecret?: string): IncomingTransfer {
    const after = this.#incoming.get(id)?.putAway() ?? this.left(id);
    const sink = context.disk.sink(id);
    const incoming = new IncomingTransfer({ context, id, sink, assembler: this.#assembler, after, keptSecret });
    this.#incoming.delete(id);
    this.#incoming.set(id, incoming);
    for (const [oldest, { isOver }] of this.#incoming) {
      if (this.#incoming.size <= endedKeptMax) break;
      if (isOver && oldest !== id) this.#incoming.delete(oldest);
    }
    this.#forgetOldLists();
    return incoming;
  }

  /** Of those that failed and may go on. They do so without it: what could not be read of them is only not named any more. */
  #forgetOldLists(): void {
    let bytes = 0;
    for (const one of [...this.#incoming.values()].reverse()) {
      if (!one.isOver) continue;
      bytes += one.listBytes;
      if (bytes > offersMaxBytes) one.forgetList();
    }
  }

  /** Of the outgoing ones that are over, the newest: no more than the other side can have under way. */
  ended(): OutgoingTransfer[] {
    return [...this.#outgoing.values()].filter((one) => one.isOver).slice(-transfersMaxLive);
  }

  /** Returns which these were. */
  leaveAll(): TransferId[] {
    const left = this.all();
    for (const one of left) this.#leave(one);
    for (const outgoing of this.#outgoing.values()) this.#pool.removeSupply(outgoing);
    this.#outgoing.clear();
    this.#incoming.clear();
    return left.map(({ id }) => id);
  }

  /** Resolves when nothing of an earlier link touches this one at the host; whether anything is kept of it. */
  left(id: TransferId): Promise<boolean> {
    return this.#leaving.get(id) ?? Promise.resolve(true);
  }

  /** Resolves when what was accepted in the last moment of an earlier link is kept, and can be proven. */
  async newlyKept(): Promise<void> {
    await Promise.all(this.#newlyKept);
  }

  /** Blocks that one incoming transfer may have in flight while others draw as well, of so many for all of them. */
  creditShare(blocks: number): number {
    const drawing = [...this.#incoming.values()].filter((one) => one.isDrawingCredit).length;
    return Math.max(2, Math.floor(blocks / Math.max(1, drawing)));
  }

  /** Bytes of all offers that wait for an answer, as they came. */
  offeredBytes(): number {
    return this.receiving().reduce((sum, { offeredBytes }) => sum + offeredBytes, 0);
  }

  #leave(one: Transfer): void {
    const leaving = this.left(one.id).then(() => one.putAway());
    this.#leaving.set(one.id, leaving);
    if (one instanceof IncomingTransfer && one.isNew) this.#newlyKept.add(leaving);
    void leaving.then(() => {
      this.#newlyKept.delete(leaving);
      if (this.#leaving.get(one.id) === leaving) this.#leaving.delete(one.id);
    });
  }
}

function live<T extends { readonly isOver: boolean }>(transfers: ReadonlyMap<TransferId, T>): T[] {
  return [...transfers.values()].filter((one) => !one.isOver);
}
