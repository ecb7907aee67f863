// A computer on two networks without a way to the internet, as with a cable between two laptops: the code names both addresses,
// although the camera is denied. Main answers Chromium's check; the interfaces are listed by Chromium itself.

import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decodeCode } from '../../shared/code/code-text.ts';
import { stopAll } from '../e2e/instance.ts';
import { logOf } from '../e2e/log-lines.ts';
import { codeOf } from '../e2e/pairing.ts';
import { startStandIn } from '../electron-standin/launch.ts';
import { whyNoNamespaces } from '../net/namespaces.ts';

const missing = whyNoNamespaces();
if (missing !== undefined) console.warn(`SKIPPED, not passed: ${missing}`);

const addresses = ['10.83.1.1', '10.83.2.1'];

/** Each network is a cable whose other end lies loose. There is no default route. */
function openTwoNetworks(): string {
  const name = `tc${randomBytes(3).toString('hex')}`;
  const ip = (...args: readonly string[]) => execFileSync('ip', args);
  ip('netns', 'add', name);
  onTestFinished(() => void spawnSync('ip', ['netns', 'del', name]));
  ip('-n', name, 'link', 'set', 'lo', 'up');
  addresses.forEach((address, at) => {
    ip('-n', name, 'link', 'add', `near${at}`, 'type', 'veth', 'peer', 'name', `far${at}`);
    for (const end of [`near${at}`, `far${at}`]) ip('-n', name, 'link', 'set', end, 'up');
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', `near${at}`);
  });
  expect(String(ip('-n', name, 'route', 'show', 'default'))).toBe('');
  return name;
}

/** Of a connection of the page's own. */
const listed = (page: Page) =>
  page.evaluate(async () => {
    const connection = new RTCPeerConnection();
    connection.createDataChannel('probe');
    const found: string[] = [];
    const gathered = new Promise<void>((resolve) => {
      connection.onicecandidate = ({ candidate }) => {
        if (candidate === null) resolve();
        else if (candidate.address !== null) found.push(candidate.address);
      };
    });
    await connection.setLocalDescription();
    await gathered;
    connection.close();
    return found;
  });

describe.skipIf(missing !== undefined)('a computer on two networks, none of which leads to the internet', () => {
  it('names both addresses in its code while the camera is denied, notices a third, and lists none where the check says no', async () => {
    const namespace = openTwoNetworks();
    const app = await startStandIn({ name: 'cleo', namespace });
    onTestFinished(async (context) => void (await stopAll([app], context)));
    const decoded = decodeCode(await codeOf(app, 'invite'));
    const named = decoded.ok ? decoded.code.candidates.map(({ address }) => address) : [];
    expect(new Set(named.filter((address) => address.includes('.')))).toEqual(new Set(addresses));
    const asked = await app.page.evaluate(() =>
      navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        (error: Error) => error.name,
      ),
    );
    expect(asked).toBe('NotAllowedError');

    expect((await listed(app.page)).filter((address) => addresses.includes(address))).not.toEqual([]);
    // Nobody announces a changed address in Electron; the host looks for itself.
    execFileSync('ip', ['-n', namespace, 'addr', 'add', '10.83.3.1/24', 'dev', 'near0']);
    await expect
      .poll(() => logOf(app, addresses), { timeout: 20_000 })
      .toContainEqual({ is: 'network-changed', why: 'addresses' });
    // What a check that says no would do: each connection asks anew. An empty grant refuses everything.
    const context = app.page.context();
    await context.clearPermissions();
    await context.grantPermissions([], { origin: new URL(app.page.url()).origin });
    expect((await listed(app.page)).filter((address) => addresses.includes(address))).toEqual([]);
  });
});
