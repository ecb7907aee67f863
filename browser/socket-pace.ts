// How often a page, or whoever else has its token, opens sockets. Each page that is let in ends the one before, closes what that opened
// on the network and has its transfers parked. Promises: so many in a row are let in at once, and then one a second of each role; who
// waits gives its turn away by hanging up.

import { setTimeout as sleep } from 'node:timers/promises';
import type { BridgeRole } from '../shared/ipc/bridge-protocol.ts';
import { pageConnectsBurst, pageConnectsPerSecond } from '../shared/wire/limits.ts';
import { TokenBucket } from '../shared/wire/token-bucket.ts';

export interface SocketPace {
  /** Resolves when it is this one's turn, and with false where it gets none. */
  turn(role: BridgeRole, stream: { readonly destroyed: boolean }): Promise<boolean>;
  close(): void;
}

export function openSocketPace(): SocketPace {
  const bucket = () => new TokenBucket(pageConnectsPerSecond, pageConnectsBurst, performance.now());
  const buckets: Readonly<Record<BridgeRole, TokenBucket>> = { ui: bucket(), engine: bucket() };
  const life = new AbortController();
  const { signal } = life;
  return {
    async turn(role, stream) {
      while (!stream.destroyed && !signal.aborted) {
        if (buckets[role].take(performance.now())) return true;
        await sleep(1_000 / pageConnectsPerSecond, undefined, { signal }).catch(() => undefined);
      }
      return false;
    },
    close: () => life.abort(),
  };
}
