// A file on the direct lane while the network fails or does not let TCP through: two whole Tincans in two network namespaces.

import { describe, expect, it } from 'vitest';
import { goesOn, isUnderWay, laneIsUp, later, wentThroughPages, withFileInFlight } from './in-flight.ts';
import { type Side, whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces();
if (why !== undefined) console.log(`The tests of the direct lane on real networks are skipped: ${why}.`);

/** Slow enough that the file is still on its way when the network fails. */
const onTheLane = { directLane: true, writeDelayMs: 200, beforeAccept: laneIsUp } as const;

describe.skipIf(why !== undefined)('a file on the direct lane', () => {
  it('goes on after a cut of 20 s', async () => {
    await withFileInFlight({ ...onTheLane, firewalls: [] }, async ({ network, anna, ben }) => {
      network.cut('a');
      await Promise.all([anna.session('reconnecting', 20_000), ben.session('reconnecting', 20_000)]);
      await isUnderWay(ben);
      await later(10_000);
      network.mend('a');
    });
  }, 300_000);

  it.each([
    ['sender', 'a'],
    ['receiver', 'b'],
  ] as const)(
    'goes on within 30 s after the address of the %s changed',
    async (_who, side) => {
      await withFileInFlight({ ...onTheLane, firewalls: [] }, async (two) => {
        two.network.changeAddress(side, 9);
        await isUnderWay(two.ben);
        expect(await goesOn(two.ben, 30_000)).toBeLessThan(30_000);
        await laneIsUp(two);
      });
    },
    300_000,
  );

  it('goes on over data channels within 30 s after a firewall began to drop its packets', async () => {
    await withFileInFlight({ ...onTheLane, firewalls: [] }, async ({ network, ben }) => {
      network.dropTcp('b');
      await isUnderWay(ben);
      expect(await goesOn(ben, 30_000)).toBeLessThan(30_000);
    });
  }, 300_000);

  it.each([['a'], ['b']] as const)(
    'takes it where the firewall of one side (%s) drops inbound TCP: the dial of that side wins',
    async (side: Side) => {
      await withFileInFlight({ ...onTheLane, firewalls: [side] }, async () => undefined);
    },
    300_000,
  );
});

describe.skipIf(why !== undefined)('where both firewalls drop inbound TCP', () => {
  it('the file goes over data channels, and waits for no direct lane', async () => {
    let acceptedAt = 0;
    const beforeAccept = async () => {
      acceptedAt = performance.now();
    };
    await withFileInFlight({ firewalls: ['a', 'b'], directLane: true, beforeAccept }, async (two) => {
      // A busy machine takes some seconds to begin. The hosts try again after 6, 15 and 60 s.
      expect(performance.now() - acceptedAt).toBeLessThan(15_000);
      await goesOn(two.ben, 20_000);
      expect(await two.anna.at('lane-direct').count()).toBe(0);
      await expect.poll(() => wentThroughPages(two), { timeout: 120_000 }).toBe(true);
      for (const each of [two.anna, two.ben]) {
        await each.at('line-details').click();
        const note = each.at('direct-blocked');
        await note.waitFor({ timeout: 20_000 });
        expect(await note.getAttribute('data-at')).toBe('both');
        expect(await note.innerText()).toMatch(/firewalls of both computers.*Allow incoming TCP/);
      }
    });
  }, 300_000);
});
