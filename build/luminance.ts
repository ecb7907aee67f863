// A picture as light and dark, made small by averaging whole areas: what is left is layout, not the edges of letters.

/// <reference path="./pngjs.d.ts" />
import { PNG } from 'pngjs';

export type Luminance = { readonly width: number; readonly height: number; readonly data: Uint8Array };

export function luminanceOf(png: Buffer): Luminance {
  const { data, height, width } = PNG.sync.read(png);
  const light = new Uint8Array(width * height);
  for (let at = 0; at < light.length; at += 1) {
    light[at] = (data[at * 4]! * 54 + data[at * 4 + 1]! * 183 + data[at * 4 + 2]! * 19) >> 8;
  }
  return { width, height, data: light };
}

/** Every pixel of the result is the mean of the area it stands for. */
export function resized(picture: Luminance, width: number, height: number): Luminance {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = span(y, height, picture.height);
    for (let x = 0; x < width; x += 1) {
      const [left, right] = span(x, width, picture.width);
      let sum = 0;
      for (let row = top; row < bottom; row += 1) {
        for (let column = left; column < right; column += 1) sum += picture.data[row * picture.width + column]!;
      }
      data[y * width + x] = sum / ((bottom - top) * (right - left));
    }
  }
  return { width, height, data };
}

function span(at: number, parts: number, whole: number): readonly [number, number] {
  const from = Math.floor((at * whole) / parts);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * whole) / parts))];
}
