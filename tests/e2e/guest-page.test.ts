// The guest page in Chromium: saved from a Tincan, opened from disk in a clean profile, and a folder goes both ways.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { type ChromiumGuest, openChromiumGuest } from '../guest/chromium-guest.ts';
import { closeBoth } from '../guest/close-both.ts';
import { hashesOf, makeFolder, zipHashes } from '../guest/folders.ts';
import { type Instance, startInstance, temporaryFolder } from './instance.ts';
import { codeOf, giveCode, settleDigits, sha256Of, waitForState } from './pairing.ts';

let anna: Instance | undefined;
let guest: ChromiumGuest | undefined;

afterEach(async (context) => {
  const [tincan, page] = [anna, guest];
  [anna, guest] = [undefined, undefined];
  await closeBoth(tincan, page, context);
});

async function saved(from: Instance): Promise<string> {
  await codeOf(from, 'invite');
  await from.at('code-more').click();
  await from.at('save-guest').click();
  await from.page.locator('[data-testid="guest-save"]:enabled').waitFor();
  const [download] = await Promise.all([from.page.waitForEvent('download'), from.at('guest-save').click()]);
  const file = path.join(temporaryFolder('guest'), download.suggestedFilename());
  await download.saveAs(file);
  expect(await from.at('guest-sha256').innerText()).toBe(await sha256Of(file));
  await from.page.keyboard.press('Escape');
  return file;
}

it('is saved from a Tincan, opens from disk, and a folder goes both ways with equal bytes', async () => {
  anna = await startInstance({ name: 'anna' });
  const file = await saved(anna);
  guest = await openChromiumGuest(file);
  const invite = await codeOf(anna, 'invite');
  await expect.poll(() => guest?.at('code-input').inputValue(), { timeout: 20_000 }).toBe(invite);
  await guest.at('code-submit').click();
  await giveCode(anna, await codeOf(guest, 'reply'));
  await Promise.all([anna.session('linked'), guest.session('linked')]);
  await settleDigits(anna, guest);
  await anna.at('peer-guest').waitFor();
  expect(await anna.at('remember').count()).toBe(0);

  const folder = makeFolder();
  const wanted = await hashesOf(folder);

  // To the guest.
  await anna.at('folder-input').setInputFiles(folder);
  await guest.at('accept').click();
  await Promise.all([waitForState(anna, 'send', 'done'), waitForState(guest, 'receive', 'done')]);
  expect(await guest.at('show-in-folder').count()).toBe(0);
  const zip = await guest.download('save-received');
  expect(zip.name).toBe('Urlaub 旅行.zip');
  expect(zipHashes(readFileSync(zip.file))).toEqual(wanted);
  await guest.page.locator('[data-testid="save-state"][data-at="saved"]').waitFor();

  // And back.
  await guest.at('folder-input').setInputFiles(folder);
  await anna.at('accept').click();
  await Promise.all([waitForState(guest, 'send', 'done'), waitForState(anna, 'receive', 'done')]);
  expect(await hashesOf(path.join(anna.downloadDir, path.basename(folder)))).toEqual(wanted);

  // A single file is saved as it is.
  await guest.at('clear-finished').click();
  await expect.poll(() => guest?.at('transfer').count()).toBe(0);
  await anna.at('file-input').setInputFiles(path.join(folder, 'film.bin'));
  await guest.at('accept').click();
  await guest.page.locator('[data-testid="save-state"][data-at="unsaved"]').waitFor();
  const film = await guest.download('save-received');
  expect([film.name, await sha256Of(film.file)]).toEqual(['film.bin', wanted.get('Urlaub 旅行/film.bin')]);

  // It asked nobody for anything.
  const elsewhere = guest.asked.filter((url) => url !== pathToFileURL(file).href && !/^(blob|data):/.test(url));
  expect(elsewhere).toEqual([]);
});

it('shows nothing that only a program can do', async () => {
  guest = await openChromiumGuest(path.resolve('dist/guest/tincan-guest.html'));
  await codeOf(guest, 'invite');
  expect(await guest.at('code-input').inputValue()).toBe('');
  expect(await guest.at('history').count()).toBe(0);
  await guest.at('code-more').click();
  await guest.at('show-code').waitFor();
  expect(await guest.at('save-guest').count()).toBe(0);
  await guest.page.keyboard.press('Escape');
  await guest.at('settings').click();
  await guest.at('setting-theme').waitFor();
  for (const handle of ['setting-download-dir', 'setting-near-replies', 'setting-near-known', 'setting-direct']) {
    expect(await guest.at(handle).count(), handle).toBe(0);
  }
});
