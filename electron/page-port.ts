// Electron's port as the port that calls travel over. Buffers are copied across processes, so what is given away is free at once.

import { releaseBytes } from '../host/release-bytes.ts';
import { closeOnce } from '../shared/ipc/close-once.ts';
import type { RpcPort } from '../shared/ipc/rpc.ts';

export function openPagePort(port: Electron.MessagePortMain): RpcPort {
  const { isOver, end, onEnd } = closeOnce(() => port.close());
  port.on('close', end);
  return {
    post: (message, transfer = []) => {
      // Never with a transfer list: Electron's ports transfer nothing but ports.
      if (!isOver()) port.postMessage(message);
      for (const buffer of transfer) releaseBytes(new Uint8Array(buffer));
    },
    onMessage(listener) {
      const take = (event: { readonly data: unknown }) => {
        if (!isOver()) listener(event.data);
      };
      port.on('message', take);
      port.start();
      return () => port.off('message', take);
    },
    onClose: onEnd,
    close: end,
  };
}
