// The built page in a real Chromium, over the real local server: opening, reloading, leaving and coming back, a second tab, a page
// whose process ends, a host that ends.

import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { openLocalServer } from '../../browser/local-server.ts';
import { chromiumPath } from '../../build/chromium-path.ts';
import { bridgePaths, bridgeReady } from '../../shared/ipc/bridge-protocol.ts';
import { bareFlags, root } from '../e2e/instance.ts';
import { openBridgeHost } from './bridge-host.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

it('holds the host with one tab at a time, and says so where it does not', async () => {
  const host = openBridgeHost();
  const server = await openLocalServer({ host, pageDir: path.join(root, 'dist/renderer'), port: 0 });
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: bareFlags,
  });
  opened.push(server, browser);
  const context = await browser.newContext();
  const complaints: string[] = [];
  /** Paths that said ready to a socket of the page or its Worker. */
  const ready: string[] = [];
  let loads = 0;
  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('websocket', (socket) => {
      const { pathname } = new URL(socket.url());
      socket.on('framereceived', ({ payload }) => payload === bridgeReady && ready.push(pathname));
    });
    await page.goto(server.printedUrl());
    return page;
  };
  /** A page that holds its sockets itself does not wait for its engine's. */
  const holdsHost = async (page: Page) => {
    await page.getByTestId('session').waitFor();
    loads += 1;
    const expected = Array.from({ length: loads }, () => [bridgePaths.ui, bridgePaths.engine]).flat();
    await expect.poll(() => ready.toSorted()).toEqual(expected.toSorted());
  };

  const first = await open();
  await holdsHost(first);
  expect(new URL(first.url()).hash).toBe('');
  await first.reload();
  await holdsHost(first);
  await expect.poll(() => host.enginesGone()).toBe(1);
  await first.goto('about:blank');
  await first.goBack();
  await holdsHost(first);
  await expect.poll(() => host.enginesGone()).toBe(2);

  const second = await open();
  await second.getByTestId('host-replaced').waitFor();
  await second.getByTestId('use-here').click();
  await holdsHost(second);
  await first.getByTestId('use-here').click();
  await holdsHost(first);
  await second.getByTestId('use-here').waitFor();

  const gone = host.enginesGone();
  await first.goto('chrome://crash').catch(() => undefined);
  await expect.poll(() => host.enginesGone()).toBe(gone + 1);
  const third = await open();
  await holdsHost(third);

  expect(complaints).toEqual([]);
  await server.close();
  await third.getByTestId('use-here').waitFor();
  // The browser may still ask the server that is gone for a part of the typeface.
  expect(complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
});
