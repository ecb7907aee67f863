// The other side's program or browser is gone without a word: the screen says so soon, and does not go on as if it were there.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Instance, startInstance, stopAll } from './instance.ts';
import { link } from './pairing.ts';

/** What a person may be left in the dark for. */
const saidWithinMs = 16_000;

let anna: Instance;
let ben: Instance;

beforeEach(async () => {
  [anna, ben] = await Promise.all([startInstance({ name: 'anna' }), startInstance({ name: 'ben' })]);
  await link(anna, ben);
});

afterEach(async (context) => {
  await stopAll([anna, ben], context);
  expect(anna.complaints).toEqual([]);
});

describe('what is gone on the other side', () => {
  it('is said when it is the program, though the page is still open', async () => {
    await ben.stopHost('SIGKILL');
    await ben.at('host-gone').waitFor();
    await anna.session('reconnecting', saidWithinMs);
    expect(await anna.at('send-text').isDisabled()).toBe(true);
  });

  it('is said when it is the browser', async () => {
    const browser = ben.page.context().browser();
    const cdp = await browser!.newBrowserCDPSession();
    await cdp.send('Browser.crash').catch(() => undefined);
    await anna.session('reconnecting', saidWithinMs);
  });
});

describe('Disconnect', () => {
  it('can be taken back, and the link stays', async () => {
    await anna.at('disconnect').click();
    await anna.page.locator('[data-testid="stay"]:focus').waitFor();
    await anna.page.keyboard.press('Enter');
    await anna.at('leaving').waitFor({ state: 'detached' });
    await anna.at('text-input').fill('still here');
    await anna.at('send-text').click();
    await ben.at('text-received').filter({ hasText: 'still here' }).waitFor();
  });

  it('puts an offer that nobody answered back on both sides, and says who ended the link', async () => {
    await anna.at('file-input').setInputFiles([{ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
    await ben.at('accept').waitFor();
    await anna.at('disconnect').click();
    await anna.at('leave-now').click();
    await Promise.all([anna.session('pairing'), ben.session('pairing')]);
    await anna.at('staged-file').filter({ hasText: 'plan.txt' }).waitFor();
    await ben.page.getByText('They disconnected.').waitFor();
    await anna.page.getByText('Disconnected.').first().waitFor();
    expect(await ben.at('offer').count()).toBe(0);
    for (const one of [anna, ben]) expect(await one.at('transfer').count()).toBe(0);
    await link(anna, ben);
    await ben.at('offer').filter({ hasText: 'plan.txt' }).waitFor();
  });
});
