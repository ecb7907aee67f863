// The transfers of one link in both directions, by name: who is live, how the credit is shared, and how many that are over
// are remembered.

import type { TransferId } from '../model/transfer.ts';
import { creditMaxBlocks, endedKeptMax } from '../wire/limits.ts';
import type { BlockInbox } from './block-inbox.ts';
import type { LanePool } from './lane-pool.ts';
import type { SourceFrom } from './ports.ts';
import { Incoming } from './run-receive.ts';
import { Outgoing } from './run-send.ts';
import type { TransferHome } from './transfer-record.ts';

export class Transfers {
  readonly #pool: LanePool;
  readonly #inbox: BlockInbox;
  readonly #outgoing = new Map<TransferId, Outgoing>();
  readonly #incoming = new Map<TransferId, Incoming>();

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
    this.#pool.addSupply(outgoing);
    return outgoing;
  }

  addIncoming(home: TransferHome, id: TransferId): Incoming {
    const incoming = new Incoming(home, id, home.disk.sink(id), this.#inbox);
    this.#incoming.set(id, incoming);
    for (const [oldest, { isOver }] of this.#incoming) {
      if (this.#incoming.size <= endedKeptMax) break;
      if (isOver) this.#incoming.delete(oldest);
    }
    return incoming;
  }

  forgetAll(): void {
    for (const outgoing of this.#outgoing.values()) this.#pool.removeSupply(outgoing);
    this.#outgoing.clear();
    this.#incoming.clear();
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
