// The remembered computer that an earlier page was linked with, where nobody ended that link. It is called until it is found, the
// person asks for something else, or a while has passed. The host knows whom this side is linked with, so that the next page knows,
// should this one end without a word.

import type { Clock } from '../shared/model/clock.ts';
import { lastPeerCallMs } from '../shared/wire/limits.ts';

export type LastPeerOptions = {
  readonly clock: Clock;
  readonly id: string | undefined;
  /** For the host. */
  readonly notify: (id: string | undefined) => void;
  readonly changed: () => void;
};

export interface LastPeer {
  /** Whom to call. */
  id(): string | undefined;
  /** Or with somebody who is not remembered, or with nobody any more. */
  linkedWith(id: string | undefined): void;
  forget(): void;
  close(): void;
}

export function openLastPeer({ clock, id, notify, changed }: LastPeerOptions): LastPeer {
  let wanted = id;
  let known = id;
  const stop = clock.after(lastPeerCallMs, forget);

  function notifyOnce(next: string | undefined): void {
    if (known === next) return;
    known = next;
    notify(next);
  }

  function forget(): void {
    if (wanted === undefined) return;
    wanted = undefined;
    notifyOnce(undefined);
    changed();
  }

  return {
    id: () => wanted,
    linkedWith(next) {
      wanted = undefined;
      notifyOnce(next);
    },
    forget,
    close: stop,
  };
}
