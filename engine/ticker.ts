// What the engine does again and again: gives blocks to the lanes when something changed, once for all changes of one turn, and
// reports progress and how many lanes would be good, for as long as anything moves.

import type { Clock } from '../shared/model/clock.ts';
import type { EngineEvent } from './commands.ts';
import { LaneCount } from './lanes/lane-count.ts';
import type { LanePool } from './lanes/lane-pool.ts';
import type { PeerSession } from './session/session.ts';
import type { Transfers } from './transfers.ts';

const progressEveryMs = 100;

export type TickerParts = {
  readonly clock: Clock;
  readonly pool: LanePool;
  readonly transfers: Transfers;
  readonly session: PeerSession;
  readonly lanesMost: number;
  readonly emit: (event: EngineEvent) => void;
};

export class Ticker {
  readonly #parts: TickerParts;
  readonly #laneCount: LaneCount;
  #cancelTick: (() => void) | undefined;
  #isScheduled = false;

  constructor(parts: TickerParts) {
    this.#parts = parts;
    this.#laneCount = new LaneCount(parts.pool, parts.clock, parts.lanesMost);
  }

  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#parts.pool.pump();
      this.#cancelTick ??= this.#nextTick();
    });
  }

  /** Another link: what the last one needed says nothing about it. The page may hear of that only now, and take it for this one's. */
  restart(): void {
    this.#report(this.#laneCount.restart());
  }

  stop(): void {
    this.#cancelTick?.();
  }

  #nextTick(): () => void {
    return this.#parts.clock.after(progressEveryMs, () => this.#tick());
  }

  #tick(): void {
    const { transfers, session, emit } = this.#parts;
    const moving = transfers.live();
    this.#cancelTick = moving.length > 0 ? this.#nextTick() : undefined;
    const { lanes, wanted } = this.#laneCount.sample(transfers.sending(), session.roundTripMs);
    const shown = transfers.all().filter((one) => !one.isOver || moving.length === 0);
    emit({ is: 'progress', transfers: shown.map(({ status }) => status.progress()), lanes });
    this.#report(wanted);
  }

  #report(wanted: number | undefined): void {
    if (wanted !== undefined) this.#parts.emit({ is: 'want-lanes', count: wanted });
  }
}
