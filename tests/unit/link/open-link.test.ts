// Two whole links without a browser: codes, verification, cuts, and what is left behind, in virtual time.

import { describe, expect, it, vi } from 'vitest';
import type { Link, LinkOptions } from '../../../link/link.ts';
import { openLink } from '../../../link/open-link.ts';
import { decodeCode } from '../../../shared/code/code-text.ts';
import { toHex } from '../../../shared/model/bytes.ts';
import {
  callBackReachMs,
  certificateRefusedMaxMs,
  connectingHintAfterMs,
  crossingSettleMs,
  heartbeatEveryMs,
  offlineRetryMs,
} from '../../../shared/wire/limits.ts';
import { SimulatedEngine, SimulatedRtc } from './simulated-rtc.ts';
import { quickly } from './two-links.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

type Side = { readonly link: Link; readonly engine: SimulatedEngine };
type Two = { readonly anna: Side; readonly ben: Side; readonly network: SimulatedRtc; readonly clock: VirtualClock };

function two(): Two {
  const network = new SimulatedRtc();
  const clock = new VirtualClock();
  const side = (deviceName: string, address: string): Side => {
    const engine = new SimulatedEngine(network);
    return { engine, link: openLink({ deviceName, servers: [] }, { rtc: network.browser(address), clock, engine }) };
  };
  return { anna: side('Anna', '192.168.1.2'), ben: side('Ben', '192.168.1.3'), network, clock };
}

async function code({ link }: Side, kind: 'invite' | 'reply'): Promise<string> {
  return vi.waitFor(() => {
    const view = link.view();
    const shown = view.at === 'pairing' || view.at === 'connecting' ? view.code : undefined;
    if (shown?.at !== 'ready' || shown.kind !== kind) throw new Error(`no ${kind}: ${JSON.stringify(view)}`);
    return shown.text;
  }, quickly);
}

const until = (side: Side, at: string) => vi.waitFor(() => expect(side.link.view().at).toBe(at), quickly);

async function linkUp({ anna, ben, clock }: Two, { lateMs = 0 } = {}): Promise<void> {
  expect(await ben.link.takeCode(await code(anna, 'invite'), 'paste')).toBeUndefined();
  const reply = await code(ben, 'reply');
  await clock.pass(lateMs);
  expect(await anna.link.takeCode(reply, 'paste')).toBeUndefined();
  await Promise.all([until(anna, 'linked'), until(ben, 'linked')]);
  for (const { link } of [anna, ben]) link.confirmVerification('match');
  for (const { engine } of [anna, ben]) {
    await vi.waitFor(() => expect(engine.commands.some((command) => command.do === 'authorize')).toBe(true), quickly);
  }
}

const authorizations = ({ engine }: Side) => engine.commands.filter((command) => command.do === 'authorize').length;

/** While the link of the inviter is down. */
async function replyTo(replier: Side, inviter: Side): Promise<string> {
  const invite = await vi.waitFor(() => {
    const view = inviter.link.view();
    if (view.at !== 'reconnecting' || view.code?.at !== 'ready') throw new Error(`no invite: ${JSON.stringify(view)}`);
    return view.code.text;
  }, quickly);
  expect(await replier.link.takeCode(invite, 'paste')).toBeUndefined();
  return code(replier, 'reply');
}

const standby = async ({ link }: Side) => (await link.report(false)).find(({ name }) => name === 'standby')?.value;

