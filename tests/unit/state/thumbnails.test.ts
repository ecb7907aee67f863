// Small pictures as strangers send them: only what is small, and says so in its first bytes, is kept to be drawn.

import { describe, expect, it } from 'vitest';
import { withThumbnail } from '../../../renderer/state/thumbnails.ts';
import {
  thumbnailMaxBytes,
  thumbnailShownMaxPx,
  thumbnailsMax,
  thumbnailTransfersMax,
} from '../../../shared/wire/limits.ts';
import { idOf, openBench } from './stage.ts';

/** The header of a lossy WebP of that size, and nothing behind it. */
function webp(width: number, height: number, length = 40): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(Buffer.from('RIFF\0\0\0\0WEBPVP8 '), 0);
  new DataView(bytes.buffer).setUint16(26, width, true);
  new DataView(bytes.buffer).setUint16(28, height, true);
  return bytes;
}

/** The same of an extended one, with these flags. */
function extended(flags: number): Uint8Array {
  const bytes = new Uint8Array(40);
  bytes.set(Buffer.from('RIFF\0\0\0\0WEBPVP8X'), 0);
  bytes[20] = flags;
  bytes.set([7, 0, 0, 7, 0, 0], 24);
  return bytes;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const add = (image: string) => withThumbnail(new Map(), { transfer: idOf(1), index: 3, image });

describe('a small picture', () => {
  it('is kept by the file that it is of', async () => {
    const held = add(base64(webp(128, 96)));
    const picture = held.get(idOf(1))?.get(3);
    expect(new Uint8Array(await picture!.arrayBuffer())).toEqual(webp(128, 96));
  });

  it('may have colours and transparency of its own', () => {
    expect(add(base64(extended(0x30))).size).toBe(1);
  });

  it.each([
    ['is no base64', '<img src=x onerror=alert(1)>'],
    ['is nothing', ''],
    ['is no picture', base64(Buffer.from('hello'))],
    ['is cut off in its header', base64(webp(128, 96).subarray(0, 20))],
    ['would be wide once decoded', base64(webp(thumbnailShownMaxPx + 1, 10))],
    ['would be high once decoded', base64(webp(10, thumbnailShownMaxPx + 1))],
    ['is large', base64(webp(128, 96, thumbnailMaxBytes + 1))],
    ['is of another kind', base64(Buffer.from('GIF89a\x10\0\x10\0', 'latin1'))],
    ['moves', base64(extended(0x02))],
    ['is a page', base64(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'))],
  ])('that %s is left out', (_what, image) => {
    expect(add(image).size).toBe(0);
  });

  it('is kept for the newest transfers only, and is in the state of the screens', () => {
    const bench = openBench();
    for (let at = 0; at < thumbnailTransfersMax + 5; at += 1) {
      bench.emit({ is: 'thumbnail', transfer: idOf(at), index: 0, image: base64(webp(8, 8)) });
    }
    const { thumbnails } = bench.tincan.store.getState();
    expect(thumbnails.size).toBe(thumbnailTransfersMax);
    expect([...thumbnails.keys()][0]).toBe(idOf(5));
  });

  it('is kept of so many files of one transfer, the newest, however often it is offered', () => {
    const bench = openBench();
    for (let index = 0; index < thumbnailsMax + 5; index += 1) {
      bench.emit({ is: 'thumbnail', transfer: idOf(1), index, image: base64(webp(8, 8)) });
    }
    const pictures = bench.tincan.store.getState().thumbnails.get(idOf(1))!;
    expect([pictures.size, [...pictures.keys()][0]]).toEqual([thumbnailsMax, 5]);
  });
});
