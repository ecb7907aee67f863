// The transfers of one link in both directions, by name: who is live, how the credit is shared, and how many that are over
// are remembered.

import type { TransferId } from '../shared/model/transfer.ts';
import { creditMaxBlocks, endedKeptMax, transfersMaxLive } from '../shared/wire/limits.ts';
import type { LanePool } from './lanes/lane-pool.ts';
import type { SourceFrom } from './ports.ts';
import type { BlockInbox } from './receive/frame-assembler.ts';
import { Incoming } from './receive/incoming-transfer.ts';
import { Outgoing } from './send/outgoing-transfer.ts';
import type { TransferHome } from './status/transfer-status.ts';

export class Transfers {
  readonly #pool: LanePool;
  readonly #inbox: BlockInbox;
  readonly #outgoing = new Map<TransferId, Outgoing>();
  readonly #incoming = new Map<TransferId, Incoming>();
  /** Those of earlier links that still have something under way at the host; whether anything is kept of them then. */
  readonly #leaving = new Map<TransferId, Promise<boolean>>();
  /** Of these, those of which the host may keep something only from now on. */
  readonly #new = new Set<Promise<boolean>>();

  constructor(pool: LanePool, inbox: BlockInbox) {
    this.#pool = pool;
    this.#inbox = inbox;
  }

  outgoing(id: TransferId): Outgoing | undefined {
    return this.#outgoing.get(id);
  }

  incoming(id: TransferId): Incoming | undefined {
    return this.#incoming.get(id);
  }

  find(id: TransferId): Outgoing | Incoming | undefined {
    return this.#outgoing.get(id) ?? this.#incoming.get(id);
  }

  sending(): Outgoing[] {
    return live(this.#outgoing);
  }

  receiving(): Incoming[] {
    return live(this.#incoming);
  }

  live(): (Outgoing | Incoming)[] {
    return [...this.sending(), ...this.receiving()];
  }

  all(): (Outgoing | Incoming)[] {
    return [...this.#outgoing.values(), ...this.#incoming.values()];
  }

  addOutgoing(home: TransferHome, id: TransferId, from: SourceFrom, secret: string): Outgoing {
    const outgoing = new Outgoing(home, id, home.disk.source(id, from), secret);
    this.#outgoing.set(id, outgoing);
    this.#pool.addSupply(outgoing.blocks);
    return outgoing;
  }

  addIncoming(home: TransferHome, id: TransferId): Incoming {
    const before = this.#incoming.get(id)?.left() ?? this.left(id);
    const incoming = new Incoming(home, id, home.disk.sink(id), this.#inbox, before);
    this.#incoming.delete(id);
    this.#incoming.set(id, incoming);
    for (const [oldest, { isOver }] of this.#incoming) {
      if (this.#incoming.size <= endedKeptMax) break;
      if (isOver) this.#incoming.delete(oldest);
    }
    return incoming;
  }

  /** Of those that are over, the newest: no more than the other side can have under way. */
  ended(): Outgoing[] {
    return [...this.#outgoing.values()].filter((one) => one.isOver).slice(-transfersMaxLive);
  }

  forgetAll(): void {
    for (const one of this.all()) this.#leave(one);
    for (const outgoing of this.#outgoing.values()) this.#pool.removeSupply(outgoing.blocks);
    this.#outgoing.clear();
    this.#incoming.clear();
  }

  /** Resolves when nothing of an earlier link touches this one at the host; whether anything is kept of it. */
  left(id: TransferId): Promise<boolean> {
    return this.#leaving.get(id) ?? Promise.resolve(true);
  }

  /** Resolves when what was accepted in the last moment of an earlier link is kept, and can be claimed. */
  async newlyKept(): Promise<void> {
    await Promise.all(this.#new);
  }

  #leave(one: Outgoing | Incoming): void {
    const leaving = this.left(one.id).then(() => one.left());
    this.#leaving.set(one.id, leaving);
    if (one instanceof Incoming && one.isNew) this.#new.add(leaving);
    void leaving.then(() => {
      this.#new.delete(leaving);
      if (this.#leaving.get(one.id) === leaving) this.#leaving.delete(one.id);
    });
  }

  /** Blocks that one incoming transfer may have in flight while others draw as well. */
  creditShare(): number {
    const drawing = [...this.#incoming.values()].filter((one) => one.isDrawing).length;
    return Math.max(2, Math.floor(creditMaxBlocks / Math.max(1, drawing)));
  }

  /** Of all offers that wait for an answer, as they came. */
  offeredBytes(): number {
    return this.receiving().reduce((sum, { offeredBytes }) => sum + offeredBytes, 0);
  }
}

function live<T extends { readonly isOver: boolean }>(transfers: ReadonlyMap<TransferId, T>): T[] {
  return [...transfers.values()].filter((one) => !one.isOver);
}
