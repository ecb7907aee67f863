// The built page in a real Chromium, over the real door: opening, reloading, leaving and coming back, a second tab, a host
// that ends. Once as a test drives it, over the relay, and once as everybody's page is, over sockets of its own.

import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { openDoor } from '../../browser/serve.ts';
import { bareFlags, root, waysToHost } from '../e2e/instance.ts';
import { openBridgeHost } from './bridge-host.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

it.each(waysToHost)(
  'holds the host with one tab at a time, and says so where it does not, over %s',
  async (way, flags) => {
    const host = openBridgeHost();
    const door = await openDoor({ host, pageDir: path.join(root, 'dist/renderer'), port: 0 });
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [...bareFlags, ...flags],
    });
    opened.push(door, browser);
    const context = await browser.newContext();
    const complaints: string[] = [];
    const sockets: string[] = [];
    const open = async (): Promise<Page> => {
      const page = await context.newPage();
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
      await page.goto(door.url);
      return page;
    };

    const first = await open();
    await first.getByTestId('session').waitFor();
    expect(new URL(first.url()).hash).toBe('');
    await first.reload();
    await first.getByTestId('session').waitFor();
    await expect.poll(() => host.enginesGone()).toBe(1);
    await first.goto('about:blank');
    await first.goBack();
    await first.getByTestId('session').waitFor();
    await expect.poll(() => host.enginesGone()).toBe(2);

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
    // A driver hears of no socket of a SharedWorker.
    expect([...new Set(sockets)]).toEqual(way === 'a relay' ? [] : ['/bridge/ui', '/bridge/engine']);
  },
);