describe('two links', () => {
  it('show the same digits and link, however late the reply is taken', async () => {
    const links = two();
    await linkUp(links, { lateMs: 30 * 60_000 });
    const digits = [links.anna, links.ben].map(({ link }) => {
      const view = link.view();
      return view.at === 'linked' ? view.peer.trust.digits : '';
    });
    expect(digits[0]).toMatch(/^\d{6}$/);
    expect(digits[1]).toBe(digits[0]);
  }, 30_000);

  it('that are up refuse a code by saying so, and not by blaming the code', async () => {
    const links = two();
    await linkUp(links);
    const other = two();
    const fault = await links.anna.link.takeCode(await code(other.ben, 'invite'), 'paste');
    expect(fault?.code).toBe('link-exists');
  }, 30_000);

  it('whose browser cannot read what a code says call it malformed, not out of reach', async () => {
    const { anna, ben, network } = two();
    const invite = await code(anna, 'invite');
    network.refusesDescriptions = true;
    expect((await ben.link.takeCode(invite, 'paste'))?.code).toBe('code-malformed');
  }, 30_000);

  it('whose browser was too busy to name an address look again, and have a code soon', async () => {
    const network = new SimulatedRtc();
    network.namesNoAddress = true;
    const clock = new VirtualClock();
    const engine = new SimulatedEngine(network);
    const link = openLink({ deviceName: 'Anna', servers: [] }, { rtc: network.browser('192.168.1.2'), clock, engine });
    await clock.pass(4_000);
    expect(link.view()).toEqual({ at: 'pairing', code: { at: 'making' } });
    network.namesNoAddress = false;
    await clock.pass(offlineRetryMs);
    expect(await code({ link, engine }, 'invite')).toMatch(/^TINCAN:/);
    link.close();
  }, 30_000);

  it.each([-3_600_000, 0, 3_600_000])(
    'say what may be wrong after a while, the clock being set by %i',
    async (setMs) => {
      const { anna, ben, network, clock } = two();
      network.cut();
      expect(await ben.link.takeCode(await code(anna, 'invite'), 'paste')).toBeUndefined();
      expect(await anna.link.takeCode(await code(ben, 'reply'), 'paste')).toBeUndefined();
      clock.wallSetMs = setMs;
      await clock.pass(connectingHintAfterMs / 2);
      expect(anna.link.view()).not.toHaveProperty('hint');
      await clock.pass(connectingHintAfterMs);
      expect(anna.link.view()).toMatchObject({ at: 'connecting', hint: 'firewall' });
    },
    30_000,
  );

  it.each([-3_600_000, 3_600_000])(
    'call a certificate that is refused at once tampered, and silence not, the clock being set by %i',
    async (setMs) => {
      for (const [afterMs, fault] of [
        [1_000, 'link-tampered'],
        [certificateRefusedMaxMs + 1_000, 'link-unreachable'],
      ] as const) {
        const { anna, ben, network, clock } = two();
        network.cut();
        expect(await ben.link.takeCode(await code(anna, 'invite'), 'paste')).toBeUndefined();
        expect(await anna.link.takeCode(await code(ben, 'reply'), 'paste')).toBeUndefined();
        const taken = [...network.connections].find(({ localDescription }) => localDescription !== null)!;
        clock.wallSetMs = setMs;
        await clock.pass(afterMs);
        taken.failDtls();
        await vi.waitFor(
          () => expect(anna.link.view()).toMatchObject({ at: 'pairing', ended: { code: fault } }),
          quickly,
        );
      }
    },
    30_000,
  );

  it('come back after a cut of ten minutes, over the same link and with no new codes', async () => {
    const links = two();
    const { anna, ben, network, clock } = links;
    await linkUp(links);
    for (const side of [anna, ben]) await vi.waitFor(async () => expect(await standby(side)).toBe('3'), quickly);
    network.cut();
    await Promise.all([until(anna, 'reconnecting'), until(ben, 'reconnecting')]);
    await clock.pass(600_000);
    expect([anna, ben].map(({ link }) => link.view().at)).toEqual(['reconnecting', 'reconnecting']);
    network.mend();
    await clock.pass(8_000);
    await Promise.all([until(anna, 'linked'), until(ben, 'linked')]);
    for (const { engine } of [anna, ben]) {
      expect(engine.commands.filter((command) => command.do === 'adopt' && command.fresh)).toHaveLength(1);
    }
  }, 30_000);

  it('make a new invite after a bye, and close every connection of the old link', async () => {
    const links = two();
    const { anna, ben, network, clock } = links;
    await linkUp(links);
    for (const side of [anna, ben]) await vi.waitFor(async () => expect(await standby(side)).toBe('3'), quickly);
    anna.link.disconnect();
    await Promise.all([until(anna, 'pairing'), until(ben, 'pairing')]);
    await Promise.all([code(anna, 'invite'), code(ben, 'invite')]);
    await clock.pass(2_000);
    // Each side's one waiting invite.
    expect(network.connections.size).toBe(2);
    await linkUp(links);
  }, 30_000);

  it('say why it ended also where the word needs seconds, behind a file that is on its way', async () => {
    const links = two();
    const { anna, ben, network, clock } = links;
    await linkUp(links);
    const arrived = Promise.withResolvers<void>();
    network.busy = arrived.promise;
    anna.link.disconnect();
    await clock.pass(5_000);
    arrived.resolve();
    await Promise.all([until(anna, 'pairing'), until(ben, 'pairing')]);
    await code(ben, 'invite');
    const view = ben.link.view();
    expect(view.at === 'pairing' && view.ended).toBe('by-peer');
    await clock.pass(100);
    // Each side's one waiting invite.
    expect(network.connections.size).toBe(2);
  }, 30_000);

  it('close at once what one of them ended without a word', async () => {
    const links = two();
    const { anna, ben, network, clock } = links;
    await linkUp(links);
    const old = [...network.connections].find(({ owner }) => owner?.engine === anna.engine)!;
    anna.engine.tellOf(old.owner!.id).violation();
    await clock.pass(3_000);
    expect([anna.link.view().at, ben.link.view().at, old.connectionState]).toEqual([
      'pairing',
      'reconnecting',
      'closed',
    ]);
    for (const { link } of [anna, ben]) link.close();
  }, 30_000);

  it('close their end of it also where the other side does not', async () => {
    const links = two();
    const { anna, ben, network, clock } = links;
    await linkUp(links);
    const old = [...network.connections].find(({ owner }) => owner?.engine === anna.engine);
    network.cutUnnoticed();
    anna.link.disconnect();
    await clock.pass(20_000);
    expect(old!.connectionState).toBe('closed');
    for (const { link } of [anna, ben]) link.close();
  }, 30_000);

  it('are not called tampered with when the connection of one that was ended breaks in its last moment', async () => {
    const links = two();
    await linkUp(links);
    const before = [...links.network.connections].find(({ owner }) => owner?.engine === links.anna.engine)!;
    links.anna.link.disconnect();
    await until(links.anna, 'pairing');
    before.failDtls();
    await settled();
    const view = links.anna.link.view();
    expect(view.at === 'pairing' && view.ended).toBe('by-us');
    for (const { link } of [links.anna, links.ben]) link.close();
  }, 30_000);

  it.each(['left', 'violation', 'silence', 'goodbye', 'nonsense'] as const)(
    'C18 end and break by what the engine tells of their own connection, and not of one before: %s',
    async (what) => {
      const links = two();
      const { anna, ben, network, clock } = links;
      await linkUp(links);
      const adopted = () => anna.engine.commands.flatMap((one) => (one.do === 'adopt' ? [one.connection] : []));
      const before = adopted();
      ben.link.close();
      await until(anna, 'reconnecting');
      anna.link.pairAgain();
      const engine = new SimulatedEngine(network);
      const rtc = network.browser('192.168.1.4');
      const carl: Side = { engine, link: openLink({ deviceName: 'Carl', servers: [] }, { rtc, clock, engine }) };
      expect(await anna.link.takeCode(await replyTo(carl, anna), 'paste')).toBeUndefined();
      await Promise.all([until(anna, 'linked'), until(carl, 'linked')]);
      for (const { link } of [anna, carl]) link.confirmVerification('match');
      await vi.waitFor(() => expect(authorizations(anna)).toBe(2), quickly);
      await vi.waitFor(() => expect(authorizations(carl)).toBe(1), quickly);

      expect(before.map((connection) => anna.link.hasAdopted(connection))).toEqual(before.map(() => false));
      expect(anna.link.hasAdopted(adopted().at(-1)!)).toBe(true);
      for (const connection of before) anna.engine.tellOf(connection)[what]();
      await settled();
      expect(anna.link.view()).toMatchObject({ at: 'linked', peer: { name: 'Carl' } });
      anna.engine.tellOf(adopted().at(-1)!)[what]();
      await vi.waitFor(() => expect(anna.link.view().at).not.toBe('linked'), quickly);
    },
    30_000,
  );

  it.each([
    [1_000, 'link-tampered'],
    [certificateRefusedMaxMs + 1_000, 'link-unreachable'],
  ] as const)(
    'call a reply tampered with only where its certificate is refused soon after it is reached: %i ms',
    async (afterMs, fault) => {
      const { anna, ben, network, clock } = two();
      network.cut();
      expect(await ben.link.takeCode(await code(anna, 'invite'), 'paste')).toBeUndefined();
      await code(ben, 'reply');
      const replied = [...network.connections].find(({ remote }) => remote !== undefined)!;
      // However long the reply was on its way.
      await clock.pass(2 * certificateRefusedMaxMs);
      replied.reach();
      await clock.pass(afterMs);
      replied.failDtls();
      await vi.waitFor(() => expect(ben.link.view()).toMatchObject({ at: 'pairing', ended: { code: fault } }), quickly);
      for (const { link } of [anna, ben]) link.close();
    },
  );

  it('have no code left that asks a server which the person took away, also where it was copied before', async () => {
    const { anna, network } = two();
    const asked = () => [...new Set([...network.connections].flatMap(({ servers }) => servers))].sort();
    const options = (...urls: string[]) => ({ deviceName: 'Anna', servers: urls.map((url) => ({ url })) });
    const codeAfter = async (next: LinkOptions) => {
      const before = await code(anna, 'invite');
      anna.link.configure(next);
      await vi.waitFor(async () => expect(await code(anna, 'invite')).not.toBe(before), quickly);
      return code(anna, 'invite');
    };
    const copied = await codeAfter(options('stun:one.example'));
    const newer = await codeAfter(options('stun:one.example', 'stun:two.example'));
    expect(asked()).toEqual(['stun:one.example', 'stun:two.example']);
    expect(await anna.link.takeCode(copied, 'paste')).toMatchObject({ code: 'code-own' });
    await codeAfter(options('stun:two.example'));
    expect(asked()).toEqual(['stun:two.example']);
    await codeAfter(options());
    expect(asked()).toEqual([]);
    expect(await anna.link.takeCode(newer, 'paste')).toMatchObject({ code: 'code-own' });
  });

  it('say why they ended, although a code was being taken meanwhile', async () => {
    const { anna, ben, clock, network } = two();
    const browser = network.browser('192.168.1.4');
    let hold: Promise<void> = Promise.resolve();
    const rtc = { ...browser, open: (config: never) => hold.then(() => browser.open(config)) };
    const engine = new SimulatedEngine(network);
    const carl: Side = { engine, link: openLink({ deviceName: 'Carl', servers: [] }, { rtc, clock, engine }) };
    await ben.link.takeCode(await code(carl, 'invite'), 'paste');
    const reply = await code(ben, 'reply');
    const { promise, resolve } = Promise.withResolvers<void>();
    hold = promise;
    const taking = carl.link.takeCode(await code(anna, 'invite'), 'paste');
    await settled();
    expect(await carl.link.takeCode(reply, 'near')).toBeUndefined();
    await until(carl, 'linked');
    ben.engine.command({ do: 'signal', body: { say: 'goodbye', why: 'tampered' } });
    const ended = { at: 'pairing', ended: { code: 'link-tampered' } };
    await vi.waitFor(() => expect(carl.link.view()).toMatchObject(ended), quickly);
    resolve();
    await taking;
    await clock.pass(2_000);
    expect(carl.link.view()).toMatchObject(ended);
  });

  it('that healed are not replaced by codes of before, whichever is shown', async () => {
    const both = two();
    const { anna, ben, clock, network } = both;
    const side = (deviceName: string, address: string): Side => {
      const engine = new SimulatedEngine(network);
      return { engine, link: openLink({ deviceName, servers: [] }, { rtc: network.browser(address), clock, engine }) };
    };
    const [carl, dora] = [side('Carl', '192.168.1.4'), side('Dora', '192.168.1.5')];
    await linkUp(both);
    for (const each of [anna, ben]) await vi.waitFor(async () => expect(await standby(each)).toBe('3'), quickly);
    network.cut();
    await until(anna, 'reconnecting');
    anna.link.pairAgain();
    expect(await anna.link.takeCode(await replyTo(carl, anna), 'paste')).toBeUndefined();
    // Carl is being reached, and the code on the screen is Dora's.
    expect(await anna.link.takeCode(await code(dora, 'invite'), 'paste')).toBeUndefined();
    const reply = await vi.waitFor(() => {
      const view = anna.link.view();
      if (view.at !== 'reconnecting' || view.code?.at !== 'ready' || view.code.kind !== 'reply')
        throw new Error('no reply');
      return view.code.text;
    }, quickly);
    carl.link.close();
    network.mend();
    await vi.waitFor(async () => {
      await clock.pass(500);
      expect([anna, ben].map(({ link }) => link.view().at)).toEqual(['linked', 'linked']);
    }, quickly);
    await clock.pass(callBackReachMs + 2 * heartbeatEveryMs);
    expect(await dora.link.takeCode(reply, 'paste')).toBeUndefined();
    await clock.pass(20_000);
    expect([anna, ben].map(({ link }) => link.view().at)).toEqual(['linked', 'linked']);
    expect(anna.engine.commands.filter((each) => each.do === 'adopt' && each.fresh)).toHaveLength(1);
  });

  it('leave no connection and no timer behind when they are closed, even while a connection is being made', async () => {
    const { anna, ben, network, clock } = two();
    anna.link.close();
    await code(ben, 'invite');
    ben.link.close();
    await vi.waitFor(() => expect(network.connections.size).toBe(0), quickly);
    expect(clock.pending).toBe(0);
  });

  it('leave no timer behind, and deliver nothing, when they are closed in the moment in which a reply is made', async () => {
    const { anna, ben, network, clock } = two();
    anna.link.close();
    const delivered: string[] = [];
    const carrier = {
      async deliver(_: string, reply: string) {
        delivered.push(reply);
        return true;
      },
    };
    const engine = new SimulatedEngine(network);
    const ports = { rtc: network.browser('192.168.1.4'), clock, engine, carrier };
    const link = openLink({ deviceName: 'Carl', servers: [] }, ports);
    await code({ link, engine }, 'invite');
    let isReplyShown = false;
    link.onChange((view) => {
      isReplyShown = view.at === 'pairing' && view.code.at === 'ready' && view.code.kind === 'reply';
      if (isReplyShown) link.close();
    });
    await link.takeCode(await code(ben, 'invite'), 'paste');
    await vi.waitFor(() => expect(isReplyShown).toBe(true), quickly);
    ben.link.close();
    await settled();
    expect(clock.pending).toBe(0);
    expect(delivered).toEqual([]);
  });

  it('leave no timer behind when they are closed while two connections of crossing codes wait to be decided between', async () => {
    const { anna, ben, clock } = two();
    const [ofAnna, ofBen] = [await code(anna, 'invite'), await code(ben, 'invite')];
    const isAnnasBetter = sessionOf(ofAnna) < sessionOf(ofBen);
    const [better, worse] = isAnnasBetter ? [anna, ben] : [ben, anna];
    const [betterInvite, worseInvite] = isAnnasBetter ? [ofAnna, ofBen] : [ofBen, ofAnna];
    expect(await worse.link.takeCode(betterInvite, 'paste')).toBeUndefined();
    await code(worse, 'reply');
    expect(await better.link.takeCode(worseInvite, 'paste')).toBeUndefined();
    // The one whose invite comes up waits for the better one.
    expect(await worse.link.takeCode(await code(better, 'reply'), 'paste')).toBeUndefined();
    await settled();
    for (const { link } of [anna, ben]) link.close();
    await settled();
    expect(clock.pending).toBe(0);
  });
});

