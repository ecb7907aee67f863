// Counters that change many times a second, apart from the app's state so that only the rows that show them redraw.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LaneSample, TransferId, TransferProgress } from '../../shared/model/transfer.ts';
import { beginEstimate, type Estimate, nextEstimate, type Sample } from './estimate.ts';
import { LaneSpeeds } from './lane-speeds.ts';

/** Whoever asks for the counts finds new ones this often, and the eye sees them every second time: each drawing costs frames,
 * and those are time taken from the bytes. A little less than two and four of the engine's ticks, so that they always pass. */
const countEveryMs = 180;
const drawEveryMs = 380;
/** A speed that changes more often cannot be read. */
const speedEveryMs = 1_000;
/** A bar that stands still for this long wants a word. */
const stillAfterMs = 5_000;

export type ProgressView = TransferProgress & {
  readonly smoothBytesPerSecond: number;
  readonly leftMs?: number;
  /** It should move, and nothing has come for a while. */
  readonly isStill: boolean;
};

export type ProgressState = {
  readonly byId: ReadonlyMap<TransferId, ProgressView>;
  /** The same for the eye. */
  readonly drawn: ReadonlyMap<TransferId, ProgressView>;
  readonly lanes: readonly LaneSample[];
  readonly bytesPerSecond: number;
  /** Counts what was drawn. What waves on the screen while bytes flow moves with it, and costs no frame of its own. */
  readonly beat: number;
};

export interface Progress {
  readonly store: StoreApi<ProgressState>;
  sample(transfers: readonly TransferProgress[], lanes: readonly LaneSample[]): void;
  /** Bytes move, or stopped to: what still lands of a transfer that rests counts, but has no speed. */
  move(id: TransferId): void;
  rest(id: TransferId): void;
}

type Track = { estimate: Estimate; shownSpeed: number; shownAtMs: number; movedAtMs: number };

export function openProgress(monotonicMs: () => number): Progress {
  const store = createStore<ProgressState>(() => ({
    byId: new Map(),
    drawn: new Map(),
    lanes: [],
    bytesPerSecond: 0,
    beat: 0,
  }));
  const tracks = new Map<TransferId, Track>();
  const moving = new Set<TransferId>();
  const waiting = new Map<TransferId, TransferProgress>();
  const laneSpeeds = new LaneSpeeds(speedEveryMs);
  let lanes: readonly LaneSample[] = [];
  let countedAtMs = Number.NEGATIVE_INFINITY;
  let drawnAtMs = Number.NEGATIVE_INFINITY;

  function view(progress: TransferProgress): ProgressView {
    if (!moving.has(progress.id)) return { ...progress, smoothBytesPerSecond: 0, isStill: false };
    const sample = { atMs: monotonicMs(), bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal };
    const { atMs } = sample;
    const track = tracks.get(progress.id) ?? beginTrack(sample);
    tracks.set(progress.id, track);
    if (sample.bytesDone !== track.estimate.bytesDone) track.movedAtMs = atMs;
    track.estimate = nextEstimate(track.estimate, sample);
    const { bytesPerSecond, leftMs } = track.estimate;
    if (atMs - track.shownAtMs >= speedEveryMs && bytesPerSecond > 0) {
      track.shownSpeed = bytesPerSecond;
      track.shownAtMs = atMs;
    }
    const isStill = atMs - track.movedAtMs >= stillAfterMs;
    // What comes next says how fast it goes, and not the pause before it.
    if (isStill) tracks.set(progress.id, { ...beginTrack(sample), movedAtMs: track.movedAtMs });
    const shown = { ...progress, smoothBytesPerSecond: isStill ? 0 : track.shownSpeed, isStill };
    return isStill || leftMs === undefined ? shown : { ...shown, leftMs };
  }

  function count(): void {
    countedAtMs = monotonicMs();
    const isDrawn = moving.size === 0 || countedAtMs - drawnAtMs >= drawEveryMs;
    if (isDrawn) drawnAtMs = countedAtMs;
    store.setState((before) => {
      const byId = new Map(before.byId);
      for (const progress of waiting.values()) {
        byId.set(progress.id, view(progress));
      }
      const counted = { byId, lanes };
      // The speed of all together with the speeds of the rows: of one row alone it is the same number.
      const seen = { bytesPerSecond: speedOf(byId, moving), drawn: byId, beat: before.beat + 1 };
      return isDrawn ? { ...counted, ...seen } : counted;
    });
    waiting.clear();
  }

  return {
    store,
    sample(transfers, sampledLanes) {
      for (const progress of transfers) waiting.set(progress.id, progress);
      lanes = moving.size === 0 ? atRest(sampledLanes) : laneSpeeds.next(sampledLanes, monotonicMs());
      // While something moves there is a next sample; without it this may be the last word.
      if (moving.size === 0 || monotonicMs() - countedAtMs >= countEveryMs) count();
    },
    move(id) {
      moving.add(id);
    },
    rest(id) {
      if (waiting.size > 0) count();
      moving.delete(id);
      tracks.delete(id);
      if (moving.size === 0) {
        laneSpeeds.rest();
        lanes = atRest(lanes);
      }
      store.setState((before) => {
        const shown = before.byId.get(id);
        if (shown === undefined) return { ...before, lanes };
        const { leftMs: _, ...rest } = shown;
        const byId = new Map(before.byId).set(id, { ...rest, smoothBytesPerSecond: 0, isStill: false });
        return { byId, drawn: byId, lanes, bytesPerSecond: speedOf(byId, moving) };
      });
    },
  };
}

function beginTrack(sample: Sample): Track {
  return {
    estimate: beginEstimate(sample),
    shownSpeed: 0,
    shownAtMs: Number.NEGATIVE_INFINITY,
    movedAtMs: sample.atMs,
  };
}

function atRest(lanes: readonly LaneSample[]): LaneSample[] {
  return lanes.map((lane) => ({ ...lane, bytesPerSecond: 0 }));
}

function speedOf(byId: ReadonlyMap<TransferId, ProgressView>, moving: ReadonlySet<TransferId>): number {
  let sum = 0;
  for (const id of moving) sum += byId.get(id)?.smoothBytesPerSecond ?? 0;
  return sum;
}
