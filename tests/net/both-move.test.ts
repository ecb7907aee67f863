// Two remembered computers that get other addresses at the same time: none of their connections finds the other one any more, and
// they are linked again by a call.

import { afterEach, describe, expect, it } from 'vitest';
import { startInstance } from '../e2e/instance.ts';
import { codeOf, giveCode, settleDigits } from '../e2e/pairing.ts';
import { openNetwork, whyNoNamespaces } from './namespaces.ts';

const reason = whyNoNamespaces();
if (reason !== undefined) console.warn(`skipped: both move (${reason})`);

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.skipIf(reason !== undefined)('two remembered computers', () => {
  it('that both get another address at once are linked again by themselves', async () => {
    const network = openNetwork({ firewalls: false });
    closing.push(() => network.close());
    const both = await Promise.all([
      startInstance({ name: 'anna', namespace: network.name('a'), settings: { directLane: false } }),
      startInstance({ name: 'ben', namespace: network.name('b'), settings: { directLane: false } }),
    ]);
    closing.push(() => Promise.all(both.map((one) => one.stop())));
    const [anna, ben] = both;
    await giveCode(ben, await codeOf(anna, 'invite'));
    await Promise.all(both.map((one) => one.session('linked')));
    await settleDigits(anna, ben);
    await anna.at('remember-yes').click();
    await ben.page.locator('[data-testid="remember"][data-at="asked"]').waitFor();
    await ben.at('remember-yes').click();
    await Promise.all(both.map((one) => one.page.locator('[data-testid="remember"][data-at="agreed"]').waitFor()));

    network.changeAddress('a', 9);
    network.changeAddress('b', 10);
    await Promise.all(both.map((one) => one.session('reconnecting', 40_000)));
    await Promise.all(both.map((one) => one.session('linked', 150_000)));
    for (const one of both) {
      await one.page.locator('[data-testid="trust"][data-checked="known"]').waitFor();
      expect(one.complaints).toEqual([]);
    }
  }, 240_000);
});
