// Takes a reply to the private addresses that an invite names, all at once; the first side that proves to know the invite
// gets it. Promises: nothing of the reply is written to anybody else; it ends within the deadline.

import { createConnection, type Socket } from 'node:net';
import { sendReply } from '../../shared/lan/delivery.ts';
import type { LanAddress } from '../../shared/lan/lan-address.ts';
import { replyDeliverDeadlineMs } from '../../shared/wire/limits.ts';
import { openSocketPipe } from './socket-pipe.ts';

export type Delivering = { readonly done: Promise<boolean>; close(): void };

export function deliverReply(places: readonly LanAddress[], secret: Uint8Array, reply: Uint8Array): Delivering {
  const sockets: Socket[] = [];
  const tries = places.map(async ({ address, port }) => {
    const socket = createConnection({ host: address, port });
    sockets.push(socket);
    const pipe = openSocketPipe(socket, replyDeliverDeadlineMs);
    const isTaken = await sendReply(pipe, secret, reply);
    pipe.close();
    if (!isTaken) throw new Error('not delivered there');
  });
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  const done = Promise.any(tries).then(
    () => true,
    () => false,
  );
  void done.then(close);
  return { done, close };
}
