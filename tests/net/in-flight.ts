// Two whole Tincans in two network namespaces with one file on its way from Anna to Ben, and what must hold of it afterwards.

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { type Instance, startInstance, temporaryFolder } from '../e2e/instance.ts';
import { doneBytes, link, sha256Of, waitForState } from '../e2e/pairing.ts';
import { countConnections, receivedOnTheWire } from '../e2e/wire-bytes.ts';
import { type Network, openNetwork, type Side } from './namespaces.ts';

const fileBytes = 100 * 1024 * 1024;
const begunBytes = 8 * 1024 * 1024;

export type InFlight = { readonly network: Network; readonly anna: Instance; readonly ben: Instance };

export type InFlightOptions = {
  /** Sides that let nothing in but answers. */
  readonly firewalls: readonly Side[];
  /** The setting of both persons. Where the two hosts cannot meet, it goes over data channels all the same. */
  readonly directLane: boolean;
  /** Ben's disk takes this long for every block. */
  readonly writeDelayMs?: number;
  /** Runs after the link is up and before Ben accepts. */
  readonly beforeAccept?: (two: InFlight) => Promise<void>;
};

/** Waits until the file is on its way, lets `fail` do what it does, and expects the same transfer to end identical. */
export async function withFileInFlight(
  { firewalls, directLane, writeDelayMs, beforeAccept }: InFlightOptions,
  fail: (two: InFlight) => Promise<void>,
): Promise<void> {
  const network = openNetwork({ firewalls: false });
  for (const side of firewalls) network.firewall(side);
  const opened: Instance[] = [];
  const source = randomFile();
  const start = async (name: string, side: Side, more: Partial<Parameters<typeof startInstance>[0]>) => {
    const preparePage: Parameters<typeof startInstance>[0]['preparePage'] = (page) =>
      page.addInitScript(countConnections);
    // The reply is pasted: two hosts on one network would deliver it sooner than this can read it.
    const settings = { nearReplies: false, directLane };
    const instance = await startInstance({ name, namespace: network.name(side), settings, preparePage, ...more });
    opened.push(instance);
    return instance;
  };
  try {
    const anna = await start('anna', 'a', { files: [source] });
    const ben = await start('ben', 'b', {
      env: writeDelayMs === undefined ? {} : { TINCAN_TEST_WRITE_DELAY_MS: String(writeDelayMs) },
    });
    const two = { network, anna, ben };
    await link(anna, ben);
    await ben.at('accept').waitFor();
    await beforeAccept?.(two);
    await ben.at('accept').click();
    await expect.poll(() => doneBytes(ben, 'receive'), { timeout: 30_000 }).toBeGreaterThan(begunBytes);
    await fail(two);
    await Promise.all([waitForState(anna, 'send', 'done', 120_000), waitForState(ben, 'receive', 'done', 120_000)]);
    expect(await sha256Of(path.join(ben.downloadDir, 'in flight.bin'))).toBe(await sha256Of(source));
    expect(await ben.page.locator('[data-testid="transfer"]').count()).toBe(1);
  } finally {
    network.close();
    await Promise.all(opened.map((each) => each.stop()));
  }
}

/** It is not done before the failure is over: otherwise the test shows nothing. */
export async function isUnderWay(ben: Instance): Promise<void> {
  expect(await doneBytes(ben, 'receive')).toBeLessThan(fileBytes);
}

/** Resolves with the milliseconds until more of the file is there than now. */
export async function goesOn(ben: Instance, timeout: number): Promise<number> {
  const from = performance.now();
  const before = await doneBytes(ben, 'receive');
  await expect
    .poll(() => doneBytes(ben, 'receive'), { timeout, interval: 100 })
    .toBeGreaterThan(Math.min(before + 16 * 1024 * 1024, fileBytes - 1));
  return performance.now() - from;
}

export async function laneIsUp({ anna, ben }: InFlight): Promise<void> {
  await Promise.all([anna, ben].map((each) => each.at('lane-direct').waitFor({ timeout: 20_000 })));
}

/** Most of it came from page to page. */
export async function wentThroughPages({ ben }: InFlight): Promise<boolean> {
  return (await receivedOnTheWire(ben)) > fileBytes / 2;
}

export const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function randomFile(): string {
  const file = path.join(temporaryFolder('in-flight'), 'in flight.bin');
  const handle = openSync(file, 'w');
  const piece = randomBytes(1 << 20);
  for (let left = fileBytes; left > 0; left -= piece.length) {
    piece.writeUInt32LE(left);
    writeSync(handle, piece);
  }
  closeSync(handle);
  return file;
}
