// Makes every icon from the one drawing, `renderer/icon.svg`: PNGs for Linux, an .ico for Windows, an .icns for macOS and the
// picture of the tray. The results are committed; run `node build/icons.ts` after changing the drawing.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium-path.ts';

const folder = import.meta.dirname;
const linuxSizes = [16, 32, 48, 64, 128, 256, 512];
const windowsSizes = [16, 32, 48, 256];
/** Apple's names for PNG entries by size in pixels. */
const appleEntries: readonly (readonly [string, number])[] = [
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
];

const pictures = await renderAll(readFileSync(path.join(folder, '../renderer/icon.svg'), 'utf8'), linuxSizes);
mkdirSync(path.join(folder, 'icons'), { recursive: true });
for (const [size, png] of pictures) writeFileSync(path.join(folder, 'icons', `${size}x${size}.png`), png);
writeFileSync(path.join(folder, 'icon.ico'), packIco(windowsSizes.map((size) => [size, pictures.get(size)!])));
writeFileSync(
  path.join(folder, 'icon.icns'),
  packIcns(appleEntries.map(([name, size]) => [name, pictures.get(size)!])),
);
writeFileSync(path.join(folder, '../electron/tray.png'), pictures.get(32)!);

async function renderAll(svg: string, sizes: readonly number[]): Promise<Map<number, Buffer>> {
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    const rendered = new Map<number, Buffer>();
    for (const size of sizes) {
      await page.setViewportSize({ width: size, height: size });
      await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
      rendered.set(size, await page.screenshot({ omitBackground: true }));
    }
    return rendered;
  } finally {
    await browser.close();
  }
}

/** Header (6 bytes), one 16-byte entry per picture, then the PNGs as they are. A size of 256 is written as 0. */
function packIco(entries: readonly (readonly [number, Buffer])[]): Buffer {
  const head = Buffer.alloc(6 + 16 * entries.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(entries.length, 4);
  let offset = head.length;
  for (const [index, [size, png]] of entries.entries()) {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...entries.map(([, png]) => png)]);
}

/** `icns`, the whole length, then for each picture its name, its length with this header, and the PNG. */
function packIcns(entries: readonly (readonly [string, Buffer])[]): Buffer {
  const chunks = entries.map(([name, png]) => chunk(name, png));
  return chunk('icns', Buffer.concat(chunks));
}

function chunk(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}
