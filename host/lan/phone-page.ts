// "Connect a phone": the guest page on this network for ten minutes, for whoever scans its address. Promises: one address, one
// path that nobody can guess, and nobody is waited for once a reply came, no invite waits any more, or it was closed.

import { toBase32 } from '../../shared/code/base32.ts';
import { codeText, decodeCode } from '../../shared/code/code-text.ts';
import type { PhonePageEnd, PhonePageView } from '../../shared/ipc/views.ts';
import { toHex } from '../../shared/model/bytes.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { Fault } from '../../shared/model/fault.ts';
import { asServed } from '../../shared/model/guest-page.ts';
import { liveCodesMax, phonePageLookMs, phonePageOpenMs } from '../../shared/wire/limits.ts';
import type { PhonePlace } from './phone-place.ts';
import { openPhoneServer, type PhoneServer } from './phone-server.ts';

export type PhonePageOptions = {
  readonly clock: Clock;
  readonly guestPage: () => Promise<Uint8Array>;
  readonly findPlace: () => Promise<PhonePlace | undefined>;
  readonly onReply: (text: string) => void;
  readonly onClosed: (why: PhonePageEnd) => void;
};

export interface PhonePage {
  /** Serves the page, or goes on serving it, with this invite in its address. */
  open(invite: string): Promise<PhonePageView>;
  close(): void;
}

type Opening = {
  readonly life: AbortController;
  readonly place: Promise<PhonePlace | undefined>;
  readonly server: Promise<PhoneServer>;
  readonly closesAtMs: number;
  /** Session ids in hex, the oldest first: the phone may have an address that was shown before. */
  invites: readonly string[];
};

const pathBytes = 20;

export function openPhonePage({ clock, guestPage, findPlace, onReply, onClosed }: PhonePageOptions): PhonePage {
  let opening: Opening | undefined;

  function start(): Opening {
    const life = new AbortController();
    const closesAtMs = clock.wallClockMs() + phonePageOpenMs;
    endInTime(life, closesAtMs);
    const finding = findPlace();
    const server = serve(life, finding);
    // Whoever asked hears of it below.
    server.catch(() => life.abort());
    return { life, place: finding, server, closesAtMs, invites: [] };
  }

  /** By whichever clock is there first: one stands still while the computer sleeps, and people set the other one. */
  function endInTime(life: AbortController, closesAtMs: number): void {
    const endMs = clock.now() + phonePageOpenMs;
    const look = (): void => {
      if (clock.wallClockMs() >= closesAtMs || clock.now() >= endMs) end(life, 'time');
      else stop = clock.after(phonePageLookMs, look);
    };
    let stop = clock.after(phonePageLookMs, look);
    life.signal.addEventListener('abort', () => stop());
  }

  /** One that is not on this computer's network any more is closed. */
  async function closeElsewhere({ life, place }: Opening): Promise<void> {
    const [before, now] = await Promise.all([place, findPlace()]);
    if (now !== undefined && (before?.address !== now.address || before.netmask !== now.netmask)) life.abort();
  }

  async function serve(life: AbortController, finding: Opening['place']): Promise<PhoneServer> {
    const place = await finding;
    if (place === undefined) throw new Fault('no-private-network', 'no private address of this computer');
    const server = await openPhoneServer({
      clock,
      place,
      secretPath: toBase32(crypto.getRandomValues(new Uint8Array(pathBytes))),
      page: asServed(await guestPage()),
      take: takeReply,
      onEnd: (why) => end(life, why),
    });
    if (life.signal.aborted) server.close();
    else life.signal.addEventListener('abort', () => server.close());
    return server;
  }

  function end(life: AbortController, why: PhonePageEnd): void {
    if (life.signal.aborted) return;
    life.abort();
    onClosed(why);
  }

  function takeReply(text: string): boolean {
    const read = decodeCode(text);
    if (!read.ok || read.foreign || read.code.kind !== 'reply') return false;
    if (opening?.invites.includes(toHex(read.code.sessionId)) !== true) return false;
    onReply(codeText(read.bytes));
    return true;
  }

  return {
    async open(text) {
      const invite = decodeCode(text);
      if (!invite.ok || invite.foreign || invite.code.kind !== 'invite') {
        throw new Fault('code-malformed', 'this is no invite');
      }
      const before = opening;
      if (before?.life.signal.aborted === false) {
        await closeElsewhere(before);
        if (opening === undefined) throw closedMeanwhile();
      }
      if (opening === undefined || opening.life.signal.aborted) opening = start();
      const mine = opening;
      mine.invites = [...new Set([...mine.invites, toHex(invite.code.sessionId)])].slice(-liveCodesMax);
      const { address } = await mine.server;
      if (mine.life.signal.aborted) throw closedMeanwhile();
      return { address: `${address}#${codeText(invite.bytes)}`, closesAtMs: mine.closesAtMs };
    },
    close() {
      opening?.life.abort();
      opening = undefined;
    },
  };
}

function closedMeanwhile(): Fault {
  return new Fault('bridge-closed', 'it was closed meanwhile');
}
