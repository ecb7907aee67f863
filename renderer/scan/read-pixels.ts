// Pixels in, texts of all QR codes in them out. WebAssembly first; where it cannot run (hardened machines forbid it), a
// slower reader in plain JavaScript that finds one code.

import { enlarge } from './enlarge.ts';
import type { Pixels } from './scan-messages.ts';

export interface PixelReader {
  readonly name: 'zxing' | 'jsqr';
  read(pixels: Pixels): Promise<string[]>;
}

/** More codes than this in one view is a wall of stickers. */
const codesMax = 8;

/** Enlarging more than this costs more than looking at the next frame. A camera's middle crop stays below. */
const enlargeMaxPixels = 700_000;

/** `wasm` comes from our own origin: the package would otherwise ask a public server for it. */
export async function openPixelReader(loadWasm: () => Promise<ArrayBuffer>): Promise<PixelReader> {
  try {
    return await openZxing(await loadWasm());
  } catch {
    return openJsqr();
  }
}

export async function openZxing(wasmBinary: ArrayBuffer): Promise<PixelReader> {
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader');
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  async function look({ data, width, height }: Pixels): Promise<string[]> {
    const image = { data, width, height, colorSpace: 'srgb' as const };
    const found = await readBarcodes(image as Parameters<typeof readBarcodes>[0], {
      formats: ['QRCode'],
      tryHarder: true,
      maxNumberOfSymbols: codesMax,
    });
    return [...new Set(found.filter(({ isValid }) => isValid).map(({ text }) => text))];
  }
  return {
    name: 'zxing',
    async read(pixels) {
      const texts = await look(pixels);
      const { width, height } = pixels;
      return texts.length > 0 || width * height > enlargeMaxPixels ? texts : look(enlarge(pixels));
    },
  };
}

export async function openJsqr(): Promise<PixelReader> {
  const { default: jsqr } = await import('jsqr');
  return {
    name: 'jsqr',
    async read({ data, width, height }) {
      const found = jsqr(data, width, height, { inversionAttempts: 'attemptBoth' });
      return found === null || found.data === '' ? [] : [found.data];
    },
  };
}
