// What the engine does again and again: hands blocks to the lanes when something stirred, once for all that stirred in one turn,
// and tells progress, and how many lanes would be good, for as long as anything moves.

import type { Clock } from '../shared/model/clock.ts';
import type { EngineEvent } from './commands.ts';
import { LaneWish } from './lanes/lane-count.ts';
import type { LanePool } from './lanes/lane-pool.ts';
import type { Transfers } from './transfers.ts';

const progressEveryMs = 100;

export type PulsePorts = {
  readonly clock: Clock;
  readonly pool: LanePool;
  readonly transfers: Transfers;
  readonly lanesMost: number;
  roundTripMs(): number | undefined;
  emit(event: EngineEvent): void;
};

export class Pulse {
  readonly #ports: PulsePorts;
  readonly #laneWish: LaneWish;
  #cancelTick: (() => void) | undefined;
  #isStirring = false;

  constructor(ports: PulsePorts) {
    this.#ports = ports;
    this.#laneWish = new LaneWish(ports.pool, ports.clock, ports.lanesMost);
  }

  stir(): void {
    if (this.#isStirring) return;
    this.#isStirring = true;
    queueMicrotask(() => {
      this.#isStirring = false;
      this.#ports.pool.pump();
      this.#cancelTick ??= this.#nextTick();
    });
  }

  stop(): void {
    this.#cancelTick?.();
  }

  #nextTick(): () => void {
    return this.#ports.clock.after(progressEveryMs, () => this.#tick());
  }

  #tick(): void {
    const { transfers, roundTripMs, emit } = this.#ports;
    const moving = transfers.live();
    this.#cancelTick = moving.length > 0 ? this.#nextTick() : undefined;
    const { lanes, wanted } = this.#laneWish.look(transfers.sending(), roundTripMs());
    const shown = transfers.all().filter((one) => !one.isOver || moving.length === 0);
    emit({ is: 'progress', transfers: shown.map(({ record }) => record.progress()), lanes });
    if (wanted !== undefined) emit({ is: 'want-lanes', count: wanted });
  }
}
