// Across the internet, in small: two homes behind routers, and a real coturn on the street between them. Scenarios run side
// by side, each in a network of its own.

import { describe, expect, it } from 'vitest';
import type { ServerEntry } from '../../shared/ipc/contract.ts';
import { type CanBrowser, openBrowser, type TestCan } from './can.ts';
import { type Homes, type Mapping, openHomes, turnUser, whyNoCoturn } from './homes.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { later } from './pair-of-machines.ts';

const why = whyNoNamespaces() ?? whyNoCoturn();
if (why !== undefined) console.log(`The internet tests are skipped: ${why}.`);
const lateMs = process.env.TINCAN_SLOW === '1' ? 60_000 : 20_000;

type Street = {
  readonly homes: Homes;
  readonly anna: TestCan;
  readonly ben: TestCan;
  readonly browsers: readonly CanBrowser[];
};

async function onTheStreet(
  [a, b]: readonly [Mapping, Mapping],
  serversOf: (homes: Homes) => readonly ServerEntry[],
  use: (street: Street) => Promise<void>,
): Promise<void> {
  const homes = await openHomes({ a, b });
  const browsers: CanBrowser[] = [];
  try {
    browsers.push(...(await Promise.all([openBrowser(homes.name('a')), openBrowser(homes.name('b'))])));
    const servers = serversOf(homes);
    const [anna, ben] = await Promise.all([
      browsers[0]!.open('anna', { servers }),
      browsers[1]!.open('ben', { servers }),
    ]);
    await use({ homes, anna, ben, browsers });
  } finally {
    homes.close();
    await Promise.all(browsers.map((browser) => browser.close()));
  }
}

const stunOf = ({ stun }: Homes): readonly ServerEntry[] => [{ url: stun }];

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

async function carriesNotes({ anna, ben }: Street): Promise<void> {
  await anna.note(7);
  await ben.untilNote(7);
  await ben.note(8);
  await anna.untilNote(8);
}

describe.skipIf(why !== undefined)('two homes', { concurrent: true, timeout: 150_000 }, () => {
  it('whose routers keep ports link directly with STUN, however late the reply', async () => {
    await onTheStreet(['same', 'same'], stunOf, async (street) => {
      const { anna, ben } = street;
      await ben.take(await anna.code('invite'));
      const reply = await ben.code('reply');
      await later(lateMs);
      await anna.take(reply);
      const ms = Math.max(...(await Promise.all([anna.until('linked'), ben.until('linked')])));
      expect(ms).toBeLessThan(3_000);
      expect(await Promise.all([routeOf(anna), routeOf(ben)])).toEqual(['direct', 'direct']);
      await Promise.all([anna.settle('match'), ben.settle('match')]);
      await Promise.all([anna.untilGate(), ben.untilGate()]);
      await carriesNotes(street);
    });
  });

  it('with a strict router on both sides do not link, and the one who took the reply hears that a relay is needed', async () => {
    await onTheStreet(['random', 'random'], stunOf, async ({ anna, ben }) => {
      await ben.take(await anna.code('invite'));
      await anna.take(await ben.code('reply'));
      expect(await hintOf(anna)).toBe('needs-relay');
      expect((await ben.view()).at).not.toBe('linked');
    });
  });

  it('with a strict router on one side link, or say that a relay is needed', async () => {
    await onTheStreet(['same', 'random'], stunOf, async ({ anna, ben }) => {
      await ben.take(await anna.code('invite'));
      await anna.take(await ben.code('reply'));
      const outcome = await Promise.race([anna.until('linked', 60_000).then(() => 'linked'), hintOf(anna)]);
      expect(['linked', 'needs-relay']).toContain(outcome);
    });
  });

  it('without servers say that the switch is off', async () => {
    await onTheStreet(
      ['same', 'same'],
      () => [],
      async ({ anna, ben }) => {
        await ben.take(await anna.code('invite'));
        await anna.take(await ben.code('reply'));
        expect(await hintOf(anna)).toBe('needs-internet-switch');
      },
    );
  });
});

describe.skipIf(why !== undefined)('the test of a server', { timeout: 60_000 }, () => {
  it('tells a public address, a relay, a wrong password and silence apart', async () => {
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
