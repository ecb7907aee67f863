// What scrolls inside a rounded box, in a real Firefox: there a scroll bar at a box's own edge makes its corners square.

import { PNG } from 'pngjs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gallery, openGallery } from '../../build/gallery.ts';
import { firefox } from '../guest/firefox-guest.ts';

let gallery: Gallery;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if ('missing' in firefox) return;
  gallery = await openGallery();
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox.path, headless: true });
  page = await browser.newPage();
});

afterAll(async () => {
  await browser?.close();
  await gallery?.close();
});

type Point = readonly [x: number, y: number];

/** The colours in the corners at the right of a box, a pixel inside of its edges, and beside the box. */
async function cornersOf(selector: string): Promise<{ corners: string[]; beside: string[] }> {
  const box = await (await page.waitForSelector(selector))!.evaluate((element) => {
    const { bottom, right, top } = element.getBoundingClientRect();
    return { bottom, right, top };
  });
  const picture = PNG.sync.read(Buffer.from(await page.screenshot()));
  const colour = ([x, y]: Point) => {
    const at = 4 * (Math.round(y) * picture.width + Math.round(x));
    return picture.data.subarray(at, at + 3).join();
  };
  const rows = [Math.ceil(box.top) + 1, Math.floor(box.bottom) - 2];
  return {
    corners: rows.map((y) => colour([Math.floor(box.right) - 2, y])),
    beside: rows.map((y) => colour([Math.ceil(box.right) + 1, y])),
  };
}

describe.skipIf('missing' in firefox)('a box that scrolls, in Firefox', () => {
  it('an offer keeps its round corners', async () => {
    await page.setViewport({ width: 540, height: 320 });
    await page.goto(`${gallery.url}?scene=offer&theme=light`);
    await page.waitForSelector('[data-testid="offer-room"]');
    const scrolled = await page.$$eval('.offer, .offer *', (all) =>
      all.some((each) => getComputedStyle(each).overflowY === 'auto' && each.scrollHeight > each.clientHeight + 1),
    );
    expect(scrolled).toBe(true);
    const border = await page.$eval('.offer', (card) => getComputedStyle(card).borderRightColor.match(/\d+/g)!.join());
    const { corners } = await cornersOf('.offer');
    for (const colour of corners) expect(colour).not.toBe(border);
  });

  it('a long note keeps its round corners', async () => {
    await page.setViewport({ width: 1080, height: 640 });
    await page.goto(`${gallery.url}?scene=linked&theme=light`);
    await page.waitForSelector('[data-testid="text-input"]');
    const text = 'A line of a note that is long.\n'.repeat(30);
    await page.evaluate((text) => {
      const { stage } = window as unknown as { stage: { emit(event: object): void } };
      stage.emit({ is: 'text', connection: 1, text, fromPeer: false });
    }, text);
    const { corners, beside } = await cornersOf('[data-testid="text-sent"] .note-text, .note-text');
    expect(corners).toEqual(beside);
  });
});
