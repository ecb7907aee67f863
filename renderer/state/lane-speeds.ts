// The speeds of lanes as people can read them: smoothed as those of transfers are, and another number once a second at most. What the
// engine says is what went out since it said so last: a burst, or nothing.

import type { LaneSample } from '../../shared/model/transfer.ts';
import { beginEstimate, type Estimate, nextEstimate } from './estimate.ts';

type Track = { estimate: Estimate; shown: number };

export class LaneSpeeds {
  readonly #everyMs: number;
  readonly #tracks = new Map<number, Track>();
  #shownAtMs = Number.NEGATIVE_INFINITY;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  next(samples: readonly LaneSample[], atMs: number): LaneSample[] {
    const isShown = atMs - this.#shownAtMs >= this.#everyMs;
    const speeds = samples.map((sample) => {
      const track = this.#track(sample, atMs);
      if (isShown) track.shown = Math.round(track.estimate.bytesPerSecond);
      return { ...sample, bytesPerSecond: track.shown };
    });
    if (isShown && speeds.some(({ bytesPerSecond }) => bytesPerSecond > 0)) this.#shownAtMs = atMs;
    return speeds;
  }

  /** Nothing moves. */
  rest(): void {
    this.#tracks.clear();
    this.#shownAtMs = Number.NEGATIVE_INFINITY;
  }

  #track({ bytesPerSecond, lane }: LaneSample, atMs: number): Track {
    const before = this.#tracks.get(lane);
    const { estimate } = before ?? { estimate: beginEstimate({ atMs, bytesDone: 0, bytesTotal: 0 }) };
    const bytesDone = estimate.bytesDone + (bytesPerSecond * (atMs - estimate.atMs)) / 1000;
    const track = {
      estimate: nextEstimate(estimate, { atMs, bytesDone, bytesTotal: bytesDone }),
      shown: before?.shown ?? 0,
    };
    this.#tracks.set(lane, track);
    return track;
  }
}
