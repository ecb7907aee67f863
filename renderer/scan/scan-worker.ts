// Reads QR codes off the page's main thread. Answers every request, with no texts where there is nothing to see.

import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { openPixelReader, type PixelReader } from './read-pixels.ts';
import type { Pixels, ScanAnswer, ScanRequest } from './scan-messages.ts';

/** A large photo is also read smaller: noise of single pixels then melts away. */
const thoroughSidesPx = [1600, 900, 3200];
const quickSidePx = 1280;

let opening: Promise<PixelReader> | undefined;

self.addEventListener('message', ({ data }: MessageEvent<ScanRequest>) => {
  opening ??= openPixelReader(async () => {
    const response = await fetch(wasmUrl);
    if (!response.ok) throw new Error(`the reader answered ${response.status}`);
    return response.arrayBuffer();
  });
  void answer(data, opening);
});

async function answer({ id, picture, effort }: ScanRequest, opened: Promise<PixelReader>): Promise<void> {
  const startedMs = performance.now();
  const reader = await opened;
  const longestPx = Math.max(picture.width, picture.height);
  const sides = effort === 'quick' ? [quickSidePx] : thoroughSidesPx;
  const tried = new Set<number>();
  let texts: string[] = [];
  for (const side of sides) {
    const scale = Math.min(1, side / longestPx);
    if (texts.length > 0 || tried.has(scale)) continue;
    tried.add(scale);
    texts = await reader.read(pixelsOf(picture, scale)).catch(() => []);
  }
  picture.close();
  self.postMessage({ id, texts, reader: reader.name, tookMs: performance.now() - startedMs } satisfies ScanAnswer);
}

function pixelsOf(picture: ImageBitmap, scale: number): Pixels {
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const brush = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (brush === null) return { data: new Uint8ClampedArray(4), width: 1, height: 1 };
  // A transparent picture is a code on white paper.
  brush.fillStyle = '#ffffff';
  brush.fillRect(0, 0, width, height);
  brush.drawImage(picture, 0, 0, width, height);
  const { data } = brush.getImageData(0, 0, width, height);
  return { data: data as Uint8ClampedArray<ArrayBuffer>, width, height };
}
