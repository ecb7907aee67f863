// One question to the gateway by UDP, asked again until it answers. Promises: the socket is connected, so the system drops
// whatever does not come from the gateway's address and port; it ends within the deadline.

import type { Clock } from '../../shared/model/clock.ts';
import { routerAskAtMs, routerAskMs } from '../../shared/wire/limits.ts';
import { overDatagrams } from './over-datagrams.ts';

export type Question<T> = {
  readonly to: { readonly address: string; readonly port: number };
  /** An address of this computer to ask from; the system's choice where none is named. */
  readonly from?: string;
  readonly request: (ownAddress: string) => Uint8Array;
  /** When it is asked, and asked again; the usual times where nothing is said. */
  readonly askAtMs?: readonly number[];
  /** Nothing where it is no answer to this question. */
  readonly read: (bytes: Uint8Array) => T | undefined;
};

export function askGateway<T>(
  { to, from, request, read, askAtMs = routerAskAtMs }: Question<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  const type = to.address.includes(':') ? 'udp6' : 'udp4';
  return overDatagrams<T>(type, { clock, ms: routerAskMs, signal }, ({ socket, end, at, isOver }) => {
    socket.on('message', (bytes) => {
      const answer = read(new Uint8Array(bytes));
      if (answer !== undefined) end(answer);
    });
    socket.bind(0, from, () => {
      if (isOver()) return;
      socket.connect(to.port, to.address, (error?: Error) => {
        if (isOver()) return;
        if (error !== undefined && error !== null) return end();
        const bytes = request(socket.address().address);
        for (const atMs of askAtMs) at(atMs, () => socket.send(bytes, () => undefined));
      });
    });
  });
}
