// "Connect a phone" with a real Firefox as the phone's browser, over plain HTTP to a private address of this computer.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { phonePlace } from '../../host/lan/phone-place.ts';
import { closeBoth } from '../guest/close-both.ts';
import { type FirefoxGuest, firefox, openFirefoxGuest } from '../guest/firefox-guest.ts';
import { letPhoneIn } from '../guest/phone.ts';
import { type Instance, startInstance, temporaryFolder } from './instance.ts';
import { sha256Of, waitForState } from './pairing.ts';

const canRun = !('missing' in firefox) && phonePlace(undefined) !== undefined;
if (phonePlace(undefined) === undefined)
  console.warn('SKIPPED, not passed: a phone with Firefox: no private address here');

let anna: Instance | undefined;
let guest: FirefoxGuest | undefined;

afterEach(async (context) => {
  const [tincan, page] = [anna, guest];
  [anna, guest] = [undefined, undefined];
  await closeBoth(tincan, page, context);
});

describe.skipIf(!canRun)('a phone with Firefox', () => {
  it('opens what the picture says, is linked without carrying a reply, and a file goes each way', async () => {
    anna = await startInstance({ name: 'anna' });
    const address = await letPhoneIn(anna);
    guest = await openFirefoxGuest(address);
    expect(await guest.page.evaluate(() => [isSecureContext, 'subtle' in crypto])).toEqual([false, false]);
    await guest.page.waitForFunction(() =>
      document.querySelector<HTMLTextAreaElement>('[data-testid="code-input"]')?.value.startsWith('TINCAN:'),
    );
    await guest.click('code-submit');
    await Promise.all([anna.session('linked'), guest.wait('verify-match', ':enabled')]);
    const digits = (await anna.at('verify-digits').innerText()).replace(/\D/g, '');
    expect((await guest.text('verify-digits')).replace(/\D/g, '')).toBe(digits);
    await anna.at('verify-match').click();
    await guest.click('verify-match');
    await anna.at('peer-guest').waitFor();

    const film = path.join(temporaryFolder('source'), 'film.bin');
    writeFileSync(film, randomBytes(3_000_001));
    await anna.at('file-input').setInputFiles(film);
    await guest.click('accept');
    await waitForState(anna, 'send', 'done');
    await guest.wait('save-state', '[data-at="unsaved"]');
    expect(await sha256Of(await guest.download('save-received'))).toBe(await sha256Of(film));

    const back = path.join(temporaryFolder('source'), 'back.bin');
    writeFileSync(back, randomBytes(2_000_003));
    await guest.upload('file-input', back);
    await anna.at('accept').click();
    await waitForState(anna, 'receive', 'done');
    expect(await sha256Of(path.join(anna.downloadDir, 'back.bin'))).toBe(await sha256Of(back));
  });
});
