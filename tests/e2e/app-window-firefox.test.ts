// The browser shell in Firefox, where that is the browser to open: let in by itself, and a full peer of the same app in Chromium.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import puppeteer, { type Browser } from 'puppeteer-core';
import { afterEach, describe, expect, it } from 'vitest';
import hostEnvironment from '../../shared/model/host-environment.json' with { type: 'json' };
import { drive, type FirefoxPage, firefox } from '../guest/firefox-guest.ts';
import { type Instance, root, startInstance, stopAll, temporaryFolder } from './instance.ts';
import { codeOf, giveCode, sha256Of, waitForState } from './pairing.ts';

let host: ChildProcess | undefined;
let browser: Browser | undefined;
let anna: Instance | undefined;

afterEach(async (context) => {
  await browser?.close().catch(() => undefined);
  host?.kill('SIGINT');
  if (anna !== undefined) await stopAll([anna], context);
  [host, browser, anna] = [undefined, undefined, undefined];
});

/** A desktop whose browser is a real Firefox without a screen, looked into over its debugging port. */
async function openFirefoxWindow(file: string): Promise<{ page: FirefoxPage; folder: string }> {
  if ('missing' in firefox) throw new Error(firefox.missing);
  const folder = temporaryFolder('firefox-window');
  const program = path.join(folder, 'firefox.sh');
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1" = --version ] && exec '${firefox.path}' --version\nexec '${firefox.path}' --headless --remote-debugging-port=0 "$@"\n`,
  );
  chmodSync(program, 0o755);
  const dirs = { data: path.join(folder, 'data'), downloads: path.join(folder, 'downloads') };
  mkdirSync(dirs.downloads);
  host = spawn(
    process.execPath,
    [
      path.join(root, 'dist/browser/main.mjs'),
      '--browser',
      ...['--port', '0', '--data-dir', dirs.data, '--download-dir', dirs.downloads, file],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...hostEnvironment, CHROME_PATH: '', FIREFOX: program },
    },
  );
  const ready = new Promise((resolve) => createInterface({ input: host!.stdout! }).once('line', resolve));
  expect(await ready).toMatch(/^Tincan ready at http:\/\/127\.0\.0\.1:\d+\/$/);
  const portFile = path.join(dirs.data, 'firefox-profile', 'WebDriverBiDiServer.json');
  await expect.poll(() => existsSync(portFile), { timeout: 30_000 }).toBe(true);
  const { ws_host: name, ws_port: port } = JSON.parse(readFileSync(portFile, 'utf8')) as Record<string, string>;
  browser = await puppeteer.connect({
    browserWSEndpoint: `ws://${name}:${port}/session`,
    protocol: 'webDriverBiDi',
    defaultViewport: null,
  });
  const target = await browser.waitForTarget((each) => each.url().startsWith('http://127.0.0.1:'), { timeout: 20_000 });
  const page = await target.page();
  if (page === null) throw new Error('no page');
  return { page: drive(page), folder };
}

describe.skipIf('missing' in firefox || process.platform !== 'linux')('the app in Firefox', () => {
  it('is let in, links with the app in Chromium, and files go both ways', async () => {
    const source = path.join(temporaryFolder('source'), 'by path.bin');
    writeFileSync(source, randomBytes(3_000_001));
    anna = await startInstance({ name: 'anna' });
    const { folder, page } = await openFirefoxWindow(source);
    await page.wait('staged-file');
    expect(existsSync(path.join(folder, 'data', 'start.html'))).toBe(false);

    await giveCode(anna, await page.code('invite'));
    await page.fill('code-input', await codeOf(anna, 'reply'));
    await page.click('code-submit');
    await anna.session('linked');
    await anna.at('verify-match').click();
    await page.click('verify-match');
    expect(await anna.at('peer-guest').count()).toBe(0);
    await anna.at('accept').click();
    await waitForState(anna, 'receive', 'done');
    expect(await sha256Of(path.join(anna.downloadDir, 'by path.bin'))).toBe(await sha256Of(source));

    await anna.at('file-input').setInputFiles(source);
    await page.click('accept');
    await waitForState(anna, 'send', 'done');
    expect(await sha256Of(path.join(folder, 'downloads', 'by path.bin'))).toBe(await sha256Of(source));
  });
});
