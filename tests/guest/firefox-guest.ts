// A guest page in a real Firefox with a profile of its own, driven over WebDriver BiDi. The driver is another one than that of the
// Chromium tests, so it has a face of its own: what tests do, by handle.

import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type ElementHandle, type Page } from 'puppeteer-core';
import { findFirefox } from '../../browser/find-firefox.ts';
import { temporaryFolder } from '../e2e/instance.ts';

export const firefox = findFirefox(process.env, process.platform);
if ('missing' in firefox) console.warn(`SKIPPED, not passed: tests in Firefox: ${firefox.missing}`);

export type FirefoxPage = {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly asked: readonly string[];
  /** Waits until an element is there. `more` is the rest of its selector. */
  wait(handle: string, more?: string, timeoutMs?: number): Promise<void>;
  count(handle: string): Promise<number>;
  click(handle: string): Promise<void>;
  fill(handle: string, text: string): Promise<void>;
  text(handle: string): Promise<string>;
  code(kind: 'invite' | 'reply'): Promise<string>;
  upload(handle: string, ...files: string[]): Promise<void>;
  /**
   * A whole folder. The driver picks files only: this makes what the folder dialog would answer, of real files that the browser reads
   * from the disk. Empty folders are no part of that, as in a browser.
   */
  uploadFolder(handle: string, folder: string): Promise<void>;
};

export type FirefoxGuest = FirefoxPage & {
  /** Of this browser alone: its profile and what it downloads. */
  readonly folder: string;
  download(handle: string, timeoutMs?: number): Promise<string>;
  close(): Promise<void>;
};

/** What tests do with a page of Tincan, by handle. */
export function drive(page: Page): FirefoxPage & { find: Find } {
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  const find: Find = async (handle, more = '', timeout = 30_000) => {
    const found = await page.waitForSelector(`[data-testid="${handle}"]${more}`, { timeout });
    if (found === null) throw new Error(`no ${handle}`);
    return found;
  };
  return {
    find,
    page,
    complaints,
    asked,
    wait: async (handle, more, timeoutMs) => void (await find(handle, more, timeoutMs)),
    count: async (handle) => (await page.$$(`[data-testid="${handle}"]`)).length,
    click: async (handle) => {
      const element = await find(handle, ':enabled:not([aria-disabled="true"])');
      await element.evaluate((each) => (each as HTMLElement).click());
    },
    async fill(handle, text) {
      const field = await find(handle);
      // As pasting does. The driver types one character at a time.
      await field.evaluate((each, typed) => {
        const area = each as HTMLTextAreaElement;
        area.focus();
        area.select();
        document.execCommand('insertText', false, typed);
      }, text);
    },
    text: async (handle) => (await find(handle)).evaluate((each) => each.textContent ?? ''),
    async code(kind) {
      const which = kind === 'reply' ? '[data-reply="true"]' : ':not([data-reply="true"])';
      const selector = `[data-testid="code-text"]${which}`;
      const filled = await page.waitForFunction(
        (of) => {
          const { value } = document.querySelector<HTMLTextAreaElement>(of) ?? { value: '' };
          return value.startsWith('TINCAN:') && value;
        },
        { timeout: 20_000 },
        selector,
      );
      return String(await filled.jsonValue());
    },
    async upload(handle, ...files) {
      const input = (await find(handle)) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(...files);
    },
    async uploadFolder(handle, folder) {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
      const files = entries.map((each) => path.join(each.parentPath, each.name));
      const names = files.map((file) => path.relative(path.dirname(folder), file).split(path.sep).join('/'));
      const stand = (await page.evaluateHandle(() => {
        const input = document.createElement('input');
        input.type = 'file';
        input.multiple = true;
        return document.body.appendChild(input);
      })) as ElementHandle<HTMLInputElement>;
      await stand.uploadFile(...files);
      const input = await find(handle);
      await page.evaluate(
        (from, to, paths) => {
          const picked = [...(from as HTMLInputElement).files!];
          for (const [at, file] of picked.entries())
            Object.defineProperty(file, 'webkitRelativePath', { value: paths[at] });
          from.remove();
          Object.defineProperty(to, 'files', { value: picked, configurable: true });
          to.dispatchEvent(new Event('change', { bubbles: true }));
          Reflect.deleteProperty(to, 'files');
        },
        stand,
        input,
        names,
      );
    },
  };
}

type Find = (handle: string, more?: string, timeoutMs?: number) => Promise<ElementHandle<Element>>;

export async function openFirefoxGuest(
  address: string,
  { prefs = {} }: { readonly prefs?: Readonly<Record<string, unknown>> } = {},
): Promise<FirefoxGuest> {
  if ('missing' in firefox) throw new Error(firefox.missing);
  const folder = temporaryFolder('firefox');
  const downloads = path.join(folder, 'downloads');
  mkdirSync(downloads);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox.path,
    headless: true,
    userDataDir: path.join(folder, 'profile'),
    extraPrefsFirefox: {
      'browser.download.dir': downloads,
      'browser.download.folderList': 2,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
      // Without a camera, addresses would be names that this machine's network does not carry.
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      ...prefs,
    },
  });
  const page = await browser.newPage();
  const driven = drive(page);
  await page.goto(address.includes('://') ? address : pathToFileURL(address).href);
  return {
    ...driven,
    folder,
    async download(handle, timeoutMs = 60_000) {
      const before = new Set(readdirSync(downloads));
      await (await driven.find(handle, ':enabled')).evaluate((each) => (each as HTMLElement).click());
      const ends = Date.now() + timeoutMs;
      for (;;) {
        const names = readdirSync(downloads);
        const fresh = names.find((name) => !before.has(name) && !name.endsWith('.part'));
        const file = path.join(downloads, fresh ?? '');
        // The name is taken by an empty file at first; what comes lies beside it as a part until it is whole.
        if (fresh !== undefined && !names.some((name) => name.endsWith('.part')) && statSync(file).size > 0)
          return file;
        if (Date.now() > ends) throw new Error(`nothing was saved: ${readdirSync(downloads).join(', ')}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    close: () => browser.close(),
  };
}
