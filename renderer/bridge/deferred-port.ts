// A port that is there before its way is. Promises: what is posted meanwhile goes first, in order; a way that never opens
// closes the port, and so does what the way does not take; closing it meanwhile closes the way as soon as it is there.

import { closeOnce } from '../../shared/ipc/close-once.ts';
import type { RpcPort } from '../../shared/ipc/rpc.ts';
import { bridgeMaxOutstanding } from '../../shared/wire/limits.ts';

type Way =
  | { readonly at: 'coming'; readonly posted: unknown[] }
  | { readonly at: 'open'; readonly port: RpcPort }
  | { readonly at: 'closed' };

export function deferredPort(coming: Promise<RpcPort | undefined>): RpcPort {
  const onMessage = new Set<(message: unknown) => void>();
  let way: Way = { at: 'coming', posted: [] };
  const { end, onEnd } = closeOnce(() => {
    way = { at: 'closed' };
  });

  const arrive = (port: RpcPort | undefined) => {
    if (way.at !== 'coming') return port?.close();
    if (port === undefined) return end();
    const { posted } = way;
    way = { at: 'open', port };
    port.onClose(end);
    port.onMessage((message) => {
      for (const listener of onMessage) listener(message);
    });
    try {
      for (const message of posted) port.post(message);
    } catch {
      // Whoever posted it was told that it went: nobody may wait for an answer that cannot come.
      close();
    }
  };
  void coming.then(arrive);

  const close = () => {
    if (way.at === 'open') way.port.close();
    end();
  };

  return {
    post(message, transfer = []) {
      if (way.at === 'open') return way.port.post(message, transfer);
      if (way.at === 'closed') return;
      // As it is now: only what is in `transfer` may not change any more.
      way.posted.push(structuredClone(message, { transfer: [...transfer] }));
      // The host takes no more at once either.
      if (way.posted.length > bridgeMaxOutstanding) close();
    },
    onMessage(listener) {
      onMessage.add(listener);
      return () => onMessage.delete(listener);
    },
    onClose: onEnd,
    close,
  };
}
