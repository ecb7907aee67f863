// What a page opens on the network belongs to that page: it is closed with it, and a page that is gone opens nothing more.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostPage } from '../../../host/host.ts';
import { phonePlace } from '../../../host/lan/phone-place.ts';
import { inviteAt } from '../lan/lan-codes.ts';
import { openTestHost, type TestHost } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const invites = (page: HostPage) => Promise.resolve().then(() => page.ui['lan.invites']({ codes: [] }));

describe('a page that is gone', () => {
  it('opens nothing more, and the page after it does', async () => {
    const page = test.host.openPage();
    await invites(page);
    await page.gone();
    for (const ask of [
      () => invites(page),
      async () => page.ui['phone.open']({ invite: 'x' }),
      async () => page.ui['router.open']({ hosts: [] }),
      async () => page.ui['lan.deliver']({ invite: 'x', reply: 'y' }),
      async () => page.ui['router.check']({}),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'bridge-closed' });
    }
    await invites(test.host.openPage());
  });

  it('is gone at the latest when another one is there', async () => {
    const [before, after] = [test.host.openPage(), test.host.openPage()];
    await expect(invites(before)).rejects.toMatchObject({ code: 'bridge-closed' });
    await invites(after);
  });

  // A computer without a network has no place for a phone.
  it.skipIf(phonePlace(undefined) === undefined)('takes with it what it opened, and nothing else', async () => {
    const isServed = (address: string) =>
      fetch(address.replace(/#.*$/, '')).then(
        ({ ok }) => ok,
        () => false,
      );
    const invite = inviteAt(50_000, '192.168.1.9');
    const before = test.host.openPage();
    const first = await before.ui['phone.open']({ invite });
    expect(await isServed(first.address)).toBe(true);
    const after = test.host.openPage();
    expect(await isServed(first.address)).toBe(false);
    const second = await after.ui['phone.open']({ invite });
    await before.gone();
    await test.host.engineGone();
    expect(await isServed(second.address)).toBe(true);
    await after.gone();
    expect(await isServed(second.address)).toBe(false);
  });
});
