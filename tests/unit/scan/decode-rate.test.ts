import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { codeMatrix } from '../../../renderer/scan/code-matrix.ts';
import { openJsqr, openZxing, type PixelReader } from '../../../renderer/scan/read-pixels.ts';
import { encodeCode } from '../../../shared/code/code-text.ts';
import { everyShot, takeShot } from '../../pictures/distorted-code.ts';
import { sampleCode } from '../code/sample-codes.ts';

const text = encodeCode(sampleCode());

it('reads at least 85 % of codes that are tilted, turned, small, blurred, noisy, pale or in shadow', async () => {
  // Every third of the 108 has each size, tilt, blur and light in it; `npm run bench:link` reads them all.
  const pictures = everyShot().flatMap((shot, at) => (at % 3 === 0 ? [takeShot(text, shot)] : []));
  expect(pictures.length).toBeGreaterThanOrEqual(36);
  const zxing = await rate(await openZxing(wasm()), pictures);
  // The slower one, for browsers without WebAssembly, takes a second a picture: some of each kind are enough here.
  const jsqr = await rate(
    await openJsqr(),
    pictures.filter((_, at) => at % 5 === 0),
  );
  for (const { name, read, tried, msEach } of [zxing, jsqr]) {
    console.log(
      `${name}: ${read} of ${tried} pictures of a version ${codeMatrix(text).version} code, ${msEach.toFixed(1)} ms each`,
    );
  }
  expect(jsqr.read).toBeGreaterThan(0);
  expect(zxing.read / pictures.length).toBeGreaterThanOrEqual(0.85);
}, 300_000);

type Pictures = readonly ReturnType<typeof takeShot>[];

/** What is read must be right: a wrong text counts as nothing and fails. */
async function rate(reader: PixelReader, pictures: Pictures) {
  const startedMs = performance.now();
  let read = 0;
  for (const picture of pictures) {
    const texts = await reader.read(picture);
    if (texts.length > 0) expect(texts).toEqual([text]);
    read += texts.length;
  }
  return { name: reader.name, read, tried: pictures.length, msEach: (performance.now() - startedMs) / pictures.length };
}

function wasm(): ArrayBuffer {
  const file = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  return new Uint8Array(file).buffer;
}
