// One contract's share of the messages between main and the host process, as the port that calls travel over.

import { closeOnce } from '../shared/ipc/close-once.ts';
import type { RpcPort } from '../shared/ipc/rpc.ts';
import type { ProcessMessage } from './process-calls.ts';

/** One side of the two processes. Electron copies what is posted. */
export interface ProcessEnd {
  post(message: ProcessMessage): void;
  onMessage(listener: (message: ProcessMessage) => void): () => void;
  /** Told once the other process is gone. */
  onEnd(listener: () => void): () => void;
}

export function openProcessPort(end: ProcessEnd, contract: 'host' | 'shell'): RpcPort {
  const ending = closeOnce(() => undefined);
  end.onEnd(ending.end);
  return {
    post: (message) => {
      if (!ending.isOver()) end.post({ to: contract, message });
    },
    onMessage: (listener) =>
      end.onMessage((message) => {
        if (message.to === contract && !ending.isOver()) listener(message.message);
      }),
    onClose: ending.onEnd,
    close: ending.end,
  };
}
