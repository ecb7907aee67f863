// Replies over the network that both people share, or within one computer: listens for them while invites are shown, and delivers ours.
// Off by a setting. Reads the codes itself: the page cannot name an address, only hand over codes that name some.

import { codeText, decodeCode } from '../../shared/code/code-text.ts';
import type { LinkCode } from '../../shared/code/link-code.ts';
import {
  isPublicV6,
  type LanAddress,
  type LanRules,
  lanAddresses,
  outsideAddresses,
} from '../../shared/lan/lan-address.ts';
import { inviteSecret } from '../../shared/lan/sealed.ts';
import { toHex } from '../../shared/model/bytes.ts';
import type { OutsidePorts } from '../router/outside-ports.ts';
import { systemClock } from '../system-clock.ts';
import { connectTo, type Delivering, type DeliveryWay, deliverReply } from './deliver-reply.ts';
import { isOnOwnNetwork, ownAddresses } from './own-addresses.ts';
import { listenForReply, type ReplyListener } from './reply-listener.ts';
import { type LocalPlace, localPlace, type ReplyPlace } from './reply-place.ts';

export type ReplyDeliveryOptions = {
  readonly isOn: () => boolean;
  readonly onReply: (text: string) => void;
  /** "Anywhere" is chosen: a reply may leave this network. */
  readonly mayLeave: () => boolean;
  /** Lets others in to a TCP port of ours from outside, where the router lets them in to the UDP port of the same number. */
  readonly outside: OutsidePorts;
  /** Tests only: both sides on this computer. */
  readonly rules?: LanRules;
  readonly way?: DeliveryWay;
};

const usualWay: DeliveryWay = { clock: systemClock, platform: process.platform, connect: connectTo };

export interface Near {
  /** The invites that wait for a reply now. Those named before and not any more are forgotten. */
  setInvites(codes: readonly string[]): Promise<void>;
  deliver(invite: string, reply: string): Promise<boolean>;
  /** The settings changed: what is not wanted any more ends. */
  refresh(): Promise<void>;
  /** The page is gone: nobody is waited for, and no reply of its is delivered. */
  leave(): Promise<void>;
  close(): void;
}

type Read = { readonly code: LinkCode; readonly bytes: Uint8Array };

