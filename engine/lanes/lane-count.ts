// How many lanes would be good now: the governor, fed with what went out since the last look.

import type { Clock } from '../../shared/model/clock.ts';
import type { LaneSample } from '../../shared/model/transfer.ts';
import { type Governor, governorAtRest, lanesWanted, nextGovernor } from './lane-governor.ts';
import type { LanePool } from './lane-pool.ts';

export type Sending = { readonly remainingBytes: number; readonly isHungry: boolean };

export type Look = {
  readonly lanes: LaneSample[];
  /** Present when it is another number than the last time. */
  readonly wanted: number | undefined;
};

export class LaneWish {
  readonly #pool: LanePool;
  readonly #clock: Clock;
  readonly #most: number;
  #governor: Governor = governorAtRest;
  #bufferedBytes = 0;
  #lookedAtMs = 0;
  #wanted = 1;

  constructor(pool: LanePool, clock: Clock, most: number) {
    this.#pool = pool;
    this.#clock = clock;
    this.#most = most;
  }

  look(sending: readonly Sending[], roundTripMs: number | undefined): Look {
    const now = this.#clock.now();
    const elapsedMs = Math.max(1, now - this.#lookedAtMs);
    this.#lookedAtMs = now;
    const samples = this.#pool.samples();
    const put = samples.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    const buffered = samples.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
    this.#governor = nextGovernor(this.#governor, {
      elapsedMs,
      bytes: Math.max(0, put + this.#bufferedBytes - buffered),
      remainingBytes: sending.reduce((sum, one) => sum + one.remainingBytes, 0),
      lanes: samples.filter(({ duty }) => duty === 'fed').length,
      isDraining: samples.some(({ duty }) => duty === 'retiring'),
      busy: sending.some((one) => one.isHungry),
      roundTripMs,
    });
    this.#bufferedBytes = buffered;
    const count = Math.min(lanesWanted(this.#governor), this.#most);
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
