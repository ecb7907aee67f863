// One question to the gateway by UDP, asked again until it answers. Promises: the socket is connected, so the system drops
// whatever does not come from the gateway's address and port; it ends within the deadline.

import { createSocket } from 'node:dgram';
import type { Clock } from '../../shared/model/clock.ts';
import { routerAskAtMs, routerAskMs } from '../../shared/wire/limits.ts';

export type Question<T> = {
  readonly to: { readonly address: string; readonly port: number };
  /** An address of this computer to ask from; the system's choice where none is named. */
  readonly from?: string;
  readonly request: (ownAddress: string) => Uint8Array;
  /** Nothing where it is no answer to this question. */
  readonly read: (bytes: Uint8Array) => T | undefined;
};

export function askGateway<T>(
  { to, from, request, read }: Question<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: to.address.includes(':') ? 'udp6' : 'udp4' });
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
    if (signal.aborted) return end();
    signal.addEventListener('abort', giveUp);
    timers.push(clock.after(routerAskMs, giveUp));
    // Nobody hears that port, or there is no way: asking again within this question gives the same.
    socket.on('error', giveUp);
    socket.on('message', (bytes) => {
      const answer = read(new Uint8Array(bytes));
      if (answer !== undefined) end(answer);
    });
    socket.bind(0, from, () => {
      if (isOver) return;
      socket.connect(to.port, to.address, (error?: Error) => {
        if (isOver) return;
        if (error !== undefined && error !== null) return end();
        const bytes = request(socket.address().address);
        for (const atMs of routerAskAtMs) timers.push(clock.after(atMs, () => socket.send(bytes, () => undefined)));
      });
    });
  });
}
