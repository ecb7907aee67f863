// When to add candidates again and when to promote a standby connection. The same table serves a reply that waits for
// somebody to take it and a link that is down. Time comes in with every event; nothing here reads a clock.

import { promoteStandbyAtMs, publicRetryMaxMs, retryCandidatesEveryMs } from '../shared/wire/limits.ts';

export type HealingState =
  /** Nothing to do: the connection is up. */
  | { readonly at: 'up'; readonly generation: number }
  /** A reply that nobody took yet, or a connection on its first way up: candidates only. */
  | { readonly at: 'waiting'; readonly generation: number; readonly sinceMs: number; readonly nextRetryMs: number }
  | {
      readonly at: 'down';
      readonly generation: number;
      readonly sinceMs: number;
      readonly nextRetryMs: number;
      /** Standby connections promoted by schedule; a nudge promotes one more without moving the schedule. */
      readonly promoted: number;
    };

export type HealingEvent =
  | { readonly is: 'wait'; readonly nowMs: number }
  | { readonly is: 'down'; readonly nowMs: number }
  | { readonly is: 'up' }
  | { readonly is: 'tick'; readonly nowMs: number }
  /** Addresses changed, the machine woke, the network came back. */
  | { readonly is: 'nudge'; readonly nowMs: number };

/** `near`: only addresses of the own networks, because nobody answered at the public ones. */
export type RetryScope = 'all' | 'near';

export type HealingEffect =
  | { readonly do: 'retry-candidates'; readonly generation: number; readonly scope: RetryScope }
  | { readonly do: 'promote-standby' };

export type HealingStep = { readonly state: HealingState; readonly effects: readonly HealingEffect[] };

export const startHealing: HealingState = { at: 'up', generation: 0 };

export function nextHealing(state: HealingState, event: HealingEvent): HealingStep {
  switch (event.is) {
    case 'wait': {
      const { nowMs } = event;
      const { generation } = state;
      if (state.at !== 'up') return { state, effects: [] };
      return {
        state: { at: 'waiting', generation, sinceMs: nowMs, nextRetryMs: nowMs + retryCandidatesEveryMs },
        effects: [],
      };
    }
    case 'down':
      if (state.at === 'down') return { state, effects: [] };
      return retry(
        { at: 'down', generation: state.generation, sinceMs: event.nowMs, nextRetryMs: 0, promoted: 0 },
        event,
      );
    case 'up':
      return { state: { at: 'up', generation: state.generation }, effects: [] };
    case 'tick':
      return tick(state, event.nowMs);
    case 'nudge': {
      if (state.at === 'up') return { state, effects: [] };
      // Somebody is at this machine again: what they wait for is worth asking everybody.
      const retried = retry(state.at === 'waiting' ? { ...state, sinceMs: event.nowMs } : state, event);
      if (state.at === 'waiting') return retried;
      return { state: retried.state, effects: [...retried.effects, { do: 'promote-standby' }] };
    }
  }
}

function tick(state: HealingState, nowMs: number): HealingStep {
  if (state.at === 'up') return { state, effects: [] };
  const retried = nowMs >= state.nextRetryMs ? retry(state, { nowMs }) : { state, effects: [] };
  if (retried.state.at !== 'down') return retried;
  const due = promoteStandbyAtMs[retried.state.promoted];
  if (due === undefined || nowMs - retried.state.sinceMs < due) return retried;
  return {
    state: { ...retried.state, promoted: retried.state.promoted + 1 },
    effects: [...retried.effects, { do: 'promote-standby' }],
  };
}

function retry(state: Exclude<HealingState, { at: 'up' }>, { nowMs }: { readonly nowMs: number }): HealingStep {
  const generation = state.generation + 1;
  const isOver = state.at === 'waiting' && nowMs - state.sinceMs > publicRetryMaxMs;
  return {
    state: { ...state, generation, nextRetryMs: nowMs + retryCandidatesEveryMs },
    effects: [{ do: 'retry-candidates', generation, scope: isOver ? 'near' : 'all' }],
  };
}
