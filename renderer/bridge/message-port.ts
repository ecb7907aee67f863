// A MessagePort as the port calls travel over. Chromium ships the `close` event of ports turned off; Electron turns it on
// (shell/renderer/renderer_client_base.cc). So each side also says it with a marker before it closes.

import { closeOnce } from '../../shared/ipc/close-once.ts';
import { isMark } from '../../shared/ipc/read-marks.ts';
import type { RpcPort } from '../../shared/ipc/rpc.ts';

export const closedMarker = { is: 'closed' } as const;

export function isClosedMarker(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { readonly is?: unknown }).is === 'closed';
}

/**
 * Where the port leads. Between threads, buffers move. Between Electron's processes they are copied: a message that was posted
 * with a transferred ArrayBuffer arrives as null there (electron#34905), so they are let go of after the copy.
 */
export type PortTo = 'thread' | 'process';

export function portFromMessagePort(port: MessagePort, to: PortTo = 'thread'): RpcPort {
  const { isOver, end, onEnd } = closeOnce(() => port.close());
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isClosedMarker(data)) end();
    else if (isMark(data)) port.postMessage(data);
  });
  port.addEventListener('close', end);
  return {
    post(message, transfer = []) {
      if (isOver()) return;
      if (to === 'thread') return port.postMessage(message, [...transfer]);
      port.postMessage(message);
      for (const buffer of transfer) buffer.transfer(0);
    },
    onMessage(listener) {
      const take = ({ data }: MessageEvent<unknown>) => {
        if (!isOver() && !isClosedMarker(data) && !isMark(data)) listener(data);
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
