// The host's sockets as page and Worker hold them themselves, in a real Chromium against the real local server.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, openLocalServer } from '../../browser/local-server.ts';
import { chromiumPath } from '../../build/chromium-path.ts';
import type { Host } from '../../host/host.ts';
import { blockBytes } from '../../shared/wire/limits.ts';
import { chromiumFlags, root, temporaryFolder } from '../e2e/instance.ts';
import { openBridgeHost } from './bridge-host.ts';

const pageDir = temporaryFolder('socket-page');
const blocks = Array.from({ length: 8 }, () => randomBytes(blockBytes));
let asked: number[] = [];
const stored: Buffer[] = [];
let waiting = () => {};

/** Hands out `blocks`, keeps what comes back, and never says how much room there is. */
function keepingHost(): Host {
  const host = openBridgeHost();
  const engine = {
    'unfinished.claims': () => [],
    'send.read': ({ block }: { block: number }) => {
      asked.push(block);
      return { bytes: Uint8Array.from(blocks[block]!), faults: [] };
    },
    'receive.write': ({ block, parts }: { block: number; parts: Uint8Array[] }) => {
      stored[block] = Buffer.concat(parts);
      return { filesDone: 0 };
    },
    'receive.room': () => {
      waiting();
      return new Promise(() => undefined);
    },
  };
  return { ...host, engine: engine as unknown as Host['engine'] };
}

let browser: Browser;

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    root: path.join(root, 'tests/contract/socket-page'),
    base: './',
    worker: { format: 'es' },
    build: { outDir: pageDir, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'chrome140' },
  });
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: chromiumFlags,
  });
});

afterAll(() => browser.close());

describe.each(['page', 'Worker'] as const)('a socket of the %s', (where) => {
  let server: LocalServer;
  let page: Page;

  beforeAll(async () => {
    server = await openLocalServer({ host: keepingHost(), pageDir, port: 0 });
    page = await browser.newPage();
    await page.goto(server.printedUrl());
    await page.waitForFunction(() => 'trySocket' in window);
    expect(await page.evaluate(() => window.holdHost())).toBe('browser');
  });

  afterAll(async () => {
    await page.close();
    await server.close();
  });

  const attempt = (name: Parameters<Window['trySocket']>[1]) =>
    page.evaluate(([place, what]) => window.trySocket(place, what), [where, name] as const);

  it('carries blocks each way unchanged, those first that were asked for before it was open', async () => {
    asked = [];
    stored.length = 0;
    await attempt('move');
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(stored.map((bytes, at) => bytes.equals(blocks[at]!))).toEqual(blocks.map(() => true));
  });

  it('does not send a message that is too large for the bridge, and goes on', async () => {
    expect(await attempt('exceed')).toBe('bridge-invalid');
  });

  it('ends where the server lets nobody in', async () => {
    expect(await attempt('intrude')).toBe('bridge-closed');
  });

  it('says once that another took its place', async () => {
    expect(await attempt('replace')).toBe(1);
  });

  it('ends every call when the host ends', async () => {
    const asking = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const fault = attempt('wait');
    await asking;
    await server.close();
    expect(await fault).toBe('bridge-closed');
  });
});
