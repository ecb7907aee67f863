// Across the internet, in small: two homes behind routers, and a real coturn on the street between them. Scenarios run side
// by side, each in a network of its own.

import { describe, expect, it } from 'vitest';
import type { ServerEntry } from '../../shared/ipc/contract.ts';
import type { Instance } from '../e2e/instance.ts';
import { codeOf, giveCode, pairByPaste } from '../e2e/pairing.ts';
import { type CanBrowser, openBrowser, type TestCan } from './can.ts';
import { exchangeFiles, type HomeSettings, openApps, untilRoute } from './home-apps.ts';
import { type Grounds, type Homes, openHomes, turnUser, whyNoCoturn } from './homes.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { later } from './pair-of-machines.ts';

const why = whyNoNamespaces() ?? whyNoCoturn();
if (why !== undefined) console.log(`The internet tests are skipped: ${why}.`);
const lateMs = process.env.TINCAN_SLOW === '1' ? 60_000 : 20_000;

type Cans = { readonly anna: TestCan; readonly ben: TestCan };
type Apps = { readonly anna: Instance; readonly ben: Instance; readonly homes: Homes };

const withStun = ({ stun }: Homes): HomeSettings => ({ internet: true, servers: [{ url: stun }] });
const withRelays = ({ turn, turnTcp }: Homes): HomeSettings => ({
  internet: true,
  servers: [turn, turnTcp].map((url) => ({ url, ...turnUser })),
});

/** Links alone, without an app around them. */
async function withCans(grounds: Grounds, use: (cans: Cans) => Promise<void>): Promise<void> {
  const homes = await openHomes(grounds);
  const browsers: CanBrowser[] = [];
  try {
    browsers.push(...(await Promise.all([openBrowser(homes.name('a')), openBrowser(homes.name('b'))])));
    const { servers } = withStun(homes);
    const [anna, ben] = await Promise.all([
      browsers[0]!.open('anna', { servers }),
      browsers[1]!.open('ben', { servers }),
    ]);
    await use({ anna, ben });
  } finally {
    homes.close();
    await Promise.all(browsers.map((browser) => browser.close()));
  }
}

async function withApps(
  grounds: Grounds,
  settingsOf: (homes: Homes) => HomeSettings,
  use: (apps: Apps) => Promise<void>,
): Promise<void> {
  const homes = await openHomes(grounds);
  let apps: Instance[] = [];
  try {
    apps = await openApps(homes, settingsOf(homes));
    await use({ anna: apps[0]!, ben: apps[1]!, homes });
    expect(apps.flatMap(({ complaints }) => complaints)).toEqual([]);
  } catch (error) {
    await Promise.all(apps.map((app) => app.screenshot('internet')));
    throw error;
  } finally {
    await Promise.all(apps.map((app) => app.stop()));
    homes.close();
  }
}

async function routeOf(can: TestCan): Promise<string | undefined> {
  const handle = await can.page.waitForFunction(
    (name) => {
      const view = window.cans.all.get(name)!.link.view();
      return view.at === 'linked' ? view.peer.route?.kind : undefined;
    },
    can.name,
    { timeout: 10_000, polling: 50 },
  );
  return handle.jsonValue();
}

async function hintOf(can: TestCan): Promise<string | undefined> {
  const handle = await can.page.waitForFunction(
    (name) => {
      const view = window.cans.all.get(name)!.link.view();
      return view.at === 'connecting' ? view.hint : undefined;
    },
    can.name,
    { timeout: 40_000, polling: 100 },
  );
  return handle.jsonValue();
}

async function expectNeedsRelay({ anna, ben }: Cans): Promise<void> {
  await ben.take(await anna.code('invite'));
  await anna.take(await ben.code('reply'));
  expect(await hintOf(anna)).toBe('needs-relay');
  expect((await ben.view()).at).not.toBe('linked');
}

