// The guest page in a real Firefox: opened from disk, with an ordinary Tincan at the other end, files both ways.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { closeBoth } from '../guest/close-both.ts';
import { type FirefoxGuest, firefox, openFirefoxGuest } from '../guest/firefox-guest.ts';
import { hashesOf, makeFolder, zipHashes } from '../guest/folders.ts';
import { type Instance, startInstance } from './instance.ts';
import { codeOf, giveCode, waitForState } from './pairing.ts';

const guestFile = path.resolve('dist/guest/tincan-guest.html');
let anna: Instance | undefined;
let guest: FirefoxGuest | undefined;

afterEach(async (context) => {
  const [tincan, page] = [anna, guest];
  [anna, guest] = [undefined, undefined];
  await closeBoth(tincan, page, context);
});

describe.skipIf('missing' in firefox)('a guest page in Firefox', () => {
  it('answers an invite, and a folder goes both ways with equal bytes', async () => {
    anna = await startInstance({ name: 'anna' });
    guest = await openFirefoxGuest(guestFile);
    await guest.fill('code-input', await codeOf(anna, 'invite'));
    await guest.click('code-submit');
    await giveCode(anna, await guest.code('reply'));
    await Promise.all([anna.session('linked'), guest.wait('verify-match', ':enabled')]);
    const digits = (await anna.at('verify-digits').innerText()).replace(/\D/g, '');
    expect((await guest.text('verify-digits')).replace(/\D/g, '')).toBe(digits);
    await anna.at('verify-match').click();
    await guest.click('verify-match');
    await anna.at('peer-guest').waitFor();

    const folder = makeFolder();
    await anna.at('folder-input').setInputFiles(folder);
    await guest.click('accept');
    await waitForState(anna, 'send', 'done');
    await guest.wait('save-state', '[data-at="unsaved"]');
    const zip = await guest.download('save-received');
    expect(path.basename(zip)).toBe('Urlaub 旅行.zip');
    expect(zipHashes(readFileSync(zip))).toEqual(await hashesOf(folder));

    await guest.uploadFolder('folder-input', folder);
    await anna.at('accept').click();
    await waitForState(anna, 'receive', 'done');
    expect(await hashesOf(path.join(anna.downloadDir, path.basename(folder)))).toEqual(await hashesOf(folder));
    expect(guest.asked.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
  });
});
