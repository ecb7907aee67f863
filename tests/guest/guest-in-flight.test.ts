// What takes long: a guest page while its other side is killed, with a reply that comes late, with a gigabyte, in a browser that
// is full, and with another guest page in another engine.

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Instance, startInstance, stopAll, temporaryFolder } from '../e2e/instance.ts';
import { codeOf, doneBytes, giveCode, link, pairAgain, sha256Of, waitForState } from '../e2e/pairing.ts';
import { type ChromiumGuest, openChromiumGuest } from './chromium-guest.ts';
import { type FirefoxGuest, firefox, openFirefoxGuest } from './firefox-guest.ts';
import { hashesOf, makeFolder, zipHashes } from './folders.ts';
import { type MemoryWatch, watchMemory } from './memory.ts';

const guestFile = path.resolve('dist/guest/tincan-guest.html');
let running: Instance[] = [];
let guests: (ChromiumGuest | FirefoxGuest)[] = [];

afterEach(async (context) => {
  await Promise.all(guests.map((guest) => guest.close()));
  await stopAll(running, context);
  guests = [];
  running = [];
});

async function start(options: Parameters<typeof startInstance>[0]): Promise<Instance> {
  const instance = await startInstance(options);
  running.push(instance);
  return instance;
}

async function chromiumGuest(...given: Parameters<typeof openChromiumGuest>): Promise<ChromiumGuest> {
  const guest = await openChromiumGuest(...given);
  guests.push(guest);
  return guest;
}

async function firefoxGuest(prefs: Readonly<Record<string, unknown>> = {}): Promise<FirefoxGuest> {
  const guest = await openFirefoxGuest(guestFile, { prefs });
  guests.push(guest);
  return guest;
}

function fileOf(bytes: number, name = 'big.bin', folder = temporaryFolder('source')): string {
  const file = path.join(folder, name);
  const handle = openSync(file, 'w');
  const piece = 16_000_000;
  for (let left = bytes; left > 0; left -= piece) writeSync(handle, randomBytes(Math.min(left, piece)));
  closeSync(handle);
  return file;
}

function gigabyteFolder(): string {
  const folder = makeFolder();
  for (let at = 0; at < 4; at += 1) fileOf(256 * 1024 * 1024, `large ${at}.bin`, folder);
  return folder;
}

/**
 * Twice what was measured while a gigabyte went each way (138 to 162 MB in Chromium, 99 to 114 MB in Firefox), and a third of what passes: a browser that
 * kept it all would take more than that.
 */
function expectBounded(browser: string, memory: MemoryWatch): void {
  const moreBytes = memory.close();
  console.info(`${browser}: ${Math.round(moreBytes / 1e6)} MB above idle, a gigabyte each way`);
  expect(moreBytes).toBeLessThan(352 * 1024 * 1024);
}

