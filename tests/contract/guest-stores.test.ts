// Every store of a guest page keeps the same rules, in a real Chromium. (Firefox's are under the whole page in
// tests/e2e/guest-page-firefox.test.ts.)

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../build/chromium-path.ts';
import { bareFlags, root } from '../e2e/instance.ts';
import type { StoreKind, StoreOrder } from './store-page/store-worker.ts';

let server: Server;
let browser: Browser;
let page: Page;
let origin: string;

beforeAll(async () => {
  const { output } = (await build({
    configFile: false,
    root,
    logLevel: 'error',
    publicDir: false,
    build: {
      write: false,
      rolldownOptions: {
        input: path.join(root, 'tests/contract/store-page/store-worker.ts'),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput;
  const script = output[0].code;
  server = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/worker.js' ? 'text/javascript' : 'text/html');
    response.end(url === '/worker.js' ? script : '<!doctype html><title>stores</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await chromium.launch({ executablePath: chromiumPath, args: bareFlags });
  page = await browser.newPage();
  await page.goto(origin);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** A Worker of its own for each order that is to be a page of its own; it goes on living with `keeps`. */
function order(order: StoreOrder, keeps = false): Promise<unknown> {
  return page.evaluate(
    async ([order, keeps]) => {
      const worker = new Worker('/worker.js');
      const answer = await new Promise<{ answer?: unknown; failed?: string }>((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(order);
      });
      if (!keeps) worker.terminate();
      if (answer.failed !== undefined) throw new Error(answer.failed);
      return answer.answer;
    },
    [order, keeps] as const,
  );
}

describe.each(['opfs', 'indexed-db', 'memory'] as const)('the store %s', (kind: StoreKind) => {
  it('gives back what was written last, keeps transfers apart, and removes one alone', async () => {
    expect(await order({ do: 'behaviour', kind, run: 'this' })).toEqual({
      kind,
      free: true,
      rewritten: Array.from({ length: 20 }, () => 3),
      ofOther: Array.from({ length: 10 }, () => 2),
      large: true,
      unwritten: 'disk-error',
      afterRemoval: Array.from({ length: 10 }, () => 2),
    });
  });
});

describe.each(['opfs', 'indexed-db'] as const)('the store %s', (kind: StoreKind) => {
  it('removes what a closed page left when the next one starts', async () => {
    await order({ do: 'leave', kind, run: 'earlier' });
    const isLeft = async () =>
      ((await order({ do: 'names', kind, run: '' })) as string[]).some((name) => name.includes('earlier'));
    expect(await isLeft()).toBe(true);
    await order({ do: 'open', kind, run: 'next' });
    await expect.poll(isLeft).toBe(false);
  });
});

it('saves into a folder in its shape, beside what is there and over nothing', async () => {
  expect(await order({ do: 'folder', kind: 'memory', run: '' })).toEqual({
    'b.txt': '',
    'b (2).txt': 'a file',
    'trip/': '',
    'trip/kept.txt': '',
    'trip (2)/': '',
    'trip (2)/empty/': '',
    'trip (2)/day/': '',
    'trip (2)/day/a.txt': 'a file',
  });
});

it('saves into a folder what has names that the browser does not allow there, under others', async () => {
  expect(await order({ do: 'oddNames', kind: 'memory', run: '' })).toEqual({
    '_$letter.docx': 'a file',
    notes_: 'a file',
    'notes_ (2)': 'a file',
    '\u{1F469}\u{1F4BB}.txt': 'a file',
    'site.url.download': 'a file',
    'desktop.ini.download': 'a file',
    '.config/': '',
    '.config/a.txt': 'a file',
    'old_/': '',
    'old_/a.txt': 'a file',
    'old_ (2)/': '',
    'old_ (2)/b.txt': 'a file',
  });
});

it('saves into a folder what has a name that is as long as a disk takes', async () => {
  const saved = (await order({ do: 'longNames', kind: 'memory', run: '' })) as Record<string, string>;
  const folder = `${'f'.repeat(255)}/`;
  expect(Object.keys(saved)).toHaveLength(4);
  expect(saved).toMatchObject({ [folder]: '', [`${folder}a.txt`]: 'a file' });
  const long = Object.keys(saved).filter((name) => /^n+( \(2\))?\.txt$/.test(name));
  expect(long.map((name) => saved[name])).toEqual(['a file', 'a file']);
});

it('leaves nothing in a folder of a file that cannot be written there', async () => {
  expect(await order({ do: 'unwritable', kind: 'memory', run: '' })).toEqual({ code: 'disk-error', left: {} });
});

it('asks a folder a few times for each name, however many of them are one there', async () => {
  expect(await order({ do: 'alikeNames', kind: 'memory', run: '' })).toEqual({ files: 120, askedForEach: 3 });
});

it('says that the browser lost what it had stored', async () => {
  expect(await order({ do: 'lost', kind: 'memory', run: '' })).toBe('disk-error');
});

it('says so when the person clears what the browser stores in the middle of a transfer', async () => {
  const codes = order({ do: 'cleared', kind: 'indexed-db', run: '' });
  await expect
    .poll(async () => (await order({ do: 'names', kind: 'indexed-db', run: '' })) as string[])
    .toContain('tincan-guest-cleared');
  const browserSession = await page.context().newCDPSession(page);
  await browserSession.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  expect(await codes).toEqual(['disk-error', 'disk-error']);
});
