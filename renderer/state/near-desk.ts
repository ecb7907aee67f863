// The host's reach into the network, as the link's port. A host that is gone delivers nothing; people still can.

import type { NearDesk } from '../link/link.ts';
import type { HostPort } from './ports.ts';

export function openNearDesk(host: HostPort): NearDesk {
  return {
    invites: (codes) => void host.call('near.invites', { codes: [...codes] }).catch(() => undefined),
    deliver: (invite, reply) =>
      host.call('near.deliver', { invite, reply }).then(
        ({ delivered }) => delivered,
        () => false,
      ),
    call: (id, invite) =>
      host.call('known.call', { id, invite }).then(
        (found) => found ?? undefined,
        () => undefined,
      ),
    onKnock: (listener) => host.on('known-knock', listener),
    answer: (knock, reply) =>
      host.call('known.answer', { knock, reply }).then(
        () => true,
        () => false,
      ),
    remember: (kept) => void host.call('known.remember', kept).catch(() => undefined),
    onReply: (listener) => host.on('near-reply', ({ text }) => listener(text)),
  };
}
