// How many lanes would be good now: feeds the governor with what was sent since the last sample.

import type { Clock } from '../../shared/model/clock.ts';
import type { LaneSample } from '../../shared/model/transfer.ts';
import { type Governor, governorAtRest, lanesWanted, nextGovernor } from './lane-governor.ts';
import type { LanePool } from './lane-pool.ts';

export type SendingNow = { readonly remainingBytes: number; readonly isWaitingForLane: boolean };

export type LaneCountSample = {
  readonly lanes: readonly LaneSample[];
  /** Present when it is another number than the last time. */
  readonly wanted: number | undefined;
};

export class LaneCount {
  readonly #pool: LanePool;
  readonly #clock: Clock;
  readonly #max: number;
  #governor: Governor = governorAtRest;
  #bufferedBytes = 0;
  #sampledAtMs = 0;
  #wanted = 1;

  constructor(pool: LanePool, clock: Clock, max: number) {
    this.#pool = pool;
    this.#clock = clock;
    this.#max = max;
  }

  /** Another link: it has one lane, and leads somewhere else. Answers with how many are wanted, where that is another number now. */
  restart(): number | undefined {
    const isNew = this.#wanted !== 1;
    this.#governor = governorAtRest;
    this.#wanted = 1;
    this.#bufferedBytes = 0;
    this.#sampledAtMs = this.#clock.now();
    return isNew ? 1 : undefined;
  }

  sample(sending: readonly SendingNow[], roundTripMs: number | undefined): LaneCountSample {
    const now = this.#clock.now();
    const elapsedMs = Math.max(1, now - this.#sampledAtMs);
    this.#sampledAtMs = now;
    const samples = this.#pool.samples();
    const sent = samples.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    const buffered = samples.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
    this.#governor = nextGovernor(this.#governor, {
      elapsedMs,
      bytes: Math.max(0, sent + this.#bufferedBytes - buffered),
      remainingBytes: sending.reduce((sum, one) => sum + one.remainingBytes, 0),
      lanes: samples.filter(({ state }) => state === 'used').length,
      isDraining: samples.some(({ state }) => state === 'retiring'),
      busy: sending.some((one) => one.isWaitingForLane),
      roundTripMs,
    });
    this.#bufferedBytes = buffered;
    const count = Math.min(lanesWanted(this.#governor), this.#max);
    const isNew = count !== this.#wanted;
    this.#wanted = count;
    return {
      lanes: samples.map(({ connection, sentBytes, bufferedBytes }) => ({
        lane: connection,
        bytesPerSecond: Math.round((sentBytes * 1000) / elapsedMs),
        bufferedBytes,
      })),
      wanted: isNew ? count : undefined,
    };
  }
}
