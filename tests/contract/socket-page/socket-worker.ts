// One try in a Worker.

import type { SocketOrder } from '../../../renderer/bridge/host-socket.ts';
import { type TryName, tries } from './socket-tries.ts';

self.onmessage = async ({ data: [name, order] }: MessageEvent<[TryName, SocketOrder]>) => {
  self.postMessage(await tries[name](order));
};
