// Connections to the local server that have not shown a token: every account of this computer may make some. Promises: there are never
// more than a bound of them, whatever they do, a new one finds room, and one request of each is being answered at a time.

import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { visitorsMax } from '../shared/wire/limits.ts';

export interface Visitors {
  /** This one has shown a token, and counts no more. */
  admitted(socket: Socket): void;
}

export function boundVisitors(server: Server, answer: RequestListener): Visitors {
  /** In the order in which they came; true while a request is being answered. */
  const isAnswered = new Map<Socket, boolean>();

  server.on('connection', (socket: Socket) => {
    // Before it is one of them: whoever only opens gives way first, and this one may want to ask.
    if (isAnswered.size >= visitorsMax) makeRoom();
    isAnswered.set(socket, false);
    socket.once('close', () => isAnswered.delete(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    // No browser sends a second request before the answer to the first. Node would start to answer any number of them at once.
    if (isAnswered.get(socket) !== false) return void socket.destroy();
    isAnswered.set(socket, true);
    response.once('close', () => isAnswered.has(socket) && isAnswered.set(socket, false));
    answer(request, response);
  });

  /** The oldest, but rather one that is only open. */
  function makeRoom(): void {
    const all = [...isAnswered];
    const [oldest] = all.find(([, answered]) => !answered) ?? all[0]!;
    isAnswered.delete(oldest);
    oldest.destroy();
  }

  return { admitted: (socket) => isAnswered.delete(socket) };
}
