// The network service of a host, as far as a link needs it: replies that travel by themselves, and remembered computers that find
// each other. It outlives pages. What the hosts really say to each other is not simulated; whether it arrives depends on the wire.

import type { IncomingCall, LanService, RememberedMeeting, RememberedPeer } from '../../link/ports.ts';
import type { World } from '../world.ts';
import type { Side, Wire } from './wire.ts';

type Kept = { secret: string; before: string | undefined; readonly name: string };
type Call = (found: { readonly reply: string; readonly name: string } | undefined) => void;

const answersWithinMs = 8_000;
const deliversWithinMs = 4_000;

export type LanOf = {
  readonly side: Side;
  readonly name: string;
  /** Some people have it switched off, and carry every reply themselves. */
  readonly deliversReplies: boolean;
};

export class SimulatedLan implements LanService {
  other!: SimulatedLan;
  /** Whom the last page was linked with, when nobody ended that link. */
  lastPeer: string | undefined;
  deliversReplies: boolean;
  readonly #world: World;
  readonly #wire: Wire;
  readonly #side: Side;
  readonly #name: string;
  readonly #kept = new Map<string, Kept>();
  readonly #calls = new Map<string, Call>();
  #waiting: readonly string[] = [];
  #onReply = new Set<(reply: string) => void>();
  #onCall = new Set<(call: IncomingCall) => void>();
  #next = 1;

  constructor(world: World, wire: Wire, { side, name, deliversReplies }: LanOf) {
    this.#world = world;
    this.#wire = wire;
    this.#side = side;
    this.#name = name;
    this.deliversReplies = deliversReplies;
  }

  get #otherSide(): Side {
    return this.#side === 0 ? 1 : 0;
  }

  get remembered(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /** A call to this entry gets there, and its answer comes back, as far as the two hosts and their firewalls are concerned. */
  finds(id: string): boolean {
    const secret = this.#kept.get(id)?.secret;
    const isKnown = [...this.other.#kept.values()].some((kept) => kept.secret === secret || kept.before === secret);
    return secret !== undefined && isKnown && !this.#wire.hasFirewall.includes(true);
  }

  /** Nobody listens any more, until another page does. */
  pageGone(): void {
    this.#waiting = [];
    this.#onReply = new Set();
    this.#onCall = new Set();
  }

  invites = (codes: readonly string[]): void => {
    this.#waiting = codes;
  };

  deliver = async (invite: string, reply: string): Promise<boolean> => {
    if (!this.deliversReplies || !(await this.#reaches(deliversWithinMs)) || !this.other.#waiting.includes(invite))
      return false;
    this.#world.count('delivered over the network');
    for (const listener of [...this.other.#onReply]) listener(reply);
    return true;
  };

  onReply = (listener: (reply: string) => void): (() => void) => {
    this.#onReply.add(listener);
    return () => this.#onReply.delete(listener);
  };

  call = async (id: string, invite: string): Promise<{ readonly reply: string; readonly name: string } | undefined> => {
    const secret = this.#kept.get(id)?.secret;
    if (!(await this.#reaches(answersWithinMs))) return undefined;
    const there = [...this.other.#kept].find(([, kept]) => kept.secret === secret || kept.before === secret);
    if (there === undefined || this.other.#onCall.size === 0) return undefined;
    const [theirId, { name }] = there;
    const callId = `${this.#name}${this.#next++}`;
    this.#world.count('calls a remembered computer');
    return new Promise((resolve) => {
      const end: Call = (found) => {
        if (this.#calls.delete(callId)) resolve(found);
      };
      this.#calls.set(callId, end);
      this.#world.after(answersWithinMs, () => end(undefined));
      for (const listener of [...this.other.#onCall]) listener({ callId, id: theirId, name, invite });
    });
  };

  onIncomingCall = (listener: (call: IncomingCall) => void): (() => void) => {
    this.#onCall.add(listener);
    return () => this.#onCall.delete(listener);
  };

  answer = async (callId: string, reply: string): Promise<boolean> => {
    if (!(await this.#reaches(deliversWithinMs))) return false;
    const call = this.other.#calls.get(callId);
    call?.({ reply, name: this.#name });
    return call !== undefined;
  };

  remember = async ({ secret, name }: RememberedPeer): Promise<string | undefined> => {
    const id = `${this.#name}-entry-${this.#next++}`;
    this.#kept.set(id, { secret, before: undefined, name });
    this.#world.count('remembered');
    return id;
  };

  renew = ({ id }: RememberedMeeting, renewal: string): void => {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    // The other side may not have got that far.
    kept.before = kept.secret;
    kept.secret = `${kept.secret.slice(0, 64)} ${renewal}`;
  };

  linkedWith = (id: string | undefined): void => {
    this.lastPeer = id;
  };

  async #reaches(withinMs: number): Promise<boolean> {
    const { chance } = this.#world;
    const isThrough = !this.#wire.isCut.includes(true) && !this.#wire.hasFirewall[this.#otherSide];
    await this.#world.wait(isThrough ? 2 * this.#wire.oneWayMs + chance.between(0, 50) : withinMs);
    return isThrough && !this.#wire.isCut.includes(true);
  }
}
