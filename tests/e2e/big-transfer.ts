// Files large enough that something can happen while they are on their way, over data channels, onto a slow disk.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect } from 'vitest';
import { type Instance, type InstanceOptions, startInstance, stopAll, temporaryFolder } from './instance.ts';
import { doneBytes, link } from './pairing.ts';
import { countConnections } from './wire-bytes.ts';

export const bytes = 80_000_000;
/**
 * What a test asks of a page may come late: the driver also hears every byte of a page's own sockets, and on a busy machine one answer took
 * more than a second. The disk takes all blocks that may be on the way at once, and a file takes four such times: whatever a test does after the
 * second has until the fourth.
 */
export const slowDisk = { TINCAN_TEST_WRITE_DELAY_MS: '3000' };

/** How to start one, for the tests of one file: over data channels, since the direct lane has tests of its own. Each ends with its test. */
export function countingInstances(): (options: InstanceOptions) => Promise<Instance> {
  let running: Instance[] = [];
  afterEach(async (context) => {
    await stopAll(running, context);
    running = [];
  });
  return async (options) => {
    const preparePage: InstanceOptions['preparePage'] = (page) => page.addInitScript(countConnections);
    const instance = await startInstance({ ...options, settings: { directLane: false }, preparePage });
    running.push(instance);
    return instance;
  };
}

export function bigFile(): string {
  const file = path.join(temporaryFolder('source'), 'big.bin');
  writeFileSync(file, randomBytes(bytes));
  return file;
}

/** Links, accepts, and waits until this share of the file is there. */
export async function underWay(
  from: Instance,
  to: Instance,
  share: number,
  picked: readonly string[] = [],
): Promise<void> {
  await link(from, to);
  if (picked.length > 0) await from.at('file-input').setInputFiles([...picked]);
  await to.at('accept').click();
  await expect
    .poll(async () => doneBytes(to, 'receive'), { timeout: 60_000, interval: 20 })
    .toBeGreaterThan(bytes * share);
  // Whatever the test does next would come too late, and fail at another place.
  expect(await to.page.locator('[data-testid="transfer"][data-direction="receive"][data-state="done"]').count()).toBe(
    0,
  );
}
