// Across the internet, in small: two homes behind routers, and a real coturn on the street between them. Scenarios run side
// by side, each in a network of its own.

import { describe, expect, it } from 'vitest';
import type { ServerEntry } from '../../shared/model/server-entry.ts';
import type { Instance } from '../e2e/instance.ts';
import { codeOf, giveCode, pairByPaste } from '../e2e/pairing.ts';
import { turnUser, whyNoCoturn } from './coturn.ts';
import { exchangeFiles, openApps, type SettingsOf, untilRoute } from './home-apps.ts';
import { type Grounds, type Homes, openHomes } from './homes.ts';
import { type LinkBrowser, linkByPaste, openBrowser, type TestLink } from './link-browser.ts';
import { type Side, whyNoNamespaces } from './namespaces.ts';
import { later } from './pair-of-machines.ts';

const why = whyNoNamespaces() ?? whyNoCoturn();
if (why !== undefined) console.log(`The internet tests are skipped: ${why}.`);
const lateMs = process.env.TINCAN_SLOW === '1' ? 60_000 : 20_000;

type HomeLinks = { readonly anna: TestLink; readonly ben: TestLink };
type Apps = { readonly anna: Instance; readonly ben: Instance; readonly homes: Homes };

const stunOf = ({ stun }: Homes): ServerEntry[] => [{ url: stun }];
const relaysOf = ({ turn, turnTcp }: Homes): ServerEntry[] => [turn, turnTcp].map((url) => ({ url, ...turnUser }));
const tlsOf = ({ turnTls }: Homes): ServerEntry[] => [{ url: turnTls, ...turnUser }];

/** Links alone, without an app around them. */
async function withCans(
  grounds: Grounds,
  serversOf: (homes: Homes) => readonly ServerEntry[],
  use: (links: HomeLinks) => Promise<void>,
): Promise<void> {
  const homes = await openHomes(grounds);
  const browsers: LinkBrowser[] = [];
  try {
    const open = (side: Side) => openBrowser(homes.name(side), [homes.trust]);
    browsers.push(...(await Promise.all([open('a'), open('b')])));
    const servers = serversOf(homes);
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

async function withApps(grounds: Grounds, settingsOf: SettingsOf, use: (apps: Apps) => Promise<void>): Promise<void> {
  const homes = await openHomes(grounds);
  let apps: Instance[] = [];
  try {
    apps = await openApps(homes, settingsOf);
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

async function routeOf(link: TestLink): Promise<string | undefined> {
  const handle = await link.page.waitForFunction(
    (name) => {
      const view = window.links.all.get(name)!.link.view();
      return view.at === 'linked' ? view.peer.route?.kind : undefined;
    },
    link.name,
    { timeout: 10_000, polling: 50 },
  );
  return handle.jsonValue();
}

async function hintOf(link: TestLink): Promise<string | undefined> {
  const handle = await link.page.waitForFunction(
    (name) => {
      const view = window.links.all.get(name)!.link.view();
      return view.at === 'connecting' ? view.hint : undefined;
    },
    link.name,
    { timeout: 40_000, polling: 100 },
  );
  return handle.jsonValue();
}

async function expectNeedsRelay({ anna, ben }: HomeLinks): Promise<void> {
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
    const on: SettingsOf = (homes) => ({ internet: true, servers: stunOf(homes) });
    await withApps({ a: 'same', b: 'same' }, on, async ({ anna, ben }) => {
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
    const on: SettingsOf = (homes) => ({ internet: true, servers: relaysOf(homes) });
    await withApps({ a: 'random', b: 'random' }, on, expectRelayed);
  });

  it('with no UDP on one side link through its relay over TCP, which both say, and files cross', async () => {
    const on: SettingsOf = (homes, side) => ({
      internet: true,
      servers: side === 'a' ? relaysOf(homes) : stunOf(homes),
    });
    await withApps({ a: 'random', b: 'random', dropUdp: 'a' }, on, expectRelayed);
  });

  it('with no UDP on one side link through a relay over TLS', async () => {
    await withCans({ a: 'random', b: 'random', dropUdp: 'b' }, tlsOf, async ({ anna, ben }) => {
      await linkByPaste(anna, ben);
      expect(await Promise.all([routeOf(anna), routeOf(ben)])).toEqual(['relayed', 'relayed']);
      await anna.note(7);
      await ben.untilNote(7);
      await ben.note(8);
      await anna.untilNote(8);
    });
  });

  // Of tests side by side each has an `expect` of its own, without which polling does not know whose it is.
  it('ask no server for anything while the switch is off, and hear that it is', async ({ expect }) => {
    const off: SettingsOf = (homes) => ({ internet: false, servers: relaysOf(homes) });
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

  it('with a strict router on both sides and no relay do not link, and the side that took the reply is told why', async () => {
    await withCans({ a: 'random', b: 'random' }, stunOf, expectNeedsRelay);
  });

  it('with a strict router on one side do not link if the other lets in only whom it talked to', async () => {
    await withCans({ a: 'same', b: 'random' }, stunOf, expectNeedsRelay);
  });

  it('with a strict router on one side link directly if the other lets in everybody', async () => {
    await withCans({ a: 'open', b: 'random' }, stunOf, async ({ anna, ben }) => {
      await ben.take(await anna.code('invite'));
      await anna.take(await ben.code('reply'));
      await Promise.all([anna.until('linked'), ben.until('linked')]);
      expect(await Promise.all([routeOf(anna), routeOf(ben)])).toEqual(['direct', 'direct']);
    });
  });

  it('have a test of a server that tells apart what works, what is refused and what is silent', async () => {
    const homes = await openHomes({ a: 'same', b: 'same', dropUdp: 'b' });
    const [free, noUdp] = await Promise.all([
      openBrowser(homes.name('a')),
      openBrowser(homes.name('b'), [homes.trust]),
    ]);
    try {
      const test = ({ page }: LinkBrowser, url: string, user = {}) =>
        page.evaluate((entry) => window.links.testServer(entry, 8_000), { url, ...user });
      const reached = { at: 'reached', relay: true };
      const silent = { at: 'silent', relay: false };
      const seen = { at: 'reached', relay: false, publicAddress: '198.51.100.1' };
      const told = [
        expect(test(free, homes.stun)).resolves.toMatchObject(seen),
        expect(test(free, homes.turn, turnUser)).resolves.toMatchObject(reached),
        expect(test(free, homes.turnTcp, turnUser)).resolves.toMatchObject(reached),
        expect(test(free, homes.turnTls, turnUser), 'its certificate is unknown').resolves.toMatchObject(silent),
        expect(test(free, homes.turn, { ...turnUser, credential: 'wrong' })).resolves.toMatchObject({ at: 'refused' }),
        expect(test(free, 'stun:198.51.100.77:3478')).resolves.toMatchObject(silent),
        expect(test(noUdp, homes.turn, turnUser)).resolves.toMatchObject(silent),
        expect(test(noUdp, homes.turnTcp, turnUser)).resolves.toMatchObject(reached),
        expect(test(noUdp, homes.turnTls, turnUser)).resolves.toMatchObject(reached),
      ];
      await Promise.all(told);
    } finally {
      homes.close();
      await Promise.all([free.close(), noUdp.close()]);
    }
  });
});
