// How many lanes to ask for: hill-climbing on measured throughput with hysteresis. Pure; one `next` per sample.

import { lanesMax } from '../wire/limits.ts';

export type Governor =
  | { readonly at: 'idle'; readonly quietMs: number }
  | {
      readonly at: 'climbing';
      readonly want: number;
      readonly best: number;
      readonly bestRate: number;
      readonly steadyMs: number;
    }
  | {
      readonly at: 'settled';
      readonly want: number;
      readonly rate: number;
      readonly sinceMs: number;
      readonly quietMs: number;
    };

/** `lanes` is how many are open now; `busy` means that blocks were waiting for a lane during the sample. */
export type LaneMeasure = {
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly remainingBytes: number;
  readonly lanes: number;
  readonly busy: boolean;
};

/** Below this there is no time for another connection to pay for itself. */
const worthLanesBytes = 16 * 1024 * 1024;
const firstLanes = 4;
/** A rate is judged only after the lanes have run this long together: slow start is over. */
const settleMs = 2_000;
/** Another lane must bring this much, or it goes again. */
const gain = 1.08;
const remeasureMs = 30_000;
const quietBeforeShrinkMs = 20_000;

export const governorAtRest: Governor = { at: 'idle', quietMs: 0 };

export function lanesWanted(state: Governor): number {
  return state.at === 'idle' ? 1 : state.want;
}

export function nextGovernor(state: Governor, sample: LaneMeasure): Governor {
  if (state.at === 'idle') {
    if (!sample.busy || sample.remainingBytes < worthLanesBytes) return state;
    return { at: 'climbing', want: firstLanes, best: 1, bestRate: 0, steadyMs: 0 };
  }
  if (!sample.busy) {
    const quietMs = (state.at === 'settled' ? state.quietMs : 0) + sample.elapsedMs;
    if (quietMs >= quietBeforeShrinkMs) return governorAtRest;
    return { at: 'settled', want: lanesWanted(state), rate: 0, sinceMs: 0, quietMs };
  }
  if (state.at === 'settled') {
    const sinceMs = state.sinceMs + sample.elapsedMs;
    if (sinceMs < remeasureMs || sample.remainingBytes < worthLanesBytes) return { ...state, sinceMs, quietMs: 0 };
    return { at: 'climbing', want: state.want, best: state.want, bestRate: 0, steadyMs: 0 };
  }
  return climb(state, sample);
}

function climb(state: Extract<Governor, { at: 'climbing' }>, sample: LaneMeasure): Governor {
  const steadyMs = sample.lanes < state.want ? 0 : state.steadyMs + sample.elapsedMs;
  if (steadyMs < settleMs) return { ...state, steadyMs };
  const rate = sample.bytes / sample.elapsedMs;
  if (rate < state.bestRate * gain) {
    return { at: 'settled', want: state.best, rate: state.bestRate, sinceMs: 0, quietMs: 0 };
  }
  if (state.want >= lanesMax) return { at: 'settled', want: lanesMax, rate, sinceMs: 0, quietMs: 0 };
  return { at: 'climbing', want: Math.min(lanesMax, state.want + 2), best: state.want, bestRate: rate, steadyMs: 0 };
}
