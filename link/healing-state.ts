// When to feed candidates again and when to spend a spare connection. The same clockwork serves a reply that waits for
// somebody to take it and a link that is down. Time comes in with every event; nothing here reads a clock.

import { publicRetryMaxMs, refeedEveryMs, spareAtDownMs } from '../shared/wire/limits.ts';

export type HealingState =
  /** Nothing to do: the connection is up. */
  | { readonly at: 'up'; readonly generation: number }
  /** A reply that nobody took yet, or a connection on its first way up: feeding only. */
  | { readonly at: 'waiting'; readonly generation: number; readonly sinceMs: number; readonly nextFeedMs: number }
  | {
      readonly at: 'down';
      readonly generation: number;
      readonly sinceMs: number;
      readonly nextFeedMs: number;
      /** Spares spent by schedule; a nudge spends one more without moving the schedule. */
      readonly spent: number;
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
  | { readonly do: 'feed'; readonly generation: number; readonly scope: RetryScope }
  | { readonly do: 'spend-spare' };

export type HealingStep = { readonly state: HealingState; readonly effects: readonly HealingEffect[] };

export const startHealing: HealingState = { at: 'up', generation: 0 };

export function nextHealing(state: HealingState, event: HealingEvent): HealingStep {
  switch (event.is) {
    case 'wait':
      if (state.at !== 'up') return { state, effects: [] };
      return {
        state: {
          at: 'waiting',
          generation: state.generation,
          sinceMs: event.nowMs,
          nextFeedMs: event.nowMs + refeedEveryMs,
        },
        effects: [],
      };
    case 'down':
      if (state.at === 'down') return { state, effects: [] };
      return feed({ at: 'down', generation: state.generation, sinceMs: event.nowMs, nextFeedMs: 0, spent: 0 }, event);
    case 'up':
      return { state: { at: 'up', generation: state.generation }, effects: [] };
    case 'tick':
      return tick(state, event.nowMs);
    case 'nudge': {
      if (state.at === 'up') return { state, effects: [] };
      // Somebody is at this machine again: what they wait for is worth asking everybody.
      const fed = feed(state.at === 'waiting' ? { ...state, sinceMs: event.nowMs } : state, event);
      return state.at === 'down' ? { state: fed.state, effects: [...fed.effects, { do: 'spend-spare' }] } : fed;
    }
  }
}

function tick(state: HealingState, nowMs: number): HealingStep {
  if (state.at === 'up') return { state, effects: [] };
  const fed = nowMs >= state.nextFeedMs ? feed(state, { nowMs }) : { state, effects: [] };
  if (fed.state.at !== 'down') return fed;
  const due = spareAtDownMs[fed.state.spent];
  if (due === undefined || nowMs - fed.state.sinceMs < due) return fed;
  return { state: { ...fed.state, spent: fed.state.spent + 1 }, effects: [...fed.effects, { do: 'spend-spare' }] };
}

function feed(state: Exclude<HealingState, { at: 'up' }>, { nowMs }: { readonly nowMs: number }): HealingStep {
  const generation = state.generation + 1;
  const isOver = state.at === 'waiting' && nowMs - state.sinceMs > publicRetryMaxMs;
  return {
    state: { ...state, generation, nextFeedMs: nowMs + refeedEveryMs },
    effects: [{ do: 'feed', generation, scope: isOver ? 'near' : 'all' }],
  };
}
