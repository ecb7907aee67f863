// Two remembered computers, one of which starts again while they are linked: they find each other without anybody's doing.

import { describe, expect, it, vi } from 'vitest';
import type { Link } from '../../../link/link.ts';
import { openLink } from '../../../link/open-link.ts';
import type { RtcFactory } from '../../../link/rtc.ts';
import {
  askedConnectionsBurst,
  callBackReachMs,
  callTakenAfterDownMs,
  heartbeatEveryMs,
  lastPeerCallMs,
} from '../../../shared/wire/limits.ts';
import { LanHub } from '../../net/page/lan-hub.ts';
import { SimulatedEngine, SimulatedRtc } from './simulated-rtc.ts';
import { quickly } from './two-links.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

const hourMs = 3_600_000;

type Side = { readonly link: Link; readonly engine: SimulatedEngine; readonly made: () => number };

function openRoom() {
  const network = new SimulatedRtc();
  const clock = new VirtualClock();
  const lan = new LanHub(clock);
  const start = (name: string, address: string): Side => {
    const engine = new SimulatedEngine(network);
    const browser = network.browser(address);
    let made = 0;
    const rtc: RtcFactory = {
      ...browser,
      open: (config) => {
        made += 1;
        return browser.open(config);
      },
    };
    const lastPeer = lan.linked.get(name);
    const ports = {
      ...{ rtc, clock, engine, lan: lan.serviceOf(name) },
      ...(lastPeer === undefined ? {} : { lastPeer }),
    };
    return { engine, made: () => made, link: openLink({ deviceName: name, servers: [] }, ports) };
  };
  return { clock, lan, network, start };
}

const until = (side: Side, at: string) => vi.waitFor(() => expect(side.link.view().at).toBe(at), quickly);

async function code({ link }: Side, kind: 'invite' | 'reply'): Promise<string> {
  return vi.waitFor(() => {
    const view = link.view();
    const shown = 'code' in view ? view.code : undefined;
    if (shown?.at !== 'ready' || shown.kind !== kind) throw new Error(`no ${kind}: ${JSON.stringify(view)}`);
    return shown.text;
  }, quickly);
}

async function linkUp(anna: Side, ben: Side): Promise<void> {
  expect(await ben.link.takeCode(await code(anna, 'invite'), 'paste')).toBeUndefined();
  expect(await anna.link.takeCode(await code(ben, 'reply'), 'paste')).toBeUndefined();
  await Promise.all([until(anna, 'linked'), until(ben, 'linked')]);
  for (const { link } of [anna, ben]) link.confirmVerification('match');
}

const rememberAt = ({ link }: Side) => {
  const view = link.view();
  return view.at === 'linked' ? view.peer.remember : undefined;
};

async function rememberEachOther(anna: Side, ben: Side, lan: LanHub): Promise<void> {
  await vi.waitFor(() => expect([rememberAt(anna), rememberAt(ben)]).toEqual(['open', 'open']), quickly);
  anna.link.remember('yes');
  await vi.waitFor(() => expect(rememberAt(ben)).toBe('asked'), quickly);
  ben.link.remember('yes');
  await vi.waitFor(() => expect([rememberAt(anna), rememberAt(ben)]).toEqual(['agreed', 'agreed']), quickly);
  await vi.waitFor(() => expect(lan.kept.size).toBe(2), quickly);
}

/** A room in which Anna and Ben are linked and remember each other. */
async function openRemembered() {
  const room = openRoom();
  const anna = room.start('Anna', '192.168.1.2');
  const ben = room.start('Ben', '192.168.1.3');
  await linkUp(anna, ben);
  await rememberEachOther(anna, ben, room.lan);
  return { ...room, anna, ben };
}

function settledBetween(...sides: Side[]): Promise<void> {
  return vi.waitFor(() => {
    for (const { link } of sides)
      expect(link.view()).toMatchObject({ peer: { trust: { at: 'settled', checked: 'known' } } });
  }, quickly);
}

const standbyAt = async ({ link }: Side) => (await link.report(false)).find(({ name }) => name === 'standby')?.value;

const knownIdAt = ({ link }: Side) => {
  const view = link.view();
  return view.at === 'linked' ? view.peer.knownId : undefined;
};

const authorizations = ({ engine }: Side) =>
  engine.commands.flatMap((command) => (command.do === 'authorize' ? [command.remembered] : []));

