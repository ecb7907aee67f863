// The list of servers and the network check on the real settings screen, with real questions to real sockets.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Instance, startInstance, stopAll } from './instance.ts';
import { codeOf } from './pairing.ts';
import { type StunServer, startStunServer } from './stun-server.ts';

let running: Instance[] = [];
let stuns: StunServer[] = [];

afterEach(async (context) => {
  const complaints = await stopAll(running, context);
  for (const stun of stuns) stun.close();
  running = [];
  stuns = [];
  expect(complaints).toEqual([]);
});

const refused = ({ page }: Instance, problem: string) =>
  page.locator(`[data-testid="server-fault"][data-problem="${problem}"]`).waitFor();

/** Every form that the list takes: the browser must take it too, or no code could be made any more. */
const taken = [
  'stun:a_b.example',
  'stun:[2001:db8::7]:3478',
  'turn:1.2.3.4:1?transport=udp',
  'turns:a:443?transport=tcp',
];

describe('servers in the settings', () => {
  it('come and go as files, and are asked only once the switch is on', async () => {
    stuns = [await startStunServer('127.0.0.1'), await startStunServer('127.0.0.2')];
    const anna = await startInstance({ name: 'anna' });
    running = [anna];
    const asked = () => stuns.map((stun) => stun.asked());
    const file = path.join(anna.folder, 'servers.json');
    const relay = { urls: 'turn:127.0.0.1:9?transport=tcp', username: 'anna', credential: 'a good secret' };
    const mine = [...stuns.map(({ url }) => ({ urls: url })), relay];

    await anna.page.evaluate((urls) => {
      const iceServers = [{ urls, username: 'anna', credential: 'a good secret' }];
      new RTCPeerConnection({ iceServers }).close();
    }, taken);

    await anna.at('settings').click();
    for (let left = await anna.at('server-remove').count(); left > 0; left -= 1) {
      await anna.at('server-remove').first().click();
      await expect.poll(() => anna.at('server-remove').count()).toBe(left - 1);
    }
    writeFileSync(file, JSON.stringify({ iceServers: [...mine, { urls: 'turn:relay.example.org' }] }));
    await anna.at('servers-import-input').setInputFiles(file);
    await refused(anna, 'no-login');
    expect(await anna.at('server-test').count()).toBe(0);
    writeFileSync(file, JSON.stringify({ iceServers: mine }));
    await anna.at('servers-import-input').setInputFiles(file);
    await anna.at('servers-imported').waitFor();
    expect(await anna.at('server-test').count()).toBe(3);

    const saving = anna.page.waitForEvent('download');
    await anna.at('servers-export').click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe('tincan-servers.json');
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual({ iceServers: mine });

    await anna.at('server-url').fill('turn:127.0.0.1:10');
    await anna.at('server-add').click();
    await refused(anna, 'no-login');
    await anna.at('server-username').fill('anna');
    await anna.at('server-credential').fill('a good secret');
    await anna.at('server-add').click();
    await anna.at('server-fault').waitFor({ state: 'detached' });
    await expect.poll(() => anna.at('server-test').count()).toBe(4);
    await expect.poll(() => anna.at('server-url').inputValue()).toBe('');
    await anna.at('server-remove').last().click();
    await expect.poll(() => anna.at('server-test').count()).toBe(3);

    for (const handle of ['server-test', 'network-check-run']) {
      expect(await anna.at(handle).first().isDisabled(), handle).toBe(true);
    }
    const codeOff = await codeOf(anna, 'invite');
    expect(asked()).toEqual([0, 0]);

    await anna.at('setting-internet').click();
    await expect.poll(() => codeOf(anna, 'invite')).not.toBe(codeOff);
    expect(Math.min(...asked())).toBeGreaterThan(0);
    await anna.at('network-check-run').click();
    await anna.page.locator('[data-testid="network-result"][data-verdict="same"]').waitFor();
    await anna.at('network-details').locator('summary').click();
    expect(await anna.at('network-details').innerText()).toContain('2 of 2');

    await anna.at('setting-internet').click();
    await anna.at('network-result').waitFor({ state: 'detached' });
  });
});
