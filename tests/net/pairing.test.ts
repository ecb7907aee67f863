// Pairing, verification and lanes between two real links in one real Chromium.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lanesMax, standbyConnectionsMax } from '../../shared/wire/limits.ts';
import { type LinkBrowser, linkByPaste, openBrowser, pairByPaste, type TestLink } from './link-browser.ts';

let browser: LinkBrowser;
let anna: TestLink;
let ben: TestLink;
let pairs = 0;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() =>
  browser.page.evaluate(() => {
    for (const name of [...window.links.all.keys()]) window.links.close(name);
  }),
);

async function two(): Promise<void> {
  pairs += 1;
  anna = await browser.open(`anna-${pairs}`);
  ben = await browser.open(`ben-${pairs}`);
}

describe('pairing by paste', () => {
  it('links with an invite and a reply, shows both the same digits, and is authorized once both said so', async () => {
    await two();
    await pairByPaste(anna, ben);
    const digits = await anna.digits();
    expect(digits).toMatch(/^\d{6}$/);
    expect(await ben.digits()).toBe(digits);
    expect((await anna.facts()).binding).toBe((await ben.facts()).binding);

    await anna.confirm('match');
    expect((await anna.view()) as object).toMatchObject({ peer: { trust: { at: 'waiting-for-peer' } } });
    expect((await ben.facts()).authorized).toBeNull();
    await ben.confirm('skip');
    await Promise.all([anna.untilGate(), ben.untilGate()]);
    expect((await anna.facts()).authorized).toEqual({ checked: true, peerName: ben.name });
    expect((await ben.facts()).authorized).toEqual({ checked: false, peerName: anna.name });
    await anna.note(1);
    await ben.untilNote(1);
  });

  it('shows and does not ask the digits when both codes came through the camera', async () => {
    await two();
    await ben.take(await anna.code('invite'), 'camera');
    await anna.take(await ben.code('reply'), 'camera');
    await Promise.all([anna.untilGate(), ben.untilGate()]);
    expect((await anna.facts()).authorized?.checked).toBe(true);
    expect(await anna.view()).toMatchObject({ peer: { trust: { at: 'settled', checked: 'camera' } } });
  });

  it('asks both when only one code came through the camera', async () => {
    await two();
    await ben.take(await anna.code('invite'), 'camera');
    await anna.take(await ben.code('reply'), 'paste');
    await Promise.all([anna.until('linked'), ben.until('linked')]);
    expect(await anna.view()).toMatchObject({ peer: { trust: { at: 'asking' } } });
    expect(await ben.view()).toMatchObject({ peer: { trust: { at: 'asking' } } });
  });

  it('links crossing invites by either reply', async () => {
    await two();
    const [ofAnna, ofBen] = [await anna.code('invite'), await ben.code('invite')];
    await Promise.all([anna.take(ofBen), ben.take(ofAnna)]);
    await Promise.all([anna.code('reply'), ben.code('reply')]);
    await anna.take(await ben.code('reply'));
    await Promise.all([anna.until('linked'), ben.until('linked')]);
    expect(await anna.digits()).toBe(await ben.digits());
  });

  it('links crossing invites when both replies are taken at once', async () => {
    await two();
    const [ofAnna, ofBen] = [await anna.code('invite'), await ben.code('invite')];
    await Promise.all([anna.take(ofBen), ben.take(ofAnna)]);
    const [replyOfAnna, replyOfBen] = [await anna.code('reply'), await ben.code('reply')];
    await Promise.all([anna.take(replyOfBen), ben.take(replyOfAnna)]);
    await Promise.all([anna.until('linked'), ben.until('linked')]);
    expect(await anna.digits()).toBe(await ben.digits());
    expect((await anna.facts()).binding).toBe((await ben.facts()).binding);
  });

  it('still takes a reply to the code that was shown before the addresses changed', async () => {
    await two();
    const before = await anna.code('invite');
    await anna.nudge('addresses');
    await expect.poll(() => anna.code('invite'), { timeout: 10_000 }).not.toBe(before);
    await ben.take(before);
    await anna.take(await ben.code('reply'));
    await Promise.all([anna.until('linked'), ben.until('linked')]);
  });

  it('refuses its own codes, codes thrown away, and codes that did their work', async () => {
    await two();
    const invite = await anna.code('invite');
    expect(await anna.take(invite)).toBe('code-own');
    await ben.take(invite);
    const reply = await ben.code('reply');
    expect(await ben.take(reply)).toBe('code-own');
    await anna.do('newCode');
    expect(await anna.take(reply)).toBe('code-other-invite');
    await ben.do('newCode');
    await linkByPaste(anna, ben);
    await anna.do('disconnect');
    await Promise.all([anna.until('pairing'), ben.until('pairing')]);
    expect(await anna.view()).toMatchObject({ ended: 'by-us' });
    expect(await ben.view()).toMatchObject({ ended: 'by-peer' });
    await linkByPaste(ben, anna);
  });
});

