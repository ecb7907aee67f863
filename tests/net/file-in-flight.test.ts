// A file on its way while the network fails: two whole Tincans in two network namespaces. Whatever happens to the link, the
// same transfer goes on over it, and the same bytes arrive.

import { describe, expect, it } from 'vitest';
import { goesOn, isUnderWay, later, withFileInFlight } from './in-flight.ts';
import { whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces();
if (why !== undefined) console.log(`The tests with a file in flight are skipped: ${why}.`);

describe.skipIf(why !== undefined)('a file in flight', () => {
  it('goes on after a cut of 20 s', async () => {
    await withFileInFlight({ firewalls: ['a', 'b'], directLane: false }, async ({ network, anna, ben }) => {
      network.cut('a');
      await Promise.all([anna.session('reconnecting', 20_000), ben.session('reconnecting', 20_000)]);
      await isUnderWay(ben);
      await later(10_000);
      network.mend('a');
    });
  }, 300_000);

  it('goes on after the receiver was frozen for 20 s', async () => {
    await withFileInFlight({ firewalls: ['a', 'b'], directLane: false }, async ({ network, anna, ben }) => {
      network.signal('b', 'SIGSTOP');
      await anna.session('reconnecting', 20_000);
      await later(10_000);
      network.signal('b', 'SIGCONT');
      await isUnderWay(ben);
    });
  }, 300_000);

  it.each([
    ['sender', 'a'],
    ['receiver', 'b'],
  ] as const)(
    'goes on by itself within 30 s after the address of the %s changed',
    async (_who, side) => {
      await withFileInFlight({ firewalls: [], directLane: false }, async ({ network, ben }) => {
        network.changeAddress(side, 9);
        await isUnderWay(ben);
        expect(await goesOn(ben, 30_000)).toBeLessThan(30_000);
      });
    },
    300_000,
  );
});
