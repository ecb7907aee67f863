// Electron's port as the port that calls travel over. Buffers are copied across processes, so what is given away is free at once. Promises: a
// page that does not read its answers ends the port.

import { releaseBytes } from '../host/release-bytes.ts';
import { closeOnce } from '../shared/ipc/close-once.ts';
import { isMark, UnreadMessages } from '../shared/ipc/read-marks.ts';
import type { RpcPort } from '../shared/ipc/rpc.ts';

export function openPagePort(port: Electron.MessagePortMain): RpcPort {
  const { isOver, end, onEnd } = closeOnce(() => port.close());
  const unread = new UnreadMessages();
  port.on('close', end);
  return {
    post: (message, transfer = []) => {
      if (!isOver()) {
        const mark = unread.add(message);
        // Never with a transfer list: Electron's ports transfer nothing but ports.
        port.postMessage(message);
        if (mark !== undefined) port.postMessage(mark);
        if (unread.isTooMuch) end();
      }
      for (const buffer of transfer) releaseBytes(new Uint8Array(buffer));
    },
    onMessage(listener) {
      const take = (event: { readonly data: unknown }) => {
        const { data } = event;
        if (isOver()) return;
        if (!isMark(data)) listener(data);
        else if (!unread.onMark(data)) end();
      };
      port.on('message', take);
      port.start();
      return () => port.off('message', take);
    },
    onClose: onEnd,
    close: end,
  };
}
