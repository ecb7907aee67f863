// Counters that change many times a second, apart from the app's state so that only the rows that show them redraw.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LaneSample, TransferId, TransferProgress } from '../../shared/model/transfer.ts';
import { beginEstimate, type Estimate, nextEstimate } from './estimate.ts';

/** One point per second in the speed graph. */
const graphEveryMs = 1_000;
const graphPoints = 60;

export type ProgressView = TransferProgress & {
  readonly smoothBytesPerSecond: number;
  readonly leftMs?: number;
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
  /** The transfer stopped or starts anew: its speed is history. */
  rest(id: TransferId): void;
}

type Track = { estimate: Estimate; graph: number[]; graphAtMs: number };

export function openProgress(monotonicMs: () => number): Progress {
  const store = createStore<ProgressState>(() => ({ byId: new Map(), lanes: [], bytesPerSecond: 0, beat: 0 }));
  const tracks = new Map<TransferId, Track>();

  function view(progress: TransferProgress): ProgressView {
    const sample = { atMs: monotonicMs(), bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal };
    const track = tracks.get(progress.id) ?? { estimate: beginEstimate(sample), graph: [], graphAtMs: sample.atMs };
    tracks.set(progress.id, track);
    track.estimate = nextEstimate(track.estimate, sample);
    if (sample.atMs - track.graphAtMs >= graphEveryMs) {
      track.graph = [...track.graph, track.estimate.bytesPerSecond].slice(-graphPoints);
      track.graphAtMs = sample.atMs;
    }
    const { bytesPerSecond, leftMs } = track.estimate;
    const shown = { ...progress, smoothBytesPerSecond: bytesPerSecond, graph: track.graph };
    return leftMs === undefined ? shown : { ...shown, leftMs };
  }

  return {
    store,
    sample(transfers, lanes) {
      store.setState((before) => {
        const byId = new Map(before.byId);
        for (const progress of transfers) byId.set(progress.id, view(progress));
        return { byId, lanes, bytesPerSecond: speedOf(byId, tracks), beat: before.beat + 1 };
      });
    },
    rest(id) {
      tracks.delete(id);
      store.setState((before) => {
        const held = before.byId.get(id);
        if (held === undefined) return before;
        const { leftMs: _, ...rest } = held;
        const byId = new Map(before.byId).set(id, { ...rest, smoothBytesPerSecond: 0 });
        return { byId, bytesPerSecond: speedOf(byId, tracks) };
      });
    },
  };
}

function speedOf(byId: ReadonlyMap<TransferId, ProgressView>, moving: ReadonlyMap<TransferId, unknown>): number {
  let sum = 0;
  for (const id of moving.keys()) sum += byId.get(id)?.smoothBytesPerSecond ?? 0;
  return sum;
}
