// A guest page in a real Chromium with a profile of its own, opened from disk as a person opens it.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { bareFlags, browserPath, temporaryFolder } from '../e2e/instance.ts';
import type { PageUnderTest } from '../e2e/pairing.ts';

export type ChromiumGuest = PageUnderTest & {
  /** Of this browser alone: its profile and what it downloads. */
  readonly folder: string;
  /** Every address that the page, its Workers or its frames asked for. */
  readonly asked: readonly string[];
  /** Console errors and page errors, violations of its policy among them. */
  readonly complaints: readonly string[];
  /** Presses a button and answers with the file that the browser saved. */
  download(handle: string): Promise<{ readonly name: string; readonly file: string }>;
  close(): Promise<void>;
};

export async function openChromiumGuest(
  file: string,
  options: {
    readonly flags?: readonly string[];
    /** A network namespace that it lives in. */
    readonly namespace?: string;
    readonly prepare?: (page: Page) => Promise<unknown>;
  } = {},
): Promise<ChromiumGuest> {
  const folder = temporaryFolder('guest');
  const context: BrowserContext = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: browserPath(folder, options.namespace),
    args: [...(options.flags ?? bareFlags)],
    acceptDownloads: true,
    viewport: { width: 1100, height: 800 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const asked: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await options.prepare?.(page);
  await page.goto(pathToFileURL(file).href);
  return {
    page,
    folder,
    asked,
    complaints,
    at: (handle) => page.getByTestId(handle),
    session: (state, timeout = 20_000) =>
      page.locator(`[data-testid="session"][data-state="${state}"]`).waitFor({ timeout }),
    async download(handle) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(handle).click()]);
      const target = path.join(folder, `${Date.now()}-${download.suggestedFilename()}`);
      await download.saveAs(target);
      return { name: download.suggestedFilename(), file: target };
    },
    close: () => context.close(),
  };
}
