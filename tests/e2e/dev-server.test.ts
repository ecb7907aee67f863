// `npm run dev`, as someone who changes the page uses it: the hot page reaches a real host and makes a code.

import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { chromiumPath } from '../../build/chromium-path.ts';
import { chromiumFlags, root, temporaryFolder } from './instance.ts';

const opened: { server?: ChildProcess; browser?: Browser } = {};

afterEach(async () => {
  await opened.browser?.close();
  opened.server?.kill('SIGKILL');
});

it('shows the page from its sources in front of a real host, and ends with 0 on Ctrl-C', async () => {
  const dataDir = temporaryFolder('dev');
  const server = spawn(process.execPath, [path.join(root, 'build/dev.ts'), '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  opened.server = server;
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const hot = /^Tincan, hot: (\S+)$/.exec(line)?.[1];
      if (hot !== undefined) resolve(hot);
    });
    server.once('exit', (code) => reject(new Error(`the development server ended with ${code}`)));
  });

  opened.browser = await chromium.launch({
    executablePath: chromiumPath,
    args: chromiumFlags,
  });
  const page = await opened.browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(address);
  await page.waitForFunction(
    (handle) =>
      document.querySelector<HTMLTextAreaElement>(`[data-testid="${handle}"]`)?.value.startsWith('TINCAN:') === true,
    'code-text',
    { timeout: 60_000 },
  );
  expect(complaints).toEqual([]);

  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  expect(await ended).toBe(0);
});