/** Both took each other's codes; the connection of the invite that both would rather keep does not come up, and the other one does. */
async function crossed({ waitMs = 0 } = {}): Promise<Two & { readonly better: Side }> {
  const links = two();
  const { anna, ben, network, clock } = links;
  await clock.pass(waitMs);
  const [ofAnna, ofBen] = [await code(anna, 'invite'), await code(ben, 'invite')];
  const isAnnasBetter = sessionOf(ofAnna) < sessionOf(ofBen);
  const [better, worse] = isAnnasBetter ? [anna, ben] : [ben, anna];
  const [betterInvite, worseInvite] = isAnnasBetter ? [ofAnna, ofBen] : [ofBen, ofAnna];
  network.cut();
  expect(await worse.link.takeCode(betterInvite, 'paste')).toBeUndefined();
  expect(await better.link.takeCode(await code(worse, 'reply'), 'paste')).toBeUndefined();
  const before = new Set(network.connections);
  expect(await better.link.takeCode(worseInvite, 'paste')).toBeUndefined();
  expect(await worse.link.takeCode(await code(better, 'reply'), 'paste')).toBeUndefined();
  const reply = [...network.connections].find((each) => !before.has(each))!;
  const invite = [...network.connections].find(({ ufrag }) => ufrag === reply.remote?.ufrag)!;
  [reply.peer, invite.peer] = [invite, reply];
  network.mend();
  for (const each of [reply, invite]) each.become('connected');
  return { ...links, better };
}

function sessionOf(text: string): string {
  const decoded = decodeCode(text);
  return decoded.ok ? toHex(decoded.code.sessionId) : '';
}

describe('two links where both people took the code of the other', () => {
  it('say nothing of what may be wrong while the connection that is up waits for the better one', async () => {
    const { better, anna, ben } = await crossed({ waitMs: 60_000 });
    expect(better.link.view()).toMatchObject({ at: 'connecting', step: 'securing' });
    expect(better.link.view()).not.toHaveProperty('hint');
    for (const { link } of [anna, ben]) link.close();
  });

  it('are linked by the connection that is up, where the better one never comes', async () => {
    const { anna, ben, clock } = await crossed();
    await clock.pass(crossingSettleMs);
    await Promise.all([until(anna, 'linked'), until(ben, 'linked')]);
    for (const { link } of [anna, ben]) link.close();
  });
});