describe('a guest page in Chromium', () => {
  it('goes on where it was when the other side was killed and comes back with a new code', {
    timeout: 240_000,
  }, async () => {
    const source = fileOf(120_000_000);
    const anna = await start({ name: 'anna', files: [source] });
    const guest = await chromiumGuest(guestFile);
    await link(anna, guest);
    await guest.at('accept').click();
    await expect.poll(() => doneBytes(guest, 'receive'), { timeout: 60_000, interval: 20 }).toBeGreaterThan(40_000_000);
    await anna.stopHost('SIGKILL');
    await anna.closePage();
    const before = await doneBytes(guest, 'receive');
    const again = await start({ name: 'anna-again', folder: anna.folder });
    await pairAgain(guest, again);
    expect(await doneBytes(guest, 'receive')).toBeGreaterThanOrEqual(before);
    await waitForState(guest, 'receive', 'done');
    const { file } = await guest.download('save-received');
    expect(await sha256Of(file)).toBe(await sha256Of(source));
  });

  it('asks before it is left with something that is not saved, and not once it is', async () => {
    const anna = await start({ name: 'anna' });
    const guest = await chromiumGuest(guestFile);
    await link(anna, guest);
    await anna.at('file-input').setInputFiles(fileOf(1000));
    await guest.at('accept').click();
    await waitForState(guest, 'receive', 'done');
    const asked: string[] = [];
    guest.page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    // Ends with the answer of the person, who stays.
    const leave = () => guest.page.goto('about:blank', { timeout: 5_000 }).catch(() => undefined);
    await leave();
    expect(asked).toEqual(['beforeunload']);
    await guest.session('linked');
    await guest.download('save-received');
    await guest.page.locator('[data-testid="save-state"][data-at="saved"]').waitFor();
    await leave();
    expect(guest.page.url()).toBe('about:blank');
    expect(asked).toHaveLength(1);
    // And the other side hears of it.
    await anna.session('reconnecting', 20_000);
  });

  it('exchanges a folder of a gigabyte both ways with bounded memory', { timeout: 900_000 }, async () => {
    const folder = gigabyteFolder();
    const wanted = await hashesOf(folder);
    const anna = await start({ name: 'anna' });
    const guest = await chromiumGuest(guestFile);
    await link(anna, guest);
    const memory = watchMemory(guest.folder);
    await anna.at('folder-input').setInputFiles(folder);
    await guest.at('accept').click();
    await waitForState(guest, 'receive', 'done', 400_000);
    const { file } = await guest.download('save-received');
    expect(zipHashes(readFileSync(file))).toEqual(wanted);
    await guest.at('folder-input').setInputFiles(folder);
    await anna.at('accept').click();
    await waitForState(anna, 'receive', 'done', 400_000);
    expect(await hashesOf(path.join(anna.downloadDir, path.basename(folder)))).toEqual(wanted);
    expectBounded('Chromium', memory);
  });

  it('saves each of a few files by itself', async () => {
    const anna = await start({ name: 'anna' });
    const guest = await chromiumGuest(guestFile);
    await link(anna, guest);
    const sources = ['one.bin', 'two.bin', 'three.bin'].map((name) => fileOf(10_000, name));
    await anna.at('file-input').setInputFiles(sources);
    await guest.at('accept').click();
    await waitForState(guest, 'receive', 'done');
    const saved = new Map<string, string>();
    guest.page.on('download', async (download) => {
      const file = path.join(temporaryFolder('saved'), download.suggestedFilename());
      await download.saveAs(file);
      saved.set(download.suggestedFilename(), await sha256Of(file));
    });
    await guest.at('save-each').click();
    const wanted = await Promise.all(sources.map(async (file) => [path.basename(file), await sha256Of(file)] as const));
    await expect.poll(() => saved, { timeout: 20_000 }).toEqual(new Map(wanted));
    await guest.page.locator('[data-testid="save-state"][data-at="saved"]').waitFor();
  });

  it('says that there is no room before it accepts', async () => {
    const anna = await start({ name: 'anna' });
    const guest = await chromiumGuest(guestFile);
    await link(anna, guest);
    const sparse = path.join(temporaryFolder('source'), 'sparse.bin');
    closeSync(openSync(sparse, 'w'));
    // Larger than any disk that this test runs on gives a page; nothing of it is ever read.
    truncateSync(sparse, 3_000_000_000_000);
    await anna.at('file-input').setInputFiles(sparse);
    await guest.page.locator('[data-testid="offer-room"][data-fits="full"]').waitFor();
    expect(await guest.at('accept').isDisabled()).toBe(true);
  });

  it('waits when the browser is full in the middle, and goes on once there is room', async () => {
    // Enough to be still under way when the room is gone, however long a busy machine takes to say so.
    const source = fileOf(300_000_000);
    const anna = await start({ name: 'anna', files: [source] });
    const guest = await chromiumGuest(guestFile);
    const browser = await guest.page.context().newCDPSession(guest.page);
    await link(anna, guest);
    await guest.at('accept').click();
    await expect.poll(() => doneBytes(guest, 'receive'), { timeout: 60_000, interval: 20 }).toBeGreaterThan(30_000_000);
    // Less than it holds already.
    await browser.send('Storage.overrideQuotaForOrigin', { origin: 'file://', quotaSize: 20_000_000 });
    await guest.page.locator('[data-testid="transfer"][data-state="paused"][data-pause="disk"]').waitFor();
    await browser.send('Storage.overrideQuotaForOrigin', { origin: 'file://' });
    await waitForState(guest, 'receive', 'done');
    const { file } = await guest.download('save-received');
    expect(await sha256Of(file)).toBe(await sha256Of(source));
  });
});

