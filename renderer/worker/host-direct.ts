// The host's direct lane as the engine's port.

import type { DirectHost } from '../../engine/ports.ts';
import { hashAt } from '../../shared/model/bytes.ts';
import type { HostClient } from './host-disk.ts';

export function openHostDirect(host: HostClient): DirectHost {
  return {
    listen: () => host.call('direct.listen', {}),
    meet: (peer) => host.call('direct.meet', peer),
    expect: (transfer, attempt) => host.call('direct.expect', { transfer, attempt }),
    drop: () => host.call('direct.drop', {}),
    close: () => host.call('direct.close', {}),
    onLane: (listener) => void host.on('direct-lane', ({ at }) => listener(at)),
    onBlocked: (listener) => void host.on('direct-blocked', ({ at }) => listener(at)),
    onBlock: (listener) =>
      void host.on('direct-blocks', ({ hashes, blocks }) => {
        for (const [at, block] of blocks.entries()) listener({ ...block, hash: hashAt(hashes, at) });
      }),
  };
}
