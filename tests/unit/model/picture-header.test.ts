import { describe, expect, it } from 'vitest';
import { pictureSize } from '../../../shared/model/picture-header.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
const headers: readonly (readonly [string, Uint8Array])[] = [
  ['PNG', hex('89504e47 0d0a1a0a 0000000d 49484452 0000012c 000000c8')],
  ['GIF', hex('474946383961 2c01 c800 f70000')],
  ['BMP', hex('424d 00000000 00000000 00000000 28000000 2c010000 38ffffff 0100 1800')],
  ['JPEG', hex('ffd8 ffe0 0004 4a46 ffff c0 0011 08 00c8 012c 03')],
  ['WebP, lossy', hex('52494646 00000000 57454250 56503820 00000000 000000 9d012a 2c01 c800')],
  ['WebP, lossless', hex('52494646 00000000 57454250 5650384c 00000000 2f 2bc13100')],
  ['WebP, extended', hex('52494646 00000000 57454250 56503858 0a000000 00000000 2b0100 c70000')],
];

describe('a picture’s header', () => {
  it.each(headers)('tells the size of a %s', (_format, bytes) => {
    expect(pictureSize(bytes)).toEqual({ width: 300, height: 200 });
  });

  it('tells nothing when it is cut off, at every length, or when it is no picture', () => {
    for (const [, bytes] of headers) {
      for (let length = 0; length < bytes.length - 3; length += 1) {
        const size = pictureSize(bytes.subarray(0, length));
        if (size !== undefined) expect(size).toEqual({ width: 300, height: 200 });
      }
      expect(pictureSize(bytes.subarray(0, 8))).toBeUndefined();
    }
    expect(
      pictureSize(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'.repeat(9))),
    ).toBeUndefined();
    expect(pictureSize(new Uint8Array())).toBeUndefined();
  });

  it('K18 tells the true size of a bomb before anything is decoded', () => {
    expect(pictureSize(hex('89504e47 0d0a1a0a 0000000d 49484452 00004e20 00004e20 08020000'))).toEqual({
      width: 20_000,
      height: 20_000,
    });
  });

  it('ends on a JPEG that leads in circles', () => {
    expect(pictureSize(hex('ffd8 ffe0 0000 ffe0 0000'))).toBeUndefined();
    expect(pictureSize(new Uint8Array(600_000).fill(0xff))).toBeUndefined();
  });
});
