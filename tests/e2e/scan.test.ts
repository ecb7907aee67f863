// The real scanner in a real Chromium: its Worker, its WebAssembly and its camera, under the page's own content policy.

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../build/chromium-path.ts';
import { encodeCode } from '../../shared/code/code-text.ts';
import { writeFakeCamera } from '../pictures/fake-camera.ts';
import { sampleCode } from '../unit/code/sample-codes.ts';
import { chromiumFlags, root, temporaryFolder } from './instance.ts';

const text = encodeCode(sampleCode());
const later = encodeCode(sampleCode({ kind: 'reply' }));
const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

let server: Server;
let browser: Browser;
let url: string;
let asked: string[] = [];
let wasmAllowed = true;

beforeAll(async () => {
  const folder = temporaryFolder('scan');
  const film = path.join(folder, 'camera.y4m');
  const outDir = path.join(folder, 'page');
  writeFakeCamera(film, [text, later]);
  await build({
    configFile: false,
    logLevel: 'error',
    root: path.join(root, 'tests/e2e/scan-page'),
    base: './',
    worker: { format: 'es' },
    build: { outDir, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'chrome140' },
  });
  server = createServer(({ url: asking = '/' }, response) => {
    const name = asking === '/' ? '/index.html' : asking;
    try {
      const body = readFileSync(path.join(outDir, path.normalize(name)));
      response.setHeader('content-type', mimeTypes[path.extname(name)] ?? 'application/octet-stream');
      response.setHeader('content-security-policy', policy());
      response.writeHead(200).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [...chromiumFlags, '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`],
  });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** A Worker takes its policy from its own answer, not from the page's. */
function policy(): string {
  const scripts = wasmAllowed ? "'self' 'wasm-unsafe-eval'" : "'self'";
  return `default-src 'none'; script-src ${scripts}; worker-src 'self'; img-src 'self' data: blob:; connect-src 'self'`;
}

async function openPage(permissions: readonly string[]): Promise<{ page: Page; complaints: string[] }> {
  asked = [];
  const context = await browser.newContext({ permissions: [...permissions] });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(url);
  return { page, complaints };
}

describe('the camera', () => {
  it('tells every code it sees, one after the other, and lets the camera go', async () => {
    const { page, complaints } = await openPage(['camera']);
    await page.evaluate(() => window.scanning.start());
    await page.waitForFunction((texts) => texts.every((each) => window.scanning.texts.includes(each)), [text, later]);
    const { first, looking } = await page.evaluate(() => ({
      first: window.scanning.views[0],
      looking: window.scanning.views.find((view) => view.at === 'looking'),
    }));
    expect(first).toEqual({ at: 'asking' });
    expect(looking).toMatchObject({ mirrored: true, devices: [{ label: expect.any(String) }] });
    const left = await page.evaluate(() => {
      const video = document.querySelector('video')!;
      const tracks = (video.srcObject as MediaStream).getTracks();
      window.scanning.camera!.close();
      return { live: tracks.filter(({ readyState }) => readyState === 'live').length, source: video.srcObject };
    });
    expect(left).toEqual({ live: 0, source: null });
    expect(complaints).toEqual([]);
    expect(asked.filter((each) => !each.startsWith(url) && !each.startsWith('blob:'))).toEqual([]);
    await page.context().close();
  });

  it('says so when it is denied', async () => {
    const { page } = await openPage([]);
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
      window.scanning.start();
    });
    await page.waitForFunction(() => window.scanning.views.some(({ at }) => at === 'failed'));
    expect(await page.evaluate(() => window.scanning.views.at(-1))).toMatchObject({ fault: { code: 'camera-denied' } });
    await page.context().close();
  });
});

describe('a picture', () => {
  it('of a drawn code reads back, at odd sizes and as saved', async () => {
    const { page } = await openPage([]);
    const texts = await page.evaluate(async (code) => {
      const { scanner } = window.scanning;
      const canvas = document.querySelector<HTMLCanvasElement>('#code')!;
      const read: string[] = [await scanner.decodePicture(await scanner.codePicture(code))];
      for (const size of [160, 217, 333]) {
        scanner.drawCode(canvas, code, size);
        const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
        read.push(await scanner.decodePicture(blob!));
      }
      return read;
    }, text);
    expect(texts).toEqual([text, text, text, text]);
    await page.context().close();
  });

  it('is read where WebAssembly is forbidden', async () => {
    wasmAllowed = false;
    const { page } = await openPage([]);
    const read = await page.evaluate(async (code) => {
      const { scanner } = window.scanning;
      return scanner.decodePicture(await scanner.codePicture(code));
    }, text);
    wasmAllowed = true;
    expect(asked.some((each) => /jsqr/i.test(each))).toBe(true);
    expect(read).toBe(text);
    await page.context().close();
  });

  it('K17 with two codes gives both, and a strange one is told too', async () => {
    const { page } = await openPage([]);
    const texts = await page.evaluate(
      async (codes) => {
        const { scanner } = window.scanning;
        const both = new OffscreenCanvas(1000, 500);
        const brush = both.getContext('2d')!;
        for (const [at, code] of codes.entries()) {
          brush.drawImage(await createImageBitmap(await scanner.codePicture(code)), at * 500, 0, 500, 500);
        }
        return scanner.decodeAll(await both.convertToBlob());
      },
      [text, 'https://example.org/menu'],
    );
    expect(texts.sort()).toEqual([text, 'https://example.org/menu']);
    await page.context().close();
  });

  it.each([
    ['K18 an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'picture-unreadable'],
    ['words', 'hello', 'picture-unreadable'],
    ['nothing', '', 'picture-unreadable'],
  ])('that is %s is refused', async (_what, content, fault) => {
    const { page } = await openPage([]);
    const code = await page.evaluate(
      (body) =>
        window.scanning.scanner.decodeAll(new Blob([body])).then(
          () => 'taken',
          ({ code: is }) => is as string,
        ),
      content,
    );
    expect(code).toBe(fault);
    await page.context().close();
  });

  it('without a code says so', async () => {
    const { page } = await openPage([]);
    const code = await page.evaluate(async () => {
      const empty = new OffscreenCanvas(300, 300);
      empty.getContext('2d')!.fillRect(0, 0, 10, 10);
      const blob = await empty.convertToBlob();
      return window.scanning.scanner.decodeAll(blob).then(
        () => 'taken',
        ({ code: is }) => is as string,
      );
    });
    expect(code).toBe('picture-no-code');
    await page.context().close();
  });
});
