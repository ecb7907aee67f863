// How many lanes to ask for: hill-climbing on measured throughput, with hysteresis. Pure; one `next` per sample.
// Judges only whole windows in which every lane was open and always had something to send.

import { lanesMax } from '../../shared/wire/limits.ts';

/** What the count before the present one brought, and which way the present one lies. */
type Before = {
  readonly lanes: number;
  readonly rate: number;
  readonly way: 'more' | 'fewer';
  readonly gained: boolean;
};

export type Governor =
  | { readonly at: 'idle' }
  | {
      readonly at: 'measuring';
      readonly want: number;
      readonly before?: Before;
      readonly elapsedMs: number;
      readonly bytes: number;
      /** How long lanes have been missing, or the lanes had nothing to send. */
      readonly missingMs: number;
      readonly quietMs: number;
      readonly restMs: number;
    }
  | {
      readonly at: 'settled';
      readonly want: number;
      readonly sinceMs: number;
      readonly quietMs: number;
      /** How long to leave it alone; doubles every time another look changed nothing. */
      readonly restMs: number;
    };

/** `lanes` is how many are fed now; `busy` means that blocks were waiting for a lane when the sample was taken. */
export type LaneMeasure = {
  readonly elapsedMs: number;
  /** Bytes that left the send buffers, not bytes put into them. */
  readonly bytes: number;
  readonly remainingBytes: number;
  readonly lanes: number;
  /** Lanes that are given up still bring in what they carry: that says nothing about those that stay. */
  readonly isDraining: boolean;
  readonly busy: boolean;
  readonly roundTripMs: number | undefined;
};

/** Below this there is no time for another connection to pay for itself. */
const worthLanesBytes = 16 * 1024 * 1024;
/** Near, one is as fast as several where the machine is what limits. */
const firstLanesOnLan = 1;
/** Far away each lane is held back by its own congestion window, and more of them are better for certain. */
const farMs = 15;
/** Slow start of the newest lane is over. */
const settleMs = 1_000;
const windowMs = 1_500;
/** More lanes must bring this much to stay; fewer may cost this much. */
const gain = 1.08;
const cost = 0.96;
const step = 2;
/** A lane that has not opened by then will not. */
const missingMaxMs = 5_000;
const firstRestMs = 30_000;
const quietBeforeIdleMs = 20_000;

export const governorAtRest: Governor = { at: 'idle' };

export function lanesWanted(state: Governor): number {
  return state.at === 'idle' ? 1 : state.want;
}

export function nextGovernor(state: Governor, sample: LaneMeasure): Governor {
  const isWorth = sample.busy && sample.remainingBytes >= worthLanesBytes;
  if (state.at === 'idle') {
    // One lane is there already; until it is known how far they reach, no more.
    if (!isWorth || sample.roundTripMs === undefined) return state;
    return measure(sample.roundTripMs >= farMs ? lanesMax : firstLanesOnLan, undefined, firstRestMs);
  }
  if (!sample.busy) {
    const quietMs = state.quietMs + sample.elapsedMs;
    if (quietMs >= quietBeforeIdleMs) return governorAtRest;
    return state.at === 'settled' ? { ...state, quietMs } : { ...state, quietMs, elapsedMs: 0, bytes: 0 };
  }
  if (state.at === 'settled') {
    const sinceMs = state.sinceMs + sample.elapsedMs;
    if (sinceMs < state.restMs || !isWorth) return { ...state, sinceMs, quietMs: 0 };
    return measure(state.want, undefined, state.restMs * 2);
  }
  return watch(state, sample);
}

function watch(state: Extract<Governor, { at: 'measuring' }>, sample: LaneMeasure): Governor {
  if (sample.lanes < state.want) {
    const missingMs = state.missingMs + sample.elapsedMs;
    if (missingMs >= missingMaxMs) return settle(Math.max(1, sample.lanes), state.restMs);
    return { ...state, missingMs, quietMs: 0, elapsedMs: 0, bytes: 0 };
  }
  if (sample.isDraining) return { ...state, missingMs: 0, quietMs: 0, elapsedMs: 0, bytes: 0 };
  const elapsedMs = state.elapsedMs + sample.elapsedMs;
  const bytes = elapsedMs <= settleMs ? 0 : state.bytes + sample.bytes;
  if (elapsedMs < settleMs + windowMs) return { ...state, elapsedMs, bytes, missingMs: 0, quietMs: 0 };
  return judge(state, bytes / (elapsedMs - settleMs));
}

function judge({ want, before, restMs }: Extract<Governor, { at: 'measuring' }>, rate: number): Governor {
  if (before === undefined) {
    const way = want < lanesMax ? 'more' : 'fewer';
    return measure(stepFrom(want, way), { lanes: want, rate, way, gained: false }, restMs);
  }
  if (before.way === 'more') {
    if (rate >= before.rate * gain) {
      if (want >= lanesMax) return settle(want, firstRestMs);
      return measure(stepFrom(want, 'more'), { lanes: want, rate, way: 'more', gained: true }, firstRestMs);
    }
    if (before.gained || before.lanes === 1) return settle(before.lanes, restMs);
    return measure(stepFrom(before.lanes, 'fewer'), { ...before, way: 'fewer' }, restMs);
  }
  if (rate < before.rate * cost) return settle(before.lanes, restMs);
  if (want === 1) return settle(1, firstRestMs);
  return measure(stepFrom(want, 'fewer'), { lanes: want, rate, way: 'fewer', gained: true }, firstRestMs);
}

function stepFrom(lanes: number, way: 'more' | 'fewer'): number {
  return way === 'more' ? Math.min(lanesMax, lanes + step) : Math.max(1, lanes - step);
}

function measure(want: number, before: Before | undefined, restMs: number): Governor {
  const fresh = { at: 'measuring', want, elapsedMs: 0, bytes: 0, missingMs: 0, quietMs: 0, restMs } as const;
  return before === undefined ? fresh : { ...fresh, before };
}

function settle(want: number, restMs: number): Governor {
  return { at: 'settled', want, sinceMs: 0, quietMs: 0, restMs };
}