describe('a link', () => {
  it('says so when the servers in the settings are none', async () => {
    anna = await browser.open(`anna-${pairs}`, { servers: [{ url: 'nonsense' }] });
    await expect.poll(() => anna.view()).toMatchObject({ at: 'pairing', ended: { code: 'settings-invalid' } });
  });

  it('tells kinds but no addresses in its report unless asked', async () => {
    await two();
    await linkByPaste(anna, ben);
    const address = /\d+\.\d+\.\d+\.\d+|[0-9a-f]+:+[0-9a-f]+/;
    const report = (withAddresses: boolean) =>
      browser.page.evaluate(async ([name, all]) => JSON.stringify(await window.links.all.get(name)!.link.report(all)), [
        anna.name,
        withAddresses,
      ] as const);
    expect(await report(false)).toContain('"local candidate"');
    expect(await report(false)).not.toMatch(address);
    await expect.poll(() => report(true), { timeout: 8_000 }).toMatch(address);
  });

  it('shows the route and its round trip', async () => {
    await two();
    await pairByPaste(anna, ben);
    await expect
      .poll(() => anna.view(), { timeout: 8_000 })
      .toMatchObject({
        peer: { route: { kind: 'same-network', lanes: 1, roundTripMs: expect.any(Number) } },
      });
  });
});

describe('lanes', () => {
  it('opens and closes lanes as either side wishes', async () => {
    await two();
    await linkByPaste(anna, ben);
    await ben.wantLanes(4);
    await Promise.all([anna.untilFact('lanes', 3), ben.untilFact('lanes', 3)]);
    await anna.wantLanes(6);
    await Promise.all([anna.untilFact('lanes', 5), ben.untilFact('lanes', 5)]);
    await anna.wantLanes(1);
    await ben.wantLanes(2);
    await Promise.all([anna.untilFact('lanes', 1), ben.untilFact('lanes', 1)]);
  });

  it('are no more than the limit for a peer that offers without end, and after its bye there is a new invite', async () => {
    await two();
    await linkByPaste(anna, ben);
    // Anna invites and so leads; Ben is the one who answers offers.
    await browser.page.evaluate(
      ([from, count]) => {
        const { engine } = window.links.all.get(from)!;
        const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'ab'.repeat(32), candidates: [] };
        for (let round = 0; round < count; round += 1)
          engine.forge({ say: 'lane-offer', lane: 1 + (round % 15), fields });
      },
      [anna.name, 45] as const,
    );
    const connections = async () => {
      const lines = await browser.page.evaluate((name) => window.links.all.get(name)!.link.report(false), ben.name);
      return Number(lines.find(({ name }) => name === 'connections')?.value);
    };
    await anna.note(1);
    await ben.untilNote(1);
    // The link, lanes, standby connections.
    const most = 1 + (lanesMax - 1) + standbyConnectionsMax;
    await expect.poll(connections).toBeGreaterThanOrEqual(lanesMax);
    expect(await connections()).toBeLessThanOrEqual(most);
    await anna.do('disconnect');
    await ben.until('pairing');
    expect(await ben.code('invite')).toMatch(/./);
    await expect.poll(connections).toBe(1);
  });
});
