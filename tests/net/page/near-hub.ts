// A network without a network: joins the links of one page as their hosts would, remembered computers called by the name
// of their link. Tests can hold answers back, and deliver replies to whom they like.

import type { NearDesk, RememberedPeer } from '../../../link/link.ts';

type Call = { readonly invite: string; readonly answered: (reply: string) => void };

export class NearHub {
  readonly kept = new Map<string, RememberedPeer>();
  /** Replies that wait for `release`. */
  holds = false;
  readonly #knocks = new Map<string, (knock: { knock: string; name: string; invite: string }) => void>();
  readonly #replies = new Map<string, (reply: string) => void>();
  readonly #calls = new Map<string, Call>();
  readonly #held: (() => void)[] = [];

  deskOf(name: string): NearDesk {
    return {
      invites: () => undefined,
      deliver: async () => false,
      onReply: (listener) => {
        this.#replies.set(name, listener);
        return () => this.#replies.delete(name);
      },
      call: (id, invite) =>
        new Promise((resolve) => {
          const knock = `${this.#calls.size}`;
          this.#calls.set(knock, { invite, answered: (reply) => resolve({ reply, name: `known ${id}` }) });
          this.#knocks.get(id)?.({ knock, name: `known ${name}`, invite });
        }),
      onKnock: (listener) => {
        this.#knocks.set(name, listener);
        return () => this.#knocks.delete(name);
      },
      answer: async (knock, reply) => {
        const answered = () => this.#calls.get(knock)?.answered(reply);
        if (this.holds) this.#held.push(answered);
        else answered();
        return true;
      },
      remember: (kept) => this.kept.set(name, kept),
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
