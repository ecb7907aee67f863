// The local network of the links of one page, in memory: joins them as their hosts would. A remembered computer is called by
// the name of its link. Tests can hold answers back, and deliver replies to whom they like.

import type { IncomingCall, LanService, RememberedPeer } from '../../../link/ports.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { discoveryDeadlineMs } from '../../../shared/wire/limits.ts';

type Call = { readonly invite: string; readonly answered: (reply: string) => void };

export class LanHub {
  readonly kept = new Map<string, RememberedPeer>();
  /** What each side makes its next secret of. */
  readonly renewals = new Map<string, string>();
  /** Whom each side said it is linked with, and not that the link was ended. */
  readonly linked = new Map<string, string>();
  /** Replies that wait for `release`. */
  holds = false;
  /** Nobody answers for so long: then a caller is told that nobody was found. */
  readonly #clock: Clock | undefined;
  readonly #called = new Map<string, (call: IncomingCall) => void>();
  readonly #replies = new Map<string, (reply: string) => void>();
  readonly #calls = new Map<string, Call>();
  readonly #held: (() => void)[] = [];

  constructor(clock?: Clock) {
    this.#clock = clock;
  }

  serviceOf(name: string): LanService {
    const hub = this;
    return {
      invites: () => undefined,
      deliver: async () => false,
      onReply: (listener) => {
        this.#replies.set(name, listener);
        return () => this.#replies.delete(name);
      },
      call: (id, invite) =>
        new Promise((resolve) => {
          if (!this.#called.has(id)) return resolve(undefined);
          this.#clock?.after(discoveryDeadlineMs, () => resolve(undefined));
          const callId = `${this.#calls.size}`;
          this.#calls.set(callId, { invite, answered: (reply) => resolve({ reply, name: `known ${id}` }) });
          this.#called.get(id)?.({ callId, id: name, name: `known ${name}`, invite });
        }),
      onIncomingCall: (listener) => {
        this.#called.set(name, listener);
        return () => this.#called.delete(name);
      },
      answer: async (callId, reply) => {
        const answered = () => this.#calls.get(callId)?.answered(reply);
        if (this.holds) this.#held.push(answered);
        else answered();
        return true;
      },
      async remember(peer) {
        hub.kept.set(name, peer);
        return [...hub.#called.keys()].find((other) => other !== name);
      },
      linkedWith: (id) => {
        if (id === undefined) this.linked.delete(name);
        else this.linked.set(name, id);
      },
      renew: (_, renewal) => this.renewals.set(name, renewal),
    };
  }

  heldCount(): number {
    return this.#held.length;
  }

  release(): void {
    this.holds = false;
    for (const answered of this.#held.splice(0)) answered();
  }

  deliver(to: string, reply: string): void {
    this.#replies.get(to)?.(reply);
  }
}