/** Waits in virtual time, a little at a time: hashes are computed in real time. */
async function passUntil(clock: VirtualClock, isDone: () => boolean): Promise<void> {
  await vi.waitFor(async () => {
    await clock.pass(500);
    expect(isDone()).toBe(true);
  }, quickly);
}

describe('a remembered computer', () => {
  it('that starts again is called by the other one, and both are linked without codes or digits', async () => {
    const { anna, ben, clock, start } = await openRemembered();
    ben.link.close();
    await until(anna, 'reconnecting');
    expect(anna.link.view()).toMatchObject({ callsBack: true });
    const again = start('Ben', '192.168.1.3');
    await passUntil(clock, () => anna.link.view().at === 'linked' && again.link.view().at === 'linked');
    await settledBetween(anna, again);
    // The engine is told who it is: nobody was asked, and what that computer has used up of its pace it has used up.
    expect(knownIdAt(anna)).toBeDefined();
    expect(authorizations(anna)).toEqual([undefined, knownIdAt(anna)]);
    // Found again, by the entry that its call named, when it is the other one that starts again.
    anna.link.close();
    await until(again, 'reconnecting');
    const annaAgain = start('Anna', '192.168.1.2');
    await passUntil(clock, () => annaAgain.link.view().at === 'linked' && again.link.view().at === 'linked');
  }, 30_000);

  it('has no more connections made by starting again and again', async () => {
    const { anna, ben, clock, start } = await openRemembered();
    const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'fe'.repeat(32), candidates: [] };
    let other = ben;
    let pair = 0;
    const madeBySpares = async () => {
      other.link.close();
      await until(anna, 'reconnecting');
      other = start('Ben', '192.168.1.3');
      await passUntil(clock, () => anna.link.view().at === 'linked' && other.link.view().at === 'linked');
      await settledBetween(anna, other);
      const before = anna.made();
      for (let round = 0; round < askedConnectionsBurst; round += 1) {
        pair += 10;
        other.engine.command({ do: 'signal', body: { say: 'spares', spares: [{ pair, fields }] } });
        await settled();
      }
      return anna.made() - before;
    };
    expect(await madeBySpares()).toBeGreaterThan(askedConnectionsBurst / 2);
    expect(await madeBySpares()).toBeLessThan(askedConnectionsBurst / 2);
  }, 30_000);

  it('finds the other one again when both start again at once', async () => {
    const { anna, ben, clock, lan, start } = await openRemembered();
    await vi.waitFor(() => expect([...lan.linked]).toHaveLength(2), quickly);
    anna.link.close();
    ben.link.close();
    const again = { anna: start('Anna', '192.168.1.2'), ben: start('Ben', '192.168.1.3') };
    await code(again.anna, 'invite');
    expect(again.anna.link.view()).toMatchObject({ at: 'pairing', callsBack: 'Ben' });
    await passUntil(clock, () => again.anna.link.view().at === 'linked' && again.ben.link.view().at === 'linked');
    await settledBetween(again.anna, again.ben);
  }, 30_000);

  it('is found again where both moved at once and no standby connection finds anybody', async () => {
    const { anna, ben, clock, network } = await openRemembered();
    network.cut();
    // No connection of before is where it was.
    network.connections.clear();
    network.mend();
    await Promise.all([until(anna, 'reconnecting'), until(ben, 'reconnecting')]);
    // A mere cut heals by itself: until then nobody answers.
    await clock.pass(callTakenAfterDownMs - 5_000);
    expect([anna, ben].map(({ link }) => link.view().at)).toEqual(['reconnecting', 'reconnecting']);
    await passUntil(clock, () => anna.link.view().at === 'linked' && ben.link.view().at === 'linked');
    await settledBetween(anna, ben);
  }, 30_000);

  it('is found again after a code that was taken while the link was down, and came to nothing', async () => {
    const { anna, ben, clock, network, start } = await openRemembered();
    network.cut();
    await until(anna, 'reconnecting');
    const carl = start('Carl', '192.168.1.4');
    anna.link.pairAgain();
    expect(await carl.link.takeCode(await code(anna, 'invite'), 'paste')).toBeUndefined();
    expect(await anna.link.takeCode(await code(carl, 'reply'), 'paste')).toBeUndefined();
    carl.link.close();
    network.mend();
    await passUntil(clock, () => anna.link.view().at === 'linked' && ben.link.view().at === 'linked');
    // Long enough for whoever still wants to come over that code.
    await clock.pass(callBackReachMs + 2 * heartbeatEveryMs);
    network.cut();
    network.connections.clear();
    network.mend();
    await Promise.all([until(anna, 'reconnecting'), until(ben, 'reconnecting')]);
    await passUntil(clock, () => anna.link.view().at === 'linked' && ben.link.view().at === 'linked');
    await settledBetween(anna, ben);
  }, 30_000);

  it('does not get in for somebody else whose link is down', async () => {
    const { anna, ben, clock, network, start } = await openRemembered();
    const carl = start('Carl', '192.168.1.4');
    network.cut();
    network.connections.clear();
    network.mend();
    ben.link.close();
    await until(anna, 'reconnecting');
    await clock.pass(2 * callTakenAfterDownMs);
    await code(carl, 'invite');
    const isFound = carl.link.callRemembered('Anna');
    await clock.pass(20_000);
    expect(await isFound).toBe(false);
    expect(anna.link.view()).toMatchObject({ at: 'reconnecting' });
  }, 30_000);

  it.each(['ended the link', 'asked for another code', 'waited a while'] as const)(
    'is not called any more by whoever %s',
    async (what) => {
      const { anna, ben, clock, lan, start } = await openRemembered();
      await vi.waitFor(() => expect(lan.linked.get('Anna')).toBe('Ben'), quickly);
      if (what === 'ended the link') anna.link.disconnect();
      anna.link.close();
      ben.link.close();
      const again = start('Anna', '192.168.1.2');
      await code(again, 'invite');
      if (what === 'asked for another code') again.link.newCode();
      if (what === 'waited a while') await clock.pass(lastPeerCallMs);
      expect(lan.linked.has('Anna')).toBe(false);
      expect(again.link.view()).not.toHaveProperty('callsBack');
    },
    30_000,
  );

  it('that calls does not take away why the link ended', async () => {
    const { anna, ben, network } = await openRemembered();
    ben.engine.command({ do: 'signal', body: { say: 'goodbye', why: 'tampered' } });
    const ended = { at: 'pairing', ended: { code: 'peer-violation' } };
    await vi.waitFor(() => expect(anna.link.view()).toMatchObject(ended), quickly);
    network.cut();
    ben.link.disconnect();
    await Promise.all([code(anna, 'invite'), code(ben, 'invite')]);
    expect(await ben.link.callRemembered('Anna')).toBe(true);
    expect(anna.link.view()).toMatchObject(ended);
  }, 30_000);

  it('is called without a code on the screen, until a person asks for one', async () => {
    const { anna, ben, clock } = await openRemembered();
    ben.link.close();
    await until(anna, 'reconnecting');
    await clock.pass(30_000);
    expect(anna.link.view()).not.toHaveProperty('code');
    anna.link.pairAgain();
    expect(await code(anna, 'invite')).toMatch(/^TINCAN:/);
  }, 30_000);

  it('is not called over a code that a person gave while the call was under way', async () => {
    const { anna, ben, clock, lan, start } = await openRemembered();
    await vi.waitFor(() => expect([...lan.linked]).toHaveLength(2), quickly);
    anna.link.close();
    ben.link.close();
    const again = { anna: start('Anna', '192.168.1.2'), ben: start('Ben', '192.168.1.3') };
    await Promise.all([code(again.anna, 'invite'), code(again.ben, 'invite')]);
    lan.holds = true;
    await passUntil(clock, () => lan.heldCount() > 0);
    const carl = start('Carl', '192.168.1.4');
    expect(await again.anna.link.takeCode(await code(carl, 'invite'), 'paste')).toBeUndefined();
    const reply = await code(again.anna, 'reply');
    // Ben has answered, and is gone.
    again.ben.link.close();
    lan.release();
    await clock.pass(3 * callBackReachMs);
    expect(again.anna.link.view()).toMatchObject({ at: 'pairing', code: { at: 'ready', kind: 'reply', text: reply } });
    expect(await carl.link.takeCode(reply, 'paste')).toBeUndefined();
    await passUntil(clock, () => again.anna.link.view().at === 'linked' && carl.link.view().at === 'linked');
  }, 30_000);

  it('is found by the next click where the answer to the one before was for nobody any more', async () => {
    const { anna, ben, clock, lan } = await openRemembered();
    ben.link.disconnect();
    await Promise.all([until(anna, 'pairing'), until(ben, 'pairing')]);
    await Promise.all([code(anna, 'invite'), code(ben, 'invite')]);
    lan.holds = true;
    void anna.link.callRemembered('Ben');
    await vi.waitFor(() => expect(lan.heldCount()).toBe(1), quickly);
    lan.holds = false;
    const again = anna.link.callRemembered('Ben');
    await passUntil(clock, () => anna.link.view().at === 'linked' && ben.link.view().at === 'linked');
    expect(await again).toBe(true);
  }, 30_000);

  it.each([0, -hourMs])(
    'whose link healed first leaves no call open, the clock being set by %i',
    async (setMs) => {
      const { anna, ben, clock, network } = await openRemembered();
      for (const side of [anna, ben]) await vi.waitFor(async () => expect(await standbyAt(side)).toBe('3'), quickly);
      const before = new Set(network.connections);
      network.cut();
      await Promise.all([until(anna, 'reconnecting'), until(ben, 'reconnecting')]);
      const called = () => [...network.connections].filter((each) => !before.has(each) && each.remote !== undefined);
      await passUntil(clock, () => called().length >= 2);
      const calls = called();
      clock.wallSetMs = setMs;
      // The way of the link is free again, and that of the call is not.
      for (const each of calls) network.connections.delete(each);
      network.mend();
      await passUntil(clock, () => anna.link.view().at === 'linked' && ben.link.view().at === 'linked');
      await clock.pass(callBackReachMs + 2 * heartbeatEveryMs);
      expect(calls.map(({ connectionState }) => connectionState)).toEqual(calls.map(() => 'closed'));
      expect([anna, ben].map(({ link }) => link.view().at)).toEqual(['linked', 'linked']);
    },
    30_000,
  );

  it.each([
    ['the question', 'anna', 'yes', ['waiting', 'asked']],
    ['the answer', 'ben', 'yes', ['agreed', 'agreed']],
    ['the refusal', 'ben', 'no', ['declined', 'declined']],
  ] as const)(
    'is what both become, or neither, where %s was lost with the connection',
    async (_, who, choice, after) => {
      const { clock, lan, network, start } = openRoom();
      const sides = { anna: start('Anna', '192.168.1.2'), ben: start('Ben', '192.168.1.3') };
      const { anna, ben } = sides;
      const remembering = () => [rememberAt(anna), rememberAt(ben)];
      await linkUp(anna, ben);
      await vi.waitFor(() => expect(remembering()).toEqual(['open', 'open']), quickly);
      for (const side of [anna, ben]) await vi.waitFor(async () => expect(await standbyAt(side)).toBe('3'), quickly);
      if (who === 'ben') {
        anna.link.remember('yes');
        await vi.waitFor(() => expect(remembering()).toEqual(['waiting', 'asked']), quickly);
      }
      const lost = [...network.connections].filter(({ connectionState }) => connectionState === 'connected');
      network.cutUnnoticed();
      sides[who].link.remember(choice);
      await settled();
      network.cut();
      await Promise.all([until(anna, 'reconnecting'), until(ben, 'reconnecting')]);
      for (const connection of lost) network.connections.delete(connection);
      network.mend();
      await passUntil(clock, () => anna.link.view().at === 'linked' && ben.link.view().at === 'linked');
      await vi.waitFor(() => expect(remembering()).toEqual(after), quickly);
      if (choice === 'no') return;
      ben.link.remember('yes');
      await vi.waitFor(() => expect(remembering()).toEqual(['agreed', 'agreed']), quickly);
      await vi.waitFor(() => expect(lan.kept.size).toBe(2), quickly);
      expect(new Set([...lan.kept.values()].map(({ secret }) => secret)).size).toBe(1);
    },
    30_000,
  );

  it('is not called when it was never remembered', async () => {
    const { clock, start } = openRoom();
    const anna = start('Anna', '192.168.1.2');
    const ben = start('Ben', '192.168.1.3');
    await linkUp(anna, ben);
    ben.link.close();
    await until(anna, 'reconnecting');
    const again = start('Ben', '192.168.1.3');
    await code(again, 'invite');
    await clock.pass(60_000);
    expect(anna.link.view().at).toBe('reconnecting');
    expect(again.link.view().at).toBe('pairing');
  }, 30_000);
});
