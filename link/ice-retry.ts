// Adds the candidates of one connection again while it waits to come up: link/healing-state.ts on a clock, for a reply
// that nobody took yet and for a connection on its first way up.

import type { Clock } from '../shared/model/clock.ts';
import { healingTickMs } from '../shared/wire/limits.ts';
import type { Connection } from './connection.ts';
import { type HealingEvent, type HealingState, nextHealing, startHealing } from './healing-state.ts';

export interface IceRetry {
  /** From now on, until it is closed. */
  wait(): void;
  nudge(): void;
  close(): void;
}

export function startIceRetry(connection: Connection, clock: Clock): IceRetry {
  let state: HealingState = startHealing;
  let stopTick: (() => void) | undefined;

  function handle(event: HealingEvent): void {
    const step = nextHealing(state, event);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.do === 'retry-candidates') void connection.retryCandidates(effect.generation, effect.scope);
    }
  }

  function tick(): void {
    stopTick = clock.after(healingTickMs, () => {
      tick();
      handle({ is: 'tick', nowMs: clock.now() });
    });
  }

  return {
    wait() {
      if (stopTick === undefined) tick();
      handle({ is: 'wait', nowMs: clock.now() });
    },
    nudge: () => handle({ is: 'nudge', nowMs: clock.now() }),
    close() {
      stopTick?.();
      handle({ is: 'up' });
    },
  };
}
