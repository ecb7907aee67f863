// Notices a lane that takes blocks of which none is stored: a connection may look alive for minutes after the network stopped
// passing its packets.

import type { Clock } from '../../shared/model/clock.ts';
import { directStallLookMs, directStallMs } from '../../shared/wire/limits.ts';

/**
 * Calls `onStalled` once what `oldest` names has been the same for long, and then looks no more. An empty text is nothing that
 * waits. Returns how to stop.
 */
export function watchForStall(clock: Clock, oldest: () => string, onStalled: () => void): () => void {
  let seen = '';
  let sinceMs = clock.now();
  let cancel = clock.after(directStallLookMs, look);

  function look(): void {
    const now = oldest();
    if (now === '' || now !== seen) {
      seen = now;
      sinceMs = clock.now();
    } else if (clock.now() - sinceMs >= directStallMs) {
      onStalled();
      return;
    }
    cancel = clock.after(directStallLookMs, look);
  }

  return () => cancel();
}
