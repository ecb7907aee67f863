// How much a screen looks as it did: thumbnails of its looks side by side, compared area by area. Letters, fonts and small
// shifts do not count; a part that is missing, a theme that is not applied or a layout that fell apart do.

/// <reference path="./pngjs.d.ts" />
import { PNG } from 'pngjs';
import { type Luminance, luminanceOf, resized } from './luminance.ts';

/** What every screen is looked at in. */
export const looks = [
  { name: 'light', theme: 'light', width: 1100, height: 800 },
  { name: 'dark', theme: 'dark', width: 1100, height: 800 },
  { name: 'narrow', theme: 'light', width: 380, height: 740 },
] as const;

/** Measured: other fonts, serif and monospace, come to 5 at most; a card that is missing to 10 and more, a wrong theme to 160. */
export const unlikeAbove = 7;

const cell = { width: 110, height: 80 };
const grid = { width: 28, height: 20 };

/** One small picture of all looks. `pictures` are PNGs in the order of `looks`. */
export function thumbnails(pictures: readonly Buffer[]): Buffer {
  const width = cell.width * pictures.length;
  const data = Buffer.alloc(width * cell.height * 4, 255);
  for (const [at, picture] of pictures.entries()) {
    const small = resized(luminanceOf(picture), cell.width, cell.height);
    for (let index = 0; index < small.data.length; index += 1) {
      const pixel = (Math.floor(index / cell.width) * width + at * cell.width + (index % cell.width)) * 4;
      data.fill(small.data[index]!, pixel, pixel + 3);
    }
  }
  return PNG.sync.write({ width, height: cell.height, data });
}

/** 0 is the same, 255 is black against white. The worst look counts. */
export function unlikeness(one: Buffer, other: Buffer): number {
  const [a, b] = [luminanceOf(one), luminanceOf(other)];
  if (a.width !== b.width || a.height !== b.height) return 255;
  const parts = Array.from({ length: a.width / cell.width }, (_, at) => at);
  return Math.max(...parts.map((at) => (distance(part(a, at), part(b, at)) + distance(part(b, at), part(a, at))) / 2));
}

function part(sheet: Luminance, at: number): Luminance {
  const data = new Uint8Array(cell.width * cell.height);
  for (let y = 0; y < cell.height; y += 1) {
    const from = y * sheet.width + at * cell.width;
    data.set(sheet.data.subarray(from, from + cell.width), y * cell.width);
  }
  return resized({ ...cell, data }, grid.width, grid.height);
}

/** Every area of `a` against the most alike of the same area of `b` and its neighbours. */
function distance(a: Luminance, b: Luminance): number {
  let sum = 0;
  for (let y = 0; y < grid.height; y += 1) {
    for (let x = 0; x < grid.width; x += 1) sum += nearest(b, x, y, a.data[y * grid.width + x]!);
  }
  return sum / (grid.width * grid.height);
}

function nearest(b: Luminance, x: number, y: number, light: number): number {
  let least = 255;
  for (let row = Math.max(0, y - 1); row <= Math.min(grid.height - 1, y + 1); row += 1) {
    for (let column = Math.max(0, x - 1); column <= Math.min(grid.width - 1, x + 1); column += 1) {
      least = Math.min(least, Math.abs(b.data[row * grid.width + column]! - light));
    }
  }
  return least;
}
