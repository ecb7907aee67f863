// Takes a reply to every place where the invite's maker may wait, all at once; the first side that proves to know the invite
// gets it. Promises: nothing of the reply is written to anybody else; it ends within the deadline, or within the time that a
// person gets to answer the system's question.

import { createConnection, type Socket } from 'node:net';
import { sendReply } from '../../shared/lan/delivery.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { replyBlockedRetryMs, replyBlockedWaitMs, replyDeliverDeadlineMs } from '../../shared/wire/limits.ts';
import { type ReplyPlace, socketAt } from './reply-place.ts';
import { openSocketPipe } from './socket-pipe.ts';

export type Delivering = {
  readonly done: Promise<boolean>;
  /** To these places, or to all. */
  close(to?: (place: ReplyPlace) => boolean): void;
};

export type Delivery = {
  readonly places: readonly ReplyPlace[];
  readonly secret: Uint8Array;
  readonly reply: Uint8Array;
};

export type DeliveryWay = {
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
  readonly connect: (place: ReplyPlace) => Socket;
};

export const connectTo = (place: ReplyPlace): Socket => createConnection(socketAt(place));

export function deliverReply(
  { places, secret, reply }: Delivery,
  { clock, platform, connect }: DeliveryWay,
): Delivering {
  const ways = places.map((place) => ({ place, ending: new AbortController() }));
  const giveUpAtMs = clock.now() + replyBlockedWaitMs;

  async function isTaken(place: ReplyPlace, signal: AbortSignal): Promise<boolean> {
    const socket = connect(place);
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    let isBlocked = false;
    socket.once('error', (error: NodeJS.ErrnoException) => {
      isBlocked = isLocalNetworkBlocked(error, platform);
    });
    const pipe = openSocketPipe(socket, replyDeliverDeadlineMs);
    const taken = await sendReply(pipe, secret, reply);
    pipe.close();
    if (taken || !isBlocked || signal.aborted || clock.now() >= giveUpAtMs) return taken;
    await pause(signal);
    return !signal.aborted && isTaken(place, signal);
  }

  function pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(replyBlockedRetryMs, resolve);
      signal.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
  }

  function close(to: (place: ReplyPlace) => boolean = () => true): void {
    for (const { place, ending } of ways) if (to(place)) ending.abort();
  }

  const done = Promise.any(
    ways.map(async ({ place, ending }) => {
      if (!(await isTaken(place, ending.signal))) throw new Error('not delivered there');
    }),
  ).then(
    () => true,
    () => false,
  );
  void done.then(() => close());
  return { done, close };
}

/**
 * macOS asks the person once whether a program may find devices on the local network. Until the answer, and after a no, every
 * connection there fails at once with this error (Apple TN3179).
 */
function isLocalNetworkBlocked({ code }: NodeJS.ErrnoException, platform: NodeJS.Platform): boolean {
  return platform === 'darwin' && code === 'EHOSTUNREACH';
}