export function openReplyDelivery({
  isOn,
  onReply,
  mayLeave,
  outside,
  rules = {},
  way = usualWay,
}: ReplyDeliveryOptions): Near {
  const listeners = new Map<string, ReplyListener & { readonly isOpenToOutside: boolean }>();
  const seen = new Map<string, Set<string>>();
  const delivering = new Set<Delivering & { readonly away: ReadonlySet<ReplyPlace> }>();
  let wanted: ReadonlySet<string> = new Set();
  let closed = false;
  /** Ends with the page. */
  let session = new AbortController();

  async function reconcile(): Promise<void> {
    for (const [text, listener] of listeners) {
      if (isWanted(text) && listener.isOpenToOutside === mayLeave()) continue;
      listeners.delete(text);
      listener.close();
    }
    await Promise.all([...wanted].filter((text) => isWanted(text) && !listeners.has(text)).map(listen));
  }

  function isWanted(text: string): boolean {
    return !closed && isOn() && wanted.has(text);
  }

  async function listen(text: string): Promise<void> {
    const invite = readCode(text, 'invite', rules);
    if (invite === undefined) return;
    const secret = await inviteSecret(invite.code.pwd, invite.bytes);
    const here = await placesHere(invite, secret);
    // It may have been kept to this network meanwhile.
    const { near, away } = placesOf(invite, true);
    const addresses = [...near, ...away];
    const places = [...addresses, ...here];
    if (places.length === 0 || !isWanted(text) || listeners.has(text)) return;
    const take = (bytes: Uint8Array): boolean => {
      const reply = readCode(codeText(bytes), 'reply', rules);
      if (reply === undefined || !isReplyTo(reply, invite)) return false;
      onReply(codeText(bytes));
      return true;
    };
    const listener = listenForReply({ clock: way.clock, rules, places, secret, seen: seenFor(text), take });
    const ports = addresses.map(({ address, port }) => [port, ...(isPublicV6(address) ? [address] : [])] as const);
    for (const port of ports) outside.open(...port);
    listeners.set(text, {
      isOpenToOutside: mayLeave(),
      close() {
        for (const port of ports) outside.shut(...port);
        listener.close();
      },
    });
  }

  function seenFor(text: string): Set<string> {
    const kept = seen.get(text) ?? new Set();
    seen.set(text, kept);
    return kept;
  }

  /**
   * Ours to listen on; those of others to deliver to, where they are on a network that this computer is on itself, or public. A
   * code from a stranger shall not make this computer connect to itself, or to a network behind some router.
   */
  function placesOf({ code }: Read, own: boolean): { readonly near: LanAddress[]; readonly away: LanAddress[] } {
    const mine = ownAddresses();
    // Of our own, outside is where we listen: at public addresses of IPv6, and at no address that a router translates.
    const isWanted = ({ address, family }: LanAddress) =>
      own ? family === 6 && mine.has(address) : !mine.has(address);
    const away = mayLeave() ? outsideAddresses(code.candidates).filter(isWanted) : [];
    return { near: nearOf(code, own, mine), away };
  }

  /** For two on one computer, as for two in one home: where the invite names an address of this computer on a private IPv4 network. */
  async function placesHere({ code }: Read, secret: Uint8Array): Promise<LocalPlace[]> {
    const mine = ownAddresses();
    const isHere = lanAddresses(code.candidates).some(({ address, family }) => family === 4 && mine.has(address));
    return isHere ? [await localPlace(secret)] : [];
  }

  function nearOf(code: LinkCode, own: boolean, mine: ReadonlySet<string>): LanAddress[] {
    return lanAddresses(code.candidates, rules).filter(({ address, family }) => {
      if (rules.loopback === true) return true;
      return own ? mine.has(address) : !mine.has(address) && isOnOwnNetwork(family, address);
    });
  }

  function stopDelivering(): void {
    for (const run of delivering) run.close();
  }

  async function setInvites(codes: readonly string[]): Promise<void> {
    wanted = new Set(codes);
    for (const text of seen.keys()) if (!wanted.has(text)) seen.delete(text);
    await reconcile();
  }

  return {
    setInvites,
    async deliver(inviteText, replyText) {
      const invite = readCode(inviteText, 'invite', rules);
      const reply = readCode(replyText, 'reply', rules);
      if (closed || !isOn() || invite === undefined || reply === undefined || !isReplyTo(reply, invite)) return false;
      const { signal } = session;
      const secret = await inviteSecret(invite.code.pwd, invite.bytes);
      const here = await placesHere(invite, secret);
      // It may have been turned off meanwhile, or kept to this network; or its page is gone.
      if (closed || !isOn() || signal.aborted) return false;
      const { near, away } = placesOf(invite, false);
      const places = [...near, ...away, ...here];
      const run = { ...deliverReply({ places, secret, reply: reply.bytes }, way), away: new Set(away) };
      delivering.add(run);
      const isDelivered = await run.done;
      delivering.delete(run);
      return isDelivered;
    },
    async refresh() {
      if (!isOn()) stopDelivering();
      // Nothing leaves this network after the person said so, also where it was under way.
      else if (!mayLeave()) for (const run of delivering) run.close((place) => run.away.has(place));
      await reconcile();
    },
    async leave() {
      session.abort();
      session = new AbortController();
      stopDelivering();
      await setInvites([]);
    },
    close() {
      closed = true;
      void reconcile();
      stopDelivering();
    },
  };
}

function readCode(text: string, kind: LinkCode['kind'], rules: LanRules): Read | undefined {
  const read = decodeCode(text, rules);
  return read.ok && !read.foreign && read.code.kind === kind ? read : undefined;
}

function isReplyTo(reply: Read, invite: Read): boolean {
  return toHex(reply.code.sessionId) === toHex(invite.code.sessionId);
}
