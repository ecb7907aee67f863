// The host's reach into the network, as the link's port. A host that is gone delivers nothing; people still can.

import type { LanService } from '../../link/ports.ts';
import { cameraFirstMs } from '../../shared/wire/limits.ts';
import type { HostPort } from './ports.ts';

export type LanServiceOptions = {
  readonly host: HostPort;
  /** A camera of ours is on. It may see the reply itself, which then needs no digits, so it goes first. */
  readonly isLooking: () => boolean;
  /** Somebody sees from then on who is linked. A call links by itself: until then it is left where it waits for whoever listens first. */
  readonly shown: Promise<void>;
};

export function openLanService({ host, isLooking, shown }: LanServiceOptions): LanService {
  return {
    invites: (codes) => void host.call('lan.invites', { codes: [...codes] }).catch(() => undefined),
    deliver: (invite, reply) =>
      host.call('lan.deliver', { invite, reply }).then(
        ({ delivered }) => delivered,
        () => false,
      ),
    call: (id, invite) =>
      host.call('remembered.call', { id, invite }).then(
        (found) => found ?? undefined,
        () => undefined,
      ),
    onIncomingCall(listener) {
      const ended = new AbortController();
      void shown.then(() => {
        if (ended.signal.aborted) return;
        const stop = host.on('remembered-call', ({ request, ...call }) => listener({ callId: request, ...call }));
        ended.signal.addEventListener('abort', stop);
      });
      return () => ended.abort();
    },
    answer: (callId, reply) =>
      host.call('remembered.answer', { request: callId, reply }).then(
        () => true,
        () => false,
      ),
    renew: ({ id, callId }, renewal) =>
      void host
        .call('remembered.renew', callId === undefined ? { id, renewal } : { request: callId, renewal })
        .catch(() => undefined),
    linkedWith: (id) => void host.call('remembered.linked', { id: id ?? null }).catch(() => undefined),
    remember: (peer) =>
      host.call('remembered.remember', peer).then(
        ({ id }) => id,
        () => undefined,
      ),
    onReply(listener) {
      const held = new Set<ReturnType<typeof setTimeout>>();
      const stop = host.on('near-reply', ({ text }) => {
        if (!isLooking()) return listener(text);
        const timer = setTimeout(() => {
          held.delete(timer);
          listener(text);
        }, cameraFirstMs);
        held.add(timer);
      });
      return () => {
        stop();
        for (const timer of held) clearTimeout(timer);
      };
    },
  };
}