async function expectRelayed({ anna, ben }: Apps): Promise<void> {
  await pairByPaste(anna, ben);
  const said = await Promise.all([untilRoute(anna, 'relayed'), untilRoute(ben, 'relayed')]);
  expect(said).toEqual(Array(2).fill('Through your relay, encrypted'));
  await exchangeFiles(anna, ben);
}

describe.skipIf(why !== undefined)('two homes', { concurrent: true, timeout: 150_000 }, () => {
  it('whose routers keep ports link directly with STUN, however late the reply, and files cross', async () => {
    await withApps({ a: 'same', b: 'same' }, withStun, async ({ anna, ben }) => {
      await giveCode(ben, await codeOf(anna, 'invite'));
      const reply = await codeOf(ben, 'reply');
      await later(lateMs);
      await giveCode(anna, reply);
      await Promise.all([anna.session('linked', 5_000), ben.session('linked', 5_000)]);
      await Promise.all([untilRoute(anna, 'direct'), untilRoute(ben, 'direct')]);
      await exchangeFiles(anna, ben);
    });
  });

  it('with a strict router on both sides link through a relay, say so, and files cross', async () => {
    await withApps({ a: 'random', b: 'random' }, withRelays, expectRelayed);
  });

  it('with no UDP on one side link through a relay over TCP, say so, and files cross', async () => {
    await withApps({ a: 'random', b: 'random', dropUdp: 'a' }, withRelays, expectRelayed);
  });

  it('ask no server for anything while the switch is off, and hear that it is', async () => {
    const off = (homes: Homes) => ({ ...withRelays(homes), internet: false });
    await withApps({ a: 'same', b: 'same' }, off, async ({ anna, ben, homes }) => {
      await giveCode(ben, await codeOf(anna, 'invite'));
      await giveCode(anna, await codeOf(ben, 'reply'));
      await anna.page.locator('[data-hint="needs-internet-switch"]').waitFor({ timeout: 30_000 });
      expect(homes.asked()).toBe(0);
      await anna.at('settings').click();
      await anna.at('setting-internet').click();
      await expect.poll(() => homes.asked(), { timeout: 10_000 }).toBeGreaterThan(0);
    });
  });

  it('with a strict router on both sides and no relay do not link, and the one who took the reply hears why', async () => {
    await withCans({ a: 'random', b: 'random' }, expectNeedsRelay);
  });

  it('with a strict router on one side do not link if the other lets in only whom it talked to', async () => {
    await withCans({ a: 'same', b: 'random' }, expectNeedsRelay);
  });

  it('with a strict router on one side link directly if the other lets in everybody', async () => {
    await withCans({ a: 'open', b: 'random' }, async ({ anna, ben }) => {
      await ben.take(await anna.code('invite'));
      await anna.take(await ben.code('reply'));
      await Promise.all([anna.until('linked'), ben.until('linked')]);
      expect(await Promise.all([routeOf(anna), routeOf(ben)])).toEqual(['direct', 'direct']);
    });
  });

  it('have a test of a server that tells a public address, a relay, a wrong password and silence apart', async () => {
    const homes = await openHomes({ a: 'same', b: 'same' });
    const browser = await openBrowser(homes.name('a'));
    try {
      const test = (server: ServerEntry) =>
        browser.page.evaluate((entry) => window.cans.testServer(entry, 8_000), server);
      expect(await test({ url: homes.stun })).toMatchObject({
        at: 'reached',
        relay: false,
        publicAddress: '198.51.100.1',
      });
      expect(await test({ url: homes.turn, ...turnUser })).toMatchObject({ at: 'reached', relay: true });
      expect(await test({ url: homes.turnTcp, ...turnUser })).toMatchObject({ at: 'reached', relay: true });
      expect(await test({ url: homes.turn, ...turnUser, credential: 'wrong' })).toMatchObject({
        relay: false,
        at: 'refused',
      });
      expect(await test({ url: 'stun:198.51.100.77:3478' })).toMatchObject({ at: 'silent', relay: false });
    } finally {
      homes.close();
      await browser.close();
    }
  });
});
