// Waits for the reply to one invite: on addresses of this computer that stand in it, where the router may let strangers from the
// internet through, and for another Tincan on this computer. Promises: one reply at most; bounded connections, bytes and time; not a
// byte for whoever does not know the invite; whoever proved that it does is not pushed out by those who did not.

import { createServer, type Server, type Socket } from 'node:net';
import { familyOf } from '../../shared/code/address.ts';
import { type BytePipe, receiveReply } from '../../shared/lan/delivery.ts';
import { isLanAddress, type LanRules } from '../../shared/lan/lan-address.ts';
import { toHex } from '../../shared/model/bytes.ts';
import type { Clock } from '../../shared/model/clock.ts';
import {
  replyConnectionGraceMs,
  replyConnectionsMax,
  replyConnectionsPerAddressMax,
  replyFirstMessagesMax,
  replyListenDeadlineMs,
  replyOutsideConnectionsMax,
} from '../../shared/wire/limits.ts';
import { isLocal, type ReplyPlace, socketAt } from './reply-place.ts';
import { openSocketPipe } from './socket-pipe.ts';

export type ListenOptions = {
  readonly clock: Clock;
  readonly rules: LanRules;
  readonly places: readonly ReplyPlace[];
  readonly secret: Uint8Array;
  /** First messages that were answered, in hex. Kept by the caller, so that they outlive this listener. */
  readonly seen: Set<string>;
  /** True when it is the reply to this invite: then nothing more is listened to. */
  readonly take: (reply: Uint8Array) => boolean;
};

export type ReplyListener = { close(): void };

type Visit = {
  readonly socket: Socket;
  readonly from: string;
  /** By way of the router. */
  readonly isOutside: boolean;
  readonly sinceMs: number;
  knowsInvite: boolean;
};

export function listenForReply({ clock, rules, places, secret, seen, take }: ListenOptions): ReplyListener {
  const visits = new Set<Visit>();
  let at: 'open' | 'taken' | 'closed' = 'open';
  const servers = places.map((place) => listenAt(place, (socket) => void admit(socket, place)));

  async function admit(socket: Socket, place: ReplyPlace): Promise<void> {
    const from = isLocal(place) ? 'this computer' : (socket.remoteAddress ?? '');
    const isCrowded = [...visits].filter((visit) => visit.from === from).length >= replyConnectionsPerAddressMax;
    const isOutside = !isLocal(place) && !isFromNetwork(from, rules);
    if (at !== 'open' || isCrowded || !makeRoom(isOutside)) {
      socket.destroy();
      return;
    }
    const visit: Visit = { socket, from, isOutside, sinceMs: clock.now(), knowsInvite: false };
    visits.add(visit);
    socket.once('close', () => visits.delete(visit));
    await serve(openSocketPipe(socket, replyListenDeadlineMs), visit).catch(() => socket.destroy());
  }

  /**
   * The oldest that has proven nothing gives way. From outside there may be many more of them, so they have fewer places, and each
   * has a moment in which it is not pushed out: long enough for a proof, and a bound on what a flood costs.
   */
  function makeRoom(isOutside: boolean): boolean {
    const rivals = [...visits].filter((visit) => !isOutside || visit.isOutside);
    if (rivals.length < (isOutside ? replyOutsideConnectionsMax : replyConnectionsMax)) return true;
    const oldest = rivals.find(({ knowsInvite }) => !knowsInvite);
    if (oldest === undefined || (isOutside && clock.now() - oldest.sinceMs < replyConnectionGraceMs)) return false;
    oldest.socket.destroy();
    visits.delete(oldest);
    return true;
  }

  async function serve(pipe: BytePipe & { close(): void }, visit: Visit): Promise<void> {
    await receiveReply(pipe, secret, {
      isNew(nonce) {
        visit.knowsInvite = true;
        return isNew(nonce);
      },
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

function isFromNetwork(remote: string, rules: LanRules): boolean {
  const address = remote.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  const family = familyOf(address);
  return family !== 'mdns' && isLanAddress(family, address, rules);
}

/** A place that is taken is not served: the person carries the reply instead. */
function listenAt(place: ReplyPlace, admit: (socket: Socket) => void): Server {
  const server = createServer({ allowHalfOpen: false, pauseOnConnect: false }, admit);
  server.on('error', () => server.close());
  server.listen({ ...socketAt(place), exclusive: true, backlog: replyConnectionsMax });
  return server;
}
