// Across the internet with no third party: whole Tincans in two homes, whose own routers open ports. Nobody but the routers and
// the peer is sent a packet. What is closed is closed at once; a router on a busy machine takes its time, and far less than a lease.

import { create } from 'qrcode';
import { describe, expect, it } from 'vitest';
import { codeOf, giveCode, settleDigits } from '../e2e/pairing.ts';
import { whyNoCoturn } from './coturn.ts';
import { fileBytes, sendBothWays, untilRoute } from './home-apps.ts';
import { stillOpen, whyNoMiniupnpd } from './miniupnpd.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { inviteWithPort, routerOnly, strangers, withRouterApps } from './router-apps.ts';
import { addressV6 } from './v6-home.ts';

const why = whyNoNamespaces() ?? whyNoCoturn() ?? whyNoMiniupnpd();
if (why !== undefined) console.log(`The tests of links through routers are skipped: ${why}.`);

const qrVersion = (code: string) =>
  create([{ data: code, mode: 'alphanumeric' }], { errorCorrectionLevel: 'M' }).version;

describe.skipIf(why !== undefined)('two homes', { timeout: 120_000 }, () => {
  it('behind strict routers link with one code and no server when one router opens a port, use the direct lane, and have it closed afterwards', async () => {
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a'] },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        await anna.page.getByTestId('reach-meaning').getByText('Your router can open a port.').waitFor();
        expect(homes.router('a').ports().length).toBeGreaterThan(0);
        await giveCode(ben, await inviteWithPort(anna));
        await Promise.all([anna.session('linked'), ben.session('linked')]);
        await Promise.all([untilRoute(anna, 'direct'), untilRoute(ben, 'direct')]);
        await settleDigits(anna, ben);
        await Promise.all([anna, ben].map((each) => each.at('lane-direct').waitFor({ timeout: 20_000 })));
        const before = homes.tcpBytes('a');
        await sendBothWays(anna, ben);
        expect(homes.tcpBytes('a') - before).toBeGreaterThan(2 * fileBytes);
        expect(homes.asked()).toBe(0);
        // A router that does not answer by itself is looked for on its own network, by UPnP's search.
        expect([strangers(homes, 'a'), strangers(homes, 'b')]).toEqual([[], ['239.255.255.250 udp 1900']]);
        const opened = homes.router('a').ports();
        expect(opened.every(({ to }) => to === '192.168.10.2')).toBe(true);
        expect(new Set(opened.map(({ protocol }) => protocol))).toEqual(new Set(['udp', 'tcp']));
        await anna.at('disconnect').click();
        await anna.at('leave-now').click();
        await expect.poll(() => stillOpen(homes.router('a').ports(), opened), { interval: 50 }).toEqual([]);
        // The next invite has ports of its own.
        await expect.poll(() => homes.router('a').ports().length, { timeout: 10_000 }).toBeGreaterThan(0);
        await anna.stop();
        await expect.poll(() => homes.router('a').ports(), { interval: 50 }).toEqual([]);
      },
    );
  });

  it('with IPv6 alone link with one code and no server over pinholes, which are closed afterwards and when one quits', async () => {
    await withRouterApps(
      { a: 'same', b: 'same', opens: ['a', 'b'], onlyV6: true },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        await anna.page.locator('[data-testid="reach-router"][data-router="opens-v6"]').waitFor();
        const invite = await codeOf(anna, 'invite');
        expect(invite.length).toBeLessThanOrEqual(200);
        expect(qrVersion(invite)).toBeLessThanOrEqual(8);
        await giveCode(ben, invite);
        await Promise.all([anna.session('linked'), ben.session('linked')]);
        await settleDigits(anna, ben);
        await Promise.all([anna, ben].map((each) => each.at('lane-direct').waitFor({ timeout: 20_000 })));
        await sendBothWays(anna, ben);
        expect([strangers(homes, 'a'), strangers(homes, 'b')]).toEqual([[], []]);
        const opened = homes.router('a').ports();
        expect(new Set(opened.map(({ to, protocol }) => `${protocol} ${to}`))).toEqual(
          new Set([`udp ${addressV6('a')}`, `tcp ${addressV6('a')}`]),
        );
        await anna.at('disconnect').click();
        await anna.at('leave-now').click();
        await expect.poll(() => stillOpen(homes.router('a').ports(), opened), { interval: 50 }).toEqual([]);
        await ben.stop();
        await expect.poll(() => homes.router('b').ports(), { interval: 50 }).toEqual([]);
      },
    );
  });

  it('behind two routers, and behind a provider that shares its addresses, hear of it', async () => {
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a', 'b'], behind: 'a', shared: 'b' },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        await anna.page.getByTestId('reach-meaning').getByText('Your router is behind another router').waitFor();
        await ben.page.getByTestId('reach-meaning').getByText('Your provider shares your address (CGNAT)').waitFor();
        expect([...homes.router('a').ports(), ...homes.router('b').ports()]).toEqual([]);
        await anna.at('settings').click();
        await anna.at('network-check-run').click();
        await anna.page.locator('[data-testid="router-result"][data-router="behind"]').waitFor();
      },
    );
  });

  it('send nothing to their routers while "Same network" is chosen, or the router is not to be asked', async () => {
    const off = { ...routerOnly, internet: false };
    const unasked = { ...routerOnly, askRouter: false };
    const toRouters = new Set(['192.168.10.1', '192.168.20.1', '239.255.255.250']);
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a', 'b'] },
      (_homes, side) => (side === 'a' ? off : unasked),
      async ({ anna, ben, homes }) => {
        await Promise.all([codeOf(anna, 'invite'), codeOf(ben, 'invite')]);
        const contacted = [...homes.contacted('a'), ...homes.contacted('b')];
        expect(contacted.filter(([address]) => toRouters.has(address))).toEqual([]);
        expect([...homes.router('a').ports(), ...homes.router('b').ports()]).toEqual([]);
        await anna.page.getByTestId('reach-anywhere').click();
        await expect.poll(() => homes.router('a').ports().length, { timeout: 10_000 }).toBeGreaterThan(0);
        await anna.page.getByTestId('reach-network').click();
        await expect.poll(() => homes.router('a').ports(), { interval: 50 }).toEqual([]);
      },
    );
  });
});
