// One scan in the same room: two whole Tincans on two machines of one network; the reply is not carried by anybody.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeCode } from '../../shared/code/code-text.ts';
import { type Instance, startInstance } from '../e2e/instance.ts';
import { codeOf, giveCode, settleDigits } from '../e2e/pairing.ts';
import { type Network, openNetwork, whyNoNamespaces } from './namespaces.ts';

const reason = whyNoNamespaces();
if (reason !== undefined) console.warn(`skipped: one scan in the same room (${reason})`);

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Room = { readonly network: Network; readonly anna: Instance; readonly ben: Instance };

async function openRoom(): Promise<Room> {
  const network = openNetwork({ firewalls: false });
  closing.push(() => network.close());
  const [anna, ben] = await Promise.all(
    (['a', 'b'] as const).map((side) =>
      startInstance({ name: side === 'a' ? 'anna' : 'ben', namespace: network.name(side), preparePage: watchScreen }),
    ),
  );
  closing.push(() => Promise.all([anna!.stop(), ben!.stop()]));
  return { network, anna: anna!, ben: ben! };
}

declare global {
  interface Window {
    /** When the reply was on the screen, and when it said that the reply was delivered. */
    seen: { reply?: number; delivered?: number };
  }
}

/** A screen changes faster than a test can look. */
async function watchScreen(page: Instance['page']): Promise<void> {
  await page.addInitScript(() => {
    window.seen = {};
    new MutationObserver(() => {
      if (document.querySelector('[data-reply="true"]')) window.seen.reply ??= performance.now();
      if (document.querySelector('[data-is="near-delivered"]')) window.seen.delivered ??= performance.now();
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
}

function startStranger(network: Network, at: { readonly address: string; readonly port: number }): ChildProcess {
  const source = network.address('b').replace(/\d+$/, '66');
  execFileSync('ip', ['-n', network.name('b'), 'addr', 'add', `${source}/24`, 'dev', `${network.name('b')}0`]);
  const script = fileURLToPath(new URL('hostile-visitor.ts', import.meta.url));
  const args = ['netns', 'exec', network.name('b'), process.execPath, script, at.address, String(at.port), source];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  closing.push(() => child.kill('SIGKILL'));
  return child;
}

function placeOf(invite: string): { readonly address: string; readonly port: number } {
  const read = decodeCode(invite);
  if (!read.ok) throw new Error(read.fault.message);
  return read.code.candidates[0]!;
}

describe.skipIf(reason !== undefined)('one scan in the same room', () => {
  it('delivers the reply over the network in under a second, says so on both screens, and still asks for the digits', async () => {
    const { anna, ben } = await openRoom();
    await giveCode(ben, await codeOf(anna, 'invite'));
    await Promise.all([anna.session('linked'), ben.session('linked')]);
    await Promise.all([
      anna.page.locator('[data-testid="toast"][data-is="near-arrived"]').waitFor(),
      ben.page.locator('[data-testid="toast"][data-is="near-delivered"]').waitFor(),
    ]);
    const { reply, delivered } = await ben.page.evaluate(() => window.seen);
    expect(delivered! - (reply ?? delivered!)).toBeLessThan(1_000);
    await settleDigits(anna, ben);
    await anna.page.locator('[data-testid="trust"][data-checked="matched"]').waitFor();
    expect([...anna.complaints, ...ben.complaints]).toEqual([]);
  });

  it('leaves the reply to be carried by hand, at once, where the network lets no visitor in', async () => {
    const { network, anna, ben } = await openRoom();
    network.firewall('a');
    await giveCode(ben, await codeOf(anna, 'invite'));
    await giveCode(anna, await codeOf(ben, 'reply'));
    await Promise.all([anna.session('linked'), ben.session('linked')]);
    expect(await ben.page.evaluate(() => window.seen.delivered)).toBeUndefined();
  });

  it('is off by the setting', async () => {
    const { anna, ben } = await openRoom();
    await anna.at('settings').click();
    await anna.at('setting-near-replies').click();
    await anna.page.keyboard.press('Escape');
    await giveCode(ben, await codeOf(anna, 'invite'));
    await giveCode(anna, await codeOf(ben, 'reply'));
    await Promise.all([anna.session('linked'), ben.session('linked')]);
    expect(await ben.page.evaluate(() => window.seen.delivered)).toBeUndefined();
  });

  it('is not disturbed by a neighbour who floods the place, and tells him nothing', async () => {
    const { network, anna, ben } = await openRoom();
    const invite = await codeOf(anna, 'invite');
    const lines = createInterface({ input: startStranger(network, placeOf(invite)).stdout! });
    const tells: string[] = [];
    await new Promise<void>((resolve) => lines.on('line', (line) => tells.push(line) >= 5 && resolve()));
    expect(await anna.at('session').getAttribute('data-state')).toBe('pairing');
    await giveCode(ben, invite);
    await Promise.all([anna.session('linked'), ben.session('linked')]);
    await ben.page.waitForFunction(() => window.seen.delivered !== undefined);
    for (const line of tells) expect(line).toMatch(/ 0$/);
  });
});
