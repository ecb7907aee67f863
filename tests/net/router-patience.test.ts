// What takes longer across two homes with real routers: leases that end, replies carried by hand, a provider that shares
// addresses, and a router that is restarted in the middle of a link.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { giveCode, pairByPaste, settleDigits } from '../e2e/pairing.ts';
import { whyNoCoturn } from './coturn.ts';
import { exchangeFiles, sendBothWays, untilRoute } from './home-apps.ts';
import { type Grounds, type Homes, openHomes } from './homes.ts';
import { whyNoMiniupnpd } from './miniupnpd.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { later } from './pair-of-machines.ts';
import { inviteWithPort, routerOnly, withRouterApps } from './router-apps.ts';
import { startAsking } from './router-asking.ts';
import { addressV6 } from './v6-home.ts';

const why = whyNoNamespaces() ?? whyNoCoturn() ?? whyNoMiniupnpd();
if (why !== undefined) console.log(`The patient tests of routers are skipped: ${why}.`);

const udp = { protocol: 'udp', port: 50_000 } as const;

async function withHomes(use: (homes: Homes) => Promise<void>, more: Partial<Grounds> = {}): Promise<void> {
  const homes = await openHomes({ a: 'random', b: 'same', opens: ['a'], ...more });
  try {
    await use(homes);
  } finally {
    homes.close();
  }
}

/** Lines of hostile-visitor.ts, which goes on until the homes are gone. */
async function floodFrom(homes: Homes, address: string, port: number): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('./hostile-visitor.ts', import.meta.url));
  const order = ['netns', 'exec', homes.street, process.execPath, script, address, String(port), homes.server];
  const child = spawn('ip', order, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const heard: string[] = [];
  await new Promise<void>((resolve) => lines.on('line', (line) => heard.push(line) >= 5 && resolve()));
  return heard;
}

describe.skipIf(why !== undefined)('a port of a real router', { timeout: 60_000 }, () => {
  it.each(['pcp', 'nat-pmp', 'upnp'])(
    'asked by %s closes what a killed process left open, by its lease',
    async (way) => {
      await withHomes(async (homes) => {
        const { ask, process: child } = startAsking(homes, way, 4);
        expect(await ask({ do: 'open', port: udp })).toMatchObject({ port: 50_000 });
        const renewed = performance.now() + 7_000;
        await expect.poll(() => performance.now() > renewed, { timeout: 10_000, interval: 200 }).toBe(true);
        expect(homes.router('a').ports().length).toBe(1);
        child.kill('SIGKILL');
        await expect.poll(() => homes.router('a').ports().length, { timeout: 15_000, interval: 200 }).toBe(0);
      });
    },
  );

  it.each(['pcp', 'upnp'])('as a pinhole asked by %s is closed by its lease too', async (way) => {
    await withHomes(
      async (homes) => {
        const { ask, process: child } = startAsking(homes, way, 4);
        const pinhole = { ...udp, address: addressV6('a') };
        expect(await ask({ do: 'open', port: pinhole })).toMatchObject({ port: 50_000 });
        const renewed = performance.now() + 7_000;
        await expect.poll(() => performance.now() > renewed, { timeout: 10_000, interval: 200 }).toBe(true);
        expect(homes.router('a').ports().length).toBe(1);
        child.kill('SIGKILL');
        await expect.poll(() => homes.router('a').ports().length, { timeout: 15_000, interval: 200 }).toBe(0);
      },
      { onlyV6: true },
    );
  });
});

describe.skipIf(why !== undefined)('two homes', { timeout: 120_000 }, () => {
  it('link with a reply carried by hand when only the router of whoever replies opens a port', async () => {
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['b'] },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        await ben.page.getByTestId('reach-router').and(ben.page.locator('[data-router="opens"]')).waitFor();
        await pairByPaste(anna, ben);
        await Promise.all([untilRoute(anna, 'direct'), untilRoute(ben, 'direct')]);
        await exchangeFiles(anna, ben);
        expect(homes.asked()).toBe(0);
      },
    );
  });

  it('link with one code when the provider of one shares its address and the router of the other opens a port', async () => {
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a'], shared: 'b' },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        await giveCode(ben, await inviteWithPort(anna));
        await Promise.all([anna.session('linked'), ben.session('linked')]);
        await exchangeFiles(anna, ben);
        expect(homes.asked()).toBe(0);
      },
    );
  });

  it('link with one code while somebody on the internet floods the port for replies, who hears nothing', async () => {
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a'] },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        const invite = await inviteWithPort(anna);
        const port = () =>
          homes
            .router('a')
            .ports()
            .find(({ protocol }) => protocol === 'tcp');
        await expect.poll(port, { timeout: 10_000 }).toBeDefined();
        const heard = await floodFrom(homes, homes.publicAddress('a'), port()!.outside);
        expect(await anna.at('session').getAttribute('data-state')).toBe('pairing');
        await giveCode(ben, invite);
        await Promise.all([anna.session('linked'), ben.session('linked')]);
        for (const line of heard) expect(line).toMatch(/ 0$/);
        await exchangeFiles(anna, ben);
      },
    );
  });

  it('are linked again when the router was restarted and has forgotten everything', async () => {
    await withRouterApps(
      { a: 'random', b: 'random', opens: ['a'] },
      () => routerOnly,
      async ({ anna, ben, homes }) => {
        await giveCode(ben, await inviteWithPort(anna));
        await Promise.all([anna.session('linked'), ben.session('linked')]);
        await settleDigits(anna, ben);
        // As one without power: neither its ports nor what passes through it is known to it afterwards.
        homes.forgetSoon('a', true);
        await later(5_000);
        await homes.router('a').restart();
        homes.cutUdp('a', true);
        await later(3_000);
        homes.forgetSoon('a', false);
        homes.cutUdp('a', false);
        expect(homes.router('a').ports()).toEqual([]);
        await expect.poll(() => homes.router('a').ports().length, { timeout: 40_000 }).toBeGreaterThan(0);
        await Promise.all([anna.session('linked', 60_000), ben.session('linked', 60_000)]);
        await sendBothWays(anna, ben);
      },
    );
  });
});
