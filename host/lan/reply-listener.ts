// Waits for the reply to one invite, on this computer's private addresses that stand in it. Promises: one reply at most;
// bounded connections, bytes and time; not a byte for whoever does not know the invite.

import { createServer, type Server, type Socket } from 'node:net';
import { type BytePipe, receiveReply } from '../../shared/lan/delivery.ts';
import type { LanAddress } from '../../shared/lan/lan-address.ts';
import { toHex } from '../../shared/model/bytes.ts';
import {
  replyConnectionsMax,
  replyConnectionsPerAddressMax,
  replyFirstMessagesMax,
  replyListenDeadlineMs,
} from '../../shared/wire/limits.ts';
import { openSocketPipe } from './socket-pipe.ts';

export type ListenOptions = {
  readonly places: readonly LanAddress[];
  readonly secret: Uint8Array;
  /** First messages that were answered, in hex. Kept by the caller, so that they outlive this listener. */
  readonly seen: Set<string>;
  /** True when it is the reply to this invite: then nothing more is listened to. */
  readonly take: (reply: Uint8Array) => boolean;
};

export type ReplyListener = { close(): void };

type Visit = { readonly socket: Socket; readonly from: string };

export function listenForReply({ places, secret, seen, take }: ListenOptions): ReplyListener {
  const visits = new Set<Visit>();
  let at: 'open' | 'taken' | 'closed' = 'open';
  const servers = places.map(({ address, port }) => listenAt(address, port, (socket) => void admit(socket)));

  async function admit(socket: Socket): Promise<void> {
    const from = socket.remoteAddress ?? '';
    const isCrowded = [...visits].filter((visit) => visit.from === from).length >= replyConnectionsPerAddressMax;
    if (at !== 'open' || isCrowded) {
      socket.destroy();
      return;
    }
    if (visits.size >= replyConnectionsMax) [...visits][0]?.socket.destroy();
    const visit = { socket, from };
    visits.add(visit);
    socket.once('close', () => visits.delete(visit));
    await serve(openSocketPipe(socket, replyListenDeadlineMs)).catch(() => socket.destroy());
  }

  async function serve(pipe: BytePipe & { close(): void }): Promise<void> {
    await receiveReply(pipe, secret, {
      isNew,
      take: (reply) => {
        if (at !== 'open' || !take(reply)) return false;
        stop('taken');
        return true;
      },
    });
    // What was written last is still on its way; the other side closes once it has read it.
    await pipe.read(1);
    pipe.close();
  }

  /** Beyond the bound nobody is answered: whoever knows the invite and asks that often has no reply to bring. */
  function isNew(nonce: Uint8Array): boolean {
    const key = toHex(nonce);
    if (seen.has(key) || seen.size >= replyFirstMessagesMax) return false;
    seen.add(key);
    return true;
  }

  function stop(why: 'taken' | 'closed'): void {
    at = why;
    for (const server of servers) server.close();
  }

  return {
    close() {
      // Whoever brought the reply still gets its receipt; the deadline ends that visit.
      if (at === 'taken') return;
      stop('closed');
      for (const { socket } of visits) socket.destroy();
    },
  };
}

/** A port that is taken means that this address is not served: the person carries the reply instead. */
function listenAt(host: string, port: number, admit: (socket: Socket) => void): Server {
  const server = createServer({ allowHalfOpen: false, pauseOnConnect: false }, admit);
  server.on('error', () => server.close());
  server.listen({ host, port, exclusive: true, backlog: replyConnectionsMax });
  return server;
}
