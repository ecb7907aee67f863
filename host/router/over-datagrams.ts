// One question over a datagram socket of its own. Promises: it ends with the first answer, with an error of the socket, at its
// deadline, or with the signal, and leaves neither the socket nor a timer behind.

import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../../shared/model/clock.ts';

export type Asking<T> = {
  readonly socket: Socket;
  /** With nothing where there is no answer. */
  end(answer?: T): void;
  /** Not any more once it has ended. */
  at(ms: number, task: () => void): void;
  isOver(): boolean;
};

export type AskingBounds = { readonly clock: Clock; readonly ms: number; readonly signal: AbortSignal };

export function overDatagrams<T>(
  type: 'udp4' | 'udp6',
  { clock, ms, signal }: AskingBounds,
  ask: (asking: Asking<T>) => void,
): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = createSocket({ type });
    const timers: (() => void)[] = [];
    let isOver = false;
    const end = (answer?: T) => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', giveUp);
      for (const cancel of timers) cancel();
      socket.close();
      resolve(answer);
    };
    const giveUp = () => end();
    signal.addEventListener('abort', giveUp);
    timers.push(clock.after(ms, giveUp));
    // Nobody hears that port, or there is no way: asking again gives the same.
    socket.on('error', giveUp);
    ask({ socket, end, at: (afterMs, task) => void timers.push(clock.after(afterMs, task)), isOver: () => isOver });
  });
}
