// A Chromium of its own with one window, as the browser shell opens it but without a screen. DevTools look in only while
// nothing is measured: whatever the sockets of a watched page carry is told to who watches, which costs more than carrying it.

import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../build/chromium-path.ts';
import { chromiumFlags } from '../tests/e2e/instance.ts';

export type Watched = { readonly browser: Browser; readonly page: Page };

export interface OwnWindow {
  readonly pid: number;
  watch(): Promise<Watched>;
  /** The page goes on. */
  lookAway(): Promise<void>;
  close(): Promise<void>;
}

const open = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of open) child.kill('SIGKILL');
});

export async function openOwnWindow(folder: string): Promise<OwnWindow> {
  const child = spawn(
    chromiumPath,
    [
      ...chromiumFlags,
      '--headless',
      '--no-first-run',
      '--disable-background-timer-throttling',
      '--remote-debugging-port=0',
      `--user-data-dir=${path.join(folder, 'profile')}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  open.add(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void ended.then(() => open.delete(child));
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line)?.[1];
      if (found !== undefined) resolve(`http://${found}`);
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error('the browser ended at once')));
  });
  let browser: Browser | undefined;

  async function watch(): Promise<Watched> {
    browser ??= await chromium.connectOverCDP(address);
    const page = browser.contexts()[0]?.pages()[0];
    if (page === undefined) throw new Error('the window is gone');
    return { browser, page };
  }

  async function lookAway(): Promise<void> {
    await browser?.close();
    browser = undefined;
  }

  return {
    pid: child.pid!,
    watch,
    lookAway,
    async close() {
      await lookAway();
      child.kill();
      await ended;
    },
  };
}
