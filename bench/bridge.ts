// `node bench/bridge.ts`: how fast blocks cross the browser shell's bridge in a real Chromium, without a disk behind it.

import path from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { openLocalServer } from '../browser/local-server.ts';
import { chromiumPath } from '../build/chromium-path.ts';
import { openBridgeHost } from '../tests/contract/bridge-host.ts';
import { chromiumFlags, root, temporaryFolder } from '../tests/e2e/instance.ts';

const blocks = 512;
const rounds = 3;

const pageDir = temporaryFolder('bench-bridge');
await build({
  configFile: false,
  root: path.join(root, 'bench/bridge-page'),
  base: './',
  logLevel: 'warn',
  worker: { format: 'es' },
  build: { outDir: pageDir, emptyOutDir: true, target: 'chrome140', modulePreload: { polyfill: false } },
});
const server = await openLocalServer({ host: openBridgeHost(), pageDir, port: 0 });
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: chromiumFlags,
});
try {
  const page = await browser.newPage();
  await page.goto(server.printedUrl());
  await page.waitForFunction(() => 'measure' in window);
  for (let round = 0; round < rounds; round += 1) {
    for (const what of ['read', 'write'] as const) {
      const speed = await page.evaluate(([name, count]) => window.measure(name, count), [what, blocks] as const);
      console.log(`${what}: ${speed.toFixed(0)} MB/s`);
    }
  }
} finally {
  await browser.close();
  await server.close();
}
