// A file on its way while the network fails: two whole Tincans in two network namespaces. Whatever happens to the link, the
// same transfer goes on over it, and the same bytes arrive.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Instance, startInstance, temporaryFolder } from '../e2e/instance.ts';
import { doneBytes, link, sha256Of, waitForState } from '../e2e/pairing.ts';
import { type Network, openNetwork, whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces();
if (why !== undefined) console.log(`The tests with a file in flight are skipped: ${why}.`);

const fileBytes = 400 * 1024 * 1024;
const begunBytes = 8 * 1024 * 1024;

type Two = { readonly network: Network; readonly anna: Instance; readonly ben: Instance };

async function withFileInFlight(firewalls: boolean, fail: (two: Two) => Promise<void>): Promise<void> {
  const network = openNetwork({ firewalls });
  const opened: Instance[] = [];
  try {
    for (const [name, side] of [
      ['anna', 'a'],
      ['ben', 'b'],
    ] as const) {
      opened.push(await startInstance({ name, namespace: network.name(side) }));
    }
    const [anna, ben] = opened as [Instance, Instance];
    await link(anna, ben);
    const source = path.join(temporaryFolder('in-flight'), 'in flight.bin');
    writeFileSync(source, randomBytes(fileBytes));
    await anna.at('file-input').setInputFiles(source);
    await ben.at('accept').click();
    await expect.poll(() => doneBytes(ben, 'receive'), { timeout: 30_000 }).toBeGreaterThan(begunBytes);
    await fail({ network, anna, ben });
    await Promise.all([waitForState(anna, 'send', 'done', 120_000), waitForState(ben, 'receive', 'done', 120_000)]);
    expect(await sha256Of(path.join(ben.downloadDir, 'in flight.bin'))).toBe(await sha256Of(source));
    expect(await ben.page.locator('[data-testid="transfer"]').count()).toBe(1);
  } finally {
    network.close();
    await Promise.all(opened.map((each) => each.stop()));
  }
}

/** It is not done before the failure is over: otherwise the test shows nothing. */
async function isUnderWay(ben: Instance): Promise<void> {
  expect(await doneBytes(ben, 'receive')).toBeLessThan(fileBytes);
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe.skipIf(why !== undefined)('a file in flight', () => {
  it('goes on after a cut of 20 s', async () => {
    await withFileInFlight(true, async ({ network, anna, ben }) => {
      network.cut('a');
      await Promise.all([anna.session('reconnecting', 20_000), ben.session('reconnecting', 20_000)]);
      await isUnderWay(ben);
      await later(10_000);
      network.mend('a');
    });
  }, 300_000);

  it('goes on after the receiver was frozen for 20 s', async () => {
    await withFileInFlight(true, async ({ network, anna, ben }) => {
      network.signal('b', 'SIGSTOP');
      await anna.session('reconnecting', 20_000);
      await later(10_000);
      network.signal('b', 'SIGCONT');
      await isUnderWay(ben);
    });
  }, 300_000);

  // Not yet: the file does not go on within the time this gives it.
  it.skip('goes on over a standby connection after the address of the sender changed', async () => {
    await withFileInFlight(false, async ({ network, anna, ben }) => {
      network.changeAddress('a', 9);
      await Promise.all([anna.session('reconnecting', 20_000), ben.session('reconnecting', 20_000)]);
      await isUnderWay(ben);
    });
  }, 300_000);
});
