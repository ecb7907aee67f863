// The built page in a real Chromium, over the real door and relay: opening, reloading, a second tab, a host that ends.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Door, openDoor } from '../../browser/serve.ts';
import { type BridgeHost, openBridgeHost } from './bridge-host.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let host: BridgeHost;
let door: Door;
let browser: Browser;

beforeAll(async () => {
  host = openBridgeHost();
  door = await openDoor({ host, pageDir: path.join(root, 'dist/renderer'), port: 0 });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-features=WebRtcHideLocalIpsWithMdns'],
  });
});

afterAll(async () => {
  await browser.close();
  await door.close();
});

it('holds the host with one tab at a time, and says so where it does not', async () => {
  const context = await browser.newContext();
  const complaints: string[] = [];
  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(door.url);
    return page;
  };

  const first = await open();
  await first.getByTestId('session').waitFor();
  expect(new URL(first.url()).hash).toBe('');
  await first.reload();
  await first.getByTestId('session').waitFor();
  expect(host.enginesGone()).toBe(1);

  const second = await open();
  await second.getByTestId('host-replaced').waitFor();
  await second.getByTestId('use-here').click();
  await second.getByTestId('session').waitFor();
  await first.getByTestId('use-here').click();
  await first.getByTestId('session').waitFor();
  await second.getByTestId('use-here').waitFor();

  await door.close();
  await first.getByTestId('use-here').waitFor();
  expect(complaints).toEqual([]);
});
