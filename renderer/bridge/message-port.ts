// A MessagePort as the port calls travel over. A port's own `close` event comes late or, from a Worker that was ended, not
// at all; so each side also says it with a marker before it closes.

import type { RpcPort } from '../../shared/ipc/rpc.ts';

export const closedMarker = { is: 'closed' } as const;

export function isClosedMarker(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { readonly is?: unknown }).is === 'closed';
}

export function portFromMessagePort(port: MessagePort): RpcPort {
  const onClose = new Set<() => void>();
  let closed = false;
  const end = () => {
    if (closed) return;
    closed = true;
    port.close();
    for (const listener of onClose) listener();
  };
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isClosedMarker(data)) end();
  });
  port.addEventListener('close', end);
  return {
    post(message, transfer = []) {
      if (!closed) port.postMessage(message, [...transfer]);
    },
    onMessage(listener) {
      const take = ({ data }: MessageEvent<unknown>) => {
        if (!closed && !isClosedMarker(data)) listener(data);
      };
      port.addEventListener('message', take);
      port.start();
      return () => port.removeEventListener('message', take);
    },
    onClose(listener) {
      onClose.add(listener);
      return () => onClose.delete(listener);
    },
    close() {
      if (!closed) port.postMessage(closedMarker);
      end();
    },
  };
}
