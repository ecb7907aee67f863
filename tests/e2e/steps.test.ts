// How many steps two people take together until they are linked. A step is a click, or a key in its place; the questions of the
// system are not counted, and neither is the chat between them. (Two cameras: face-to-face.test.ts, one click each. A
// remembered computer: remembered-computers.test.ts, two steps for a file.)

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Instance, startInstance, stopAll } from './instance.ts';
import { codeOf } from './pairing.ts';
import { type StunServer, startStunServer } from './stun-server.ts';

let anna: Instance;
let ben: Instance;
let stun: StunServer;
let steps: string[];

beforeEach(async () => {
  steps = [];
  stun = await startStunServer('127.0.0.1');
  // No replies over the network: here people carry both codes.
  const settings = { nearReplies: false, servers: [{ url: stun.url }] };
  [anna, ben] = await Promise.all([
    startInstance({ name: 'anna', settings }),
    startInstance({ name: 'ben', settings }),
  ]);
  for (const { page } of [anna, ben]) {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  }
  await Promise.all([codeOf(anna, 'invite'), codeOf(ben, 'invite')]);
});

afterEach(async (context) => {
  stun.close();
  expect(await stopAll([anna, ben], context)).toEqual([]);
});

async function step(who: Instance, handle: string): Promise<void> {
  steps.push(`${who.name}: ${handle}`);
  await who.at(handle).click();
}

/** What one copied is copied by the other out of their chat. */
async function chat(from: Instance, to: Instance): Promise<void> {
  await from.page.locator('[data-testid="toast"][data-is="copied"]').waitFor();
  const message = await from.page.evaluate(() => navigator.clipboard.readText());
  expect(message).toMatch(/Tincan.* TINCAN:/s);
  await to.page.evaluate((text) => navigator.clipboard.writeText(text), message);
}

async function linkByChat(): Promise<void> {
  await step(anna, 'copy-code');
  await chat(anna, ben);
  await step(ben, 'code-submit');
  await codeOf(ben, 'reply');
  await step(ben, 'copy-code');
  await chat(ben, anna);
  await step(anna, 'code-submit');
  await Promise.all([anna.session('linked'), ben.session('linked')]);
  await step(anna, 'verify-match');
  await step(ben, 'verify-match');
  await Promise.all(
    [anna, ben].map(({ page }) => page.locator('[data-testid="trust"][data-checked="matched"]').waitFor()),
  );
}

describe('the steps of two people to a link', () => {
  it('are six by a chat on the same network', async () => {
    await linkByChat();
    expect(steps).toHaveLength(6);
  });

  it('are at most nine by a chat across networks', async () => {
    for (const one of [anna, ben]) {
      await step(one, 'reach-anywhere');
      // The code is made anew, with what the server says.
      await expect.poll(() => stun.asked()).toBeGreaterThan(0);
      await codeOf(one, 'invite');
    }
    await linkByChat();
    expect(steps.length).toBeLessThanOrEqual(9);
  });
});
