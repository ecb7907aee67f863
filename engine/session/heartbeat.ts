// Is anybody there? Pings when nothing was heard for a while, tells alive or suspect on change; never closes anything.

import type { Clock } from '../../shared/model/clock.ts';
import { heartbeatEveryMs, heartbeatSuspectMs } from '../../shared/wire/limits.ts';

export type Heartbeat = {
  /** Any byte from the peer counts. */
  heard(): void;
  pong(n: number): void;
  probe(): void;
  stop(): void;
};

export type HeartbeatChannel = {
  readonly ping: (n: number) => void;
  /** What was sent on this channel has left. */
  readonly isDrained: () => boolean;
};

export function startHeartbeat(
  clock: Clock,
  { ping, isDrained }: HeartbeatChannel,
  tell: (at: 'alive' | 'suspect', roundTripMs?: number) => void,
): Heartbeat {
  let heardAt = clock.now();
  let suspect = false;
  let sent: { readonly n: number; readonly at: number; readonly isLate?: true } | undefined;
  let next = 0;
  let cancel = clock.after(heartbeatEveryMs, beat);

  function beat(): void {
    cancel = clock.after(heartbeatEveryMs, beat);
    const silence = clock.now() - heardAt;
    if (silence >= heartbeatSuspectMs && !suspect) {
      suspect = true;
      tell('suspect');
    }
    probe();
  }

  function probe(): void {
    // Those of a cut that lasts hours would come all at once when it ends, and the other side would call them a flood.
    if (sent !== undefined && !isDrained()) {
      sent = { ...sent, isLate: true };
      return;
    }
    sent = { n: next, at: clock.now() };
    next = (next + 1) >>> 0;
    ping(sent.n);
  }

  function heard(): void {
    heardAt = clock.now();
    if (!suspect) return;
    suspect = false;
    tell('alive');
  }

  return {
    heard,
    probe,
    pong(n) {
      if (sent?.n === n && !sent.isLate) tell('alive', Math.round(clock.now() - sent.at));
      sent = undefined;
    },
    stop: () => cancel(),
  };
}
