// Across the internet with no third party: whole Tincans in two homes, whose own routers open ports. Nobody but the routers and
// the peer is sent a packet.

import { describe, expect, it } from 'vitest';
import { codeOf, giveCode } from '../e2e/pairing.ts';
import { whyNoCoturn } from './coturn.ts';
import { exchangeFiles, untilRoute } from './home-apps.ts';
import { whyNoMiniupnpd } from './miniupnpd.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { routerOnly, strangers, withRouterApps } from './router-apps.ts';

const why = whyNoNamespaces() ?? whyNoCoturn() ?? whyNoMiniupnpd();
if (why !== undefined) console.log(`The tests of links through routers are skipped: ${why}.`);

describe.skipIf(why !== undefined)('two homes', { timeout: 120_000 }, () => {
  it('behind strict routers link with one code and no server when one router opens a port, which is closed afterwards', async () => {
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a'] },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        await anna.page.getByTestId('reach-meaning').getByText('Your router can open the door.').waitFor();
        expect(homes.router('a').ports().length).toBeGreaterThan(0);
        await giveCode(ben, await codeOf(anna, 'invite'));
        await Promise.all([anna.session('linked'), ben.session('linked')]);
        await Promise.all([untilRoute(anna, 'direct'), untilRoute(ben, 'direct')]);
        await exchangeFiles(anna, ben);
        expect(homes.asked()).toBe(0);
        // A router that does not answer by itself is looked for on its own network, by UPnP's search.
        expect([strangers(homes, 'a'), strangers(homes, 'b')]).toEqual([[], ['239.255.255.250 udp 1900']]);
        const opened = homes.router('a').ports();
        expect(opened.every(({ to }) => to === '192.168.10.2')).toBe(true);
        await anna.stop();
        await expect.poll(() => homes.router('a').ports(), { timeout: 1_000, interval: 50 }).toEqual([]);
      },
    );
  });

  it('send nothing to their routers while "Same network" is chosen', async () => {
    const off = { ...routerOnly, internet: false };
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a', 'b'] },
      () => off,
      async ({ anna, homes }) => {
        await codeOf(anna, 'invite');
        expect(homes.contacted('a').filter(([address]) => address === '192.168.10.1')).toEqual([]);
        expect(homes.router('a').ports()).toEqual([]);
        await anna.page.getByTestId('reach-anywhere').click();
        await expect.poll(() => homes.router('a').ports().length, { timeout: 10_000 }).toBeGreaterThan(0);
        await anna.page.getByTestId('reach-network').click();
        await expect.poll(() => homes.router('a').ports(), { timeout: 1_500, interval: 50 }).toEqual([]);
      },
    );
  });
});
