// "Connect a phone", as a person does it: opens the panel, and reads the picture on the screen as a phone's camera would.

import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { openJsqr } from '../../renderer/scan/read-pixels.ts';
import { browserPath, hidingFlags, type Instance, temporaryFolder } from '../e2e/instance.ts';
import { codeOf, type PageUnderTest } from '../e2e/pairing.ts';

/** Opens the panel and answers with the address in its picture. */
export async function letPhoneIn(host: Instance): Promise<string> {
  await codeOf(host, 'invite');
  await host.at('code-more').click();
  await host.at('let-phone-in').click();
  return readPhonePicture(host);
}

export async function readPhonePicture(host: Instance): Promise<string> {
  await host.page.locator('[data-testid="phone-panel"][data-at="open"]').waitFor();
  const { data, height, width } = PNG.sync.read(await host.at('phone-qr').screenshot());
  const reader = await openJsqr();
  const [text] = await reader.read({ data: new Uint8ClampedArray(data), height, width });
  if (text === undefined) throw new Error('the picture cannot be read');
  return text;
}

export type Phone = PageUnderTest & {
  /** Every address that the page, its Workers or its frames asked for. */
  readonly asked: readonly string[];
  readonly complaints: readonly string[];
  readonly browser: Browser;
  download(handle: string): Promise<string>;
};

/** A Chromium that is held like a phone, on another computer of the network. Its addresses are hidden, as on a phone. */
export async function openPhone(namespace: string, address: string): Promise<Phone> {
  const folder = temporaryFolder('phone');
  const browser = await chromium.launch({
    executablePath: browserPath(folder, namespace),
    args: hidingFlags,
  });
  const context = await browser.newContext({
    viewport: { width: 360, height: 640 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    acceptDownloads: true,
    userAgent:
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
  });
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(address);
  return {
    page,
    asked,
    complaints,
    browser,
    at: (handle) => page.getByTestId(handle),
    session: (state, timeout = 20_000) =>
      page.locator(`[data-testid="session"][data-state="${state}"]`).waitFor({ timeout }),
    async download(handle) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(handle).tap()]);
      const target = path.join(folder, download.suggestedFilename());
      await download.saveAs(target);
      return target;
    },
  };
}

/** What a page is to be at this width: nothing is cut off at its sides. */
export async function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
