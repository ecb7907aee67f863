// Calls a remembered computer while the link to it is down: after a reload or a restart it knows nothing of that link and
// cannot heal it. Somebody who is still on the link answers no calls, so a mere cut heals as ever; once the link has been down for
// long on that side too, it does, because then both may have moved where no standby connection finds them.

import type { Clock } from '../shared/model/clock.ts';
import { callBackAfterMs } from '../shared/wire/limits.ts';

export type CallBackPorts = {
  readonly clock: Clock;
  /** The remembered computer whose link is down. */
  lost(): string | undefined;
  /** One attempt, as by a click. */
  call(id: string): Promise<unknown>;
};

export interface CallBack {
  /** To be called whenever the link changed. */
  check(): void;
}

export function startCallBack({ clock, lost, call }: CallBackPorts): CallBack {
  let stop: (() => void) | undefined;
  let isCalling = false;

  function check(): void {
    if (lost() === undefined) {
      stop?.();
      stop = undefined;
    } else if (stop === undefined && !isCalling) {
      stop = clock.after(callBackAfterMs, () => void attempt());
    }
  }

  async function attempt(): Promise<void> {
    stop = undefined;
    const id = lost();
    if (id === undefined) return;
    isCalling = true;
    await call(id).catch(() => undefined);
    isCalling = false;
    check();
  }

  return { check };
}
