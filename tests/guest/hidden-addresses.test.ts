// Browsers put `.local` names in the place of a page's addresses until it may use the camera. What comes of that, where the network
// carries these names and where it does not.

import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeCode } from '../../shared/code/code-text.ts';
import { hidingFlags, type Instance, startInstance } from '../e2e/instance.ts';
import { codeOf, giveCode, settleDigits } from '../e2e/pairing.ts';
import { type Network, openNetwork, type Side, whyNoNamespaces } from '../net/namespaces.ts';
import { type ChromiumGuest, openChromiumGuest } from './chromium-guest.ts';

const reason = whyNoNamespaces();
if (reason !== undefined) console.warn(`skipped: pages that hide their addresses (${reason})`);

const guestFile = path.resolve('dist/guest/tincan-guest.html');
const hiding = [...hidingFlags, '--use-fake-device-for-media-stream'];

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function network(): Network {
  const opened = openNetwork({ firewalls: false });
  closing.push(() => opened.close());
  return opened;
}

async function guestIn(room: Network, side: Side): Promise<ChromiumGuest> {
  const guest = await openChromiumGuest(guestFile, { flags: hiding, namespace: room.name(side) });
  closing.push(() => guest.close());
  return guest;
}

async function tincanIn(room: Network, side: Side): Promise<Instance> {
  const instance = await startInstance({ name: 'anna', namespace: room.name(side) });
  closing.push(() => instance.stop());
  return instance;
}

function familiesOf(code: string): readonly unknown[] {
  const read = decodeCode(code);
  if (!read.ok) throw new Error(read.fault.message);
  return [...new Set(read.code.candidates.map(({ family }) => family))];
}

describe.skipIf(reason !== undefined)('a page that hides its addresses', () => {
  it('links with a Tincan that does not, in both roles, where the network drops the names', async () => {
    const room = network();
    room.dropMdns();
    const anna = await tincanIn(room, 'a');
    for (const role of ['replier', 'inviter'] as const) {
      const guest = await guestIn(room, 'b');
      const [inviter, replier] = role === 'replier' ? [anna, guest] : [guest, anna];
      await giveCode(replier, await codeOf(inviter, 'invite'));
      await giveCode(inviter, await codeOf(replier, 'reply'));
      await Promise.all([anna.session('linked'), guest.session('linked')]);
      await settleDigits(anna, guest);
      await guest.close();
      await anna.at('disconnect').click();
      await anna.at('leave-now').click();
      await anna.session('pairing');
    }
  });

  it('links with another such page where the network carries the names', async () => {
    const room = network();
    const [anna, ben] = await Promise.all([guestIn(room, 'a'), guestIn(room, 'b')]);
    const invite = await codeOf(anna, 'invite');
    expect(familiesOf(invite)).toEqual(['mdns']);
    await giveCode(ben, invite);
    await giveCode(anna, await codeOf(ben, 'reply'));
    await Promise.all([anna.session('linked'), ben.session('linked')]);
  });

  it('says so where the network does not, and links once one of them may use the camera', async () => {
    const room = network();
    room.dropMdns();
    const [anna, ben] = await Promise.all([guestIn(room, 'a'), guestIn(room, 'b')]);
    await giveCode(ben, await codeOf(anna, 'invite'));
    await giveCode(anna, await codeOf(ben, 'reply'));
    await anna.page.locator('[data-testid="connecting-hint"][data-hint="hidden"]').waitFor({ timeout: 60_000 });
    await anna.at('start-over').click();
    await anna.page.context().grantPermissions(['camera']);
    await anna.at('scan-camera').click();
    await anna.at('scan').waitFor();
    await anna.at('new-code').click();
    await expect.poll(async () => familiesOf(await codeOf(anna, 'invite')), { timeout: 20_000 }).toContain(4);
    await ben.at('new-code').click();
    await giveCode(ben, await codeOf(anna, 'invite'));
    await giveCode(anna, await codeOf(ben, 'reply'));
    await Promise.all([anna.session('linked'), ben.session('linked')]);
  });
});
