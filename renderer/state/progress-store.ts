// Counters that change many times a second, apart from the app's state so that only the rows that show them redraw.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LaneSample, TransferId, TransferProgress } from '../../shared/model/transfer.ts';
import { beginEstimate, type Estimate, nextEstimate } from './estimate.ts';

/** One point per second in the speed graph. */
const graphEveryMs = 1_000;
const graphPoints = 60;
/** A bar that stands still for this long wants a word. */
const stillAfterMs = 5_000;

export type ProgressView = TransferProgress & {
  readonly smoothBytesPerSecond: number;
  readonly leftMs?: number;
  /** It should move, and nothing has come for a while: the other side is awaited. */
  readonly isStill: boolean;
  /** Bytes per second, oldest first. */
  readonly graph: readonly number[];
};

export type ProgressState = {
  readonly byId: ReadonlyMap<TransferId, ProgressView>;
  readonly lanes: readonly LaneSample[];
  readonly bytesPerSecond: number;
  /** Counts samples. What moves on the screen while bytes flow moves with it, and costs no frame of its own. */
  readonly beat: number;
};

export interface Progress {
  readonly store: StoreApi<ProgressState>;
  sample(transfers: readonly TransferProgress[], lanes: readonly LaneSample[]): void;
  /** Bytes move, or stopped to: what still lands of a transfer that rests counts, but has no speed. */
  move(id: TransferId): void;
  rest(id: TransferId): void;
}

type Track = { estimate: Estimate; graph: number[]; graphAtMs: number; movedAtMs: number };

export function openProgress(monotonicMs: () => number): Progress {
  const store = createStore<ProgressState>(() => ({ byId: new Map(), lanes: [], bytesPerSecond: 0, beat: 0 }));
  const tracks = new Map<TransferId, Track>();
  const moving = new Set<TransferId>();

  function view(progress: TransferProgress): ProgressView {
    if (!moving.has(progress.id)) return { ...progress, smoothBytesPerSecond: 0, isStill: false, graph: [] };
    const sample = { atMs: monotonicMs(), bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal };
    const { atMs } = sample;
    const track = tracks.get(progress.id) ?? {
      estimate: beginEstimate(sample),
      graph: [],
      graphAtMs: atMs,
      movedAtMs: atMs,
    };
    tracks.set(progress.id, track);
    if (sample.bytesDone !== track.estimate.bytesDone) track.movedAtMs = atMs;
    track.estimate = nextEstimate(track.estimate, sample);
    if (atMs - track.graphAtMs >= graphEveryMs) {
      track.graph = [...track.graph, track.estimate.bytesPerSecond].slice(-graphPoints);
      track.graphAtMs = atMs;
    }
    const { bytesPerSecond, leftMs } = track.estimate;
    const isStill = atMs - track.movedAtMs >= stillAfterMs;
    const shown = { ...progress, smoothBytesPerSecond: bytesPerSecond, isStill, graph: track.graph };
    return leftMs === undefined ? shown : { ...shown, leftMs };
  }

  return {
    store,
    sample(transfers, lanes) {
      store.setState((before) => {
        const byId = new Map(before.byId);
        for (const progress of transfers) byId.set(progress.id, view(progress));
        return { byId, lanes, bytesPerSecond: speedOf(byId, moving), beat: before.beat + 1 };
      });
    },
    move(id) {
      moving.add(id);
    },
    rest(id) {
      moving.delete(id);
      tracks.delete(id);
      store.setState((before) => {
        const held = before.byId.get(id);
        if (held === undefined) return before;
        const { leftMs: _, ...rest } = held;
        const byId = new Map(before.byId).set(id, { ...rest, smoothBytesPerSecond: 0, isStill: false });
        return { byId, bytesPerSecond: speedOf(byId, moving) };
      });
    },
  };
}

function speedOf(byId: ReadonlyMap<TransferId, ProgressView>, moving: ReadonlySet<TransferId>): number {
  let sum = 0;
  for (const id of moving) sum += byId.get(id)?.smoothBytesPerSecond ?? 0;
  return sum;
}
