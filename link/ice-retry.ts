// The clockwork of link/healing-state.ts on a real clock: one ticking interval while there is something to wait
// for, none while the connection is up.

import { type HealingEffect, type HealingState, nextHealing, startHealing } from './healing-state.ts';

const tickEveryMs = 1_000;

export interface Feeder {
  state(): HealingState;
  wait(): void;
  down(): void;
  up(): void;
  nudge(): void;
  close(): void;
}

export function startFeeder(act: (effect: HealingEffect) => void): Feeder {
  let state: HealingState = startHealing;
  let timer: ReturnType<typeof setInterval> | undefined;

  function take(event: Parameters<typeof nextHealing>[1]): void {
    const step = nextHealing(state, event);
    state = step.state;
    if (state.at === 'up') stop();
    else timer ??= setInterval(() => take({ is: 'tick', nowMs: performance.now() }), tickEveryMs);
    for (const effect of step.effects) act(effect);
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    state: () => state,
    wait: () => take({ is: 'wait', nowMs: performance.now() }),
    down: () => take({ is: 'down', nowMs: performance.now() }),
    up: () => take({ is: 'up' }),
    nudge: () => take({ is: 'nudge', nowMs: performance.now() }),
    close: stop,
  };
}