describe.skipIf('missing' in firefox)('a guest page in Firefox', () => {
  it('waits with its reply for longer than a browser does by itself', async () => {
    const anna = await start({ name: 'anna' });
    const guest = await firefoxGuest();
    await guest.fill('code-input', await codeOf(anna, 'invite'));
    await guest.click('code-submit');
    const reply = await guest.code('reply');
    // Firefox gives a connection up 11.5 s after the last candidate that was new to it.
    await new Promise((resolve) => setTimeout(resolve, 40_000));
    await giveCode(anna, reply);
    await Promise.all([anna.session('linked'), guest.wait('verify-match')]);
  });

  it('invites a Tincan, and another guest page in Chromium', async () => {
    const invited = [await start({ name: 'anna' }), await chromiumGuest(guestFile)];
    for (const other of invited) {
      const guest = await firefoxGuest();
      await giveCode(other, await guest.code('invite'));
      await guest.fill('code-input', await codeOf(other, 'reply'));
      await guest.click('code-submit');
      await Promise.all([other.session('linked'), guest.wait('verify-match', ':enabled')]);
      await other.at('verify-match').click();
      await guest.click('verify-match');
      const source = fileOf(3_000_000, 'both ways.bin');
      await guest.upload('file-input', source);
      await other.at('accept').click();
      await waitForState(other, 'receive', 'done');
      await other.at('file-input').setInputFiles(source);
      await guest.click('accept');
      await guest.wait('save-state', '[data-at="unsaved"]');
      expect(await sha256Of(await guest.download('save-received'))).toBe(await sha256Of(source));
    }
  });

  it('says that there is no room before it accepts', async () => {
    const anna = await start({ name: 'anna' });
    // Kilobytes, for all that pages store.
    const guest = await firefoxGuest({ 'dom.quotaManager.temporaryStorage.fixedLimit': 50_000 });
    await linkFirefox(anna, guest);
    await anna.at('file-input').setInputFiles(fileOf(60_000_000));
    await guest.wait('offer-room', '[data-fits="full"]');
    await guest.wait('accept', ':disabled');
  });

  it('exchanges a folder of a gigabyte both ways with bounded memory', { timeout: 900_000 }, async () => {
    const folder = gigabyteFolder();
    const wanted = await hashesOf(folder);
    const anna = await start({ name: 'anna' });
    const guest = await firefoxGuest();
    await linkFirefox(anna, guest);
    const memory = watchMemory(guest.folder);
    await anna.at('folder-input').setInputFiles(folder);
    await guest.click('accept');
    await waitForState(anna, 'send', 'done', 400_000);
    await guest.wait('save-state', '[data-at="unsaved"]', 60_000);
    expect(zipHashes(readFileSync(await guest.download('save-received', 200_000)))).toEqual(wanted);
    await guest.uploadFolder('folder-input', folder);
    await anna.at('accept').click();
    await waitForState(anna, 'receive', 'done', 400_000);
    expect(await hashesOf(path.join(anna.downloadDir, path.basename(folder)))).toEqual(wanted);
    expectBounded('Firefox', memory);
  });
});

async function linkFirefox(anna: Instance, guest: FirefoxGuest): Promise<void> {
  await guest.fill('code-input', await codeOf(anna, 'invite'));
  await guest.click('code-submit');
  await giveCode(anna, await guest.code('reply'));
  await anna.session('linked');
  await anna.at('verify-match').click();
  await guest.click('verify-match');
}
