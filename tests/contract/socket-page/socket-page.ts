// Holds the host, and tries the engine's socket in the page and in a Worker, reachable from the test.

import { openHostSocket, portFromSocket, type SocketOrder } from '../../../renderer/bridge/host-socket.ts';
import { readPageKeys } from '../../../renderer/bridge/page-keys.ts';
import { trustedScript } from '../../../renderer/trusted-script.ts';
import type { UiCalls, UiEvents } from '../../../shared/ipc/contract.ts';
import { openRpcClient } from '../../../shared/ipc/rpc.ts';
import { type TryName, tries } from './socket-tries.ts';
import workerUrl from './socket-worker.ts?worker&url';

declare global {
  interface Window {
    holdHost(): Promise<string>;
    trySocket(where: 'page' | 'Worker', name: TryName): Promise<unknown>;
  }
}

const order: SocketOrder = { ...(await readPageKeys())!, origin: `ws://${location.host}` };

window.holdHost = async () => {
  const socket = await openHostSocket(order, 'ui');
  if (typeof socket === 'string') return socket;
  return (await openRpcClient<UiCalls, UiEvents>(portFromSocket(socket)).call('app.facts', {})).shell;
};

window.trySocket = (where, name) => {
  if (where === 'page') return tries[name](order);
  const worker = new Worker(trustedScript(workerUrl), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage([name, order]);
  });
};
