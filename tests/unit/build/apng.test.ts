// An animated picture shows its first frame to every reader of PNG files, and names every frame once, in order.

import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { animate } from '../../../build/apng.ts';

function picture(grey: number): Buffer {
  return PNG.sync.write({ width: 4, height: 3, data: Buffer.alloc(4 * 3 * 4, grey) });
}

it('is a PNG of the first frame, with all frames in it', () => {
  const joined = animate([
    { png: picture(40), ms: 100 },
    { png: picture(200), ms: 250 },
  ]);
  const first = PNG.sync.read(joined);
  expect([first.width, first.height, first.data[0]]).toEqual([4, 3, 40]);
  const types = joined.toString('latin1').match(/acTL|fcTL|IDAT|fdAT|IEND/g);
  expect(types).toEqual(['acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'IEND']);
});
