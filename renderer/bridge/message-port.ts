// A MessagePort as the port calls travel over. A port's own `close` event comes late or, from a Worker that was ended, not
// at all; so each side also says it with a marker before it closes.

import { openEnding } from '../../shared/ipc/ending.ts';
import type { RpcPort } from '../../shared/ipc/rpc.ts';

export const closedMarker = { is: 'closed' } as const;

export function isClosedMarker(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { readonly is?: unknown }).is === 'closed';
}

export function portFromMessagePort(port: MessagePort): RpcPort {
  const { isOver, end, onEnd } = openEnding(() => port.close());
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isClosedMarker(data)) end();
  });
  port.addEventListener('close', end);
  return {
    post(message, transfer = []) {
      if (!isOver()) port.postMessage(message, [...transfer]);
    },
    onMessage(listener) {
      const take = ({ data }: MessageEvent<unknown>) => {
        if (!isOver() && !isClosedMarker(data)) listener(data);
      };
      port.addEventListener('message', take);
      port.start();
      return () => port.removeEventListener('message', take);
    },
    onClose: onEnd,
    close() {
      if (!isOver()) port.postMessage(closedMarker);
      end();
    },
  };
}
