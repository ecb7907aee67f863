// The copy of this page that a Tincan on this network served ("Connect a phone"): its invite stands in the address, and the reply
// goes back to where the page came from.

import { replyPath } from '../shared/model/guest-page.ts';
import { servedReplyWaitMs } from '../shared/wire/limits.ts';

export type Served = {
  readonly invite: string;
  /** A reply to another invite goes nowhere: it is for somebody else. */
  deliver(invite: string, reply: string): Promise<boolean>;
};

/** Nothing where the page came from a disk. */
export function servedBy({ hash, href, protocol }: Pick<Location, 'hash' | 'href' | 'protocol'>): Served | undefined {
  const invite = hash.slice(1);
  if (protocol !== 'http:' || !invite.startsWith('TINCAN:')) return undefined;
  const address = new URL(replyPath, href).href;
  return {
    invite,
    async deliver(answered, reply) {
      if (answered !== invite) return false;
      try {
        const answer = await fetch(address, {
          method: 'POST',
          body: reply,
          credentials: 'omit',
          redirect: 'error',
          signal: AbortSignal.timeout(servedReplyWaitMs),
        });
        return answer.status === 204;
      } catch {
        // It is closed, or the phone has left that network: the reply is carried by hand.
        return false;
      }
    },
  };
}
