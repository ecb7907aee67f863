// Pictures of a code as a bad camera sees it: tilted in space, turned, small, blurred, noisy, pale, unevenly lit.
// Pure and seeded: the same shot gives the same bytes everywhere.

import { codeMatrix } from '../../renderer/scan/code-matrix.ts';
import type { Pixels } from '../../renderer/scan/scan-messages.ts';
import { seeded } from './seeded.ts';

export type Shot = {
  readonly seed: number;
  /** Device pixels per module where the code is not tilted. */
  readonly modulePx: number;
  readonly turnDegrees: number;
  /** Around both axes of the picture, seen from a camera two code widths away. */
  readonly tiltDegrees: readonly [number, number];
  /** Standard deviation of a Gaussian blur. */
  readonly blurPx: number;
  /** Standard deviation of the noise, of 255. */
  readonly noise: number;
  /** Difference of dark and light, of 255. */
  readonly contrast: number;
  /** How much darker the darkest corner is, 0 to 1. */
  readonly shadow: number;
};

export const shotWidth = 640;
export const shotHeight = 480;

export function takeShot(text: string, shot: Shot): Pixels {
  const light = blur(project(text, shot), shot.blurPx);
  const random = seeded(shot.seed);
  const data = new Uint8ClampedArray(shotWidth * shotHeight * 4);
  for (let at = 0; at < light.length; at += 1) {
    const [x, y] = [at % shotWidth, Math.floor(at / shotWidth)];
    const shade = 1 - shot.shadow * (x / shotWidth + y / shotHeight) * 0.5;
    const grey = (128 + (light[at]! - 0.5) * shot.contrast) * shade + gaussian(random) * shot.noise;
    data.set([grey, grey, grey, 255], at * 4);
  }
  return { data, width: shotWidth, height: shotHeight };
}

/** 108 shots, from easy to what a patient person would move closer for. */
export function everyShot(): Shot[] {
  const shots: Shot[] = [];
  for (const modulePx of [3.5, 4.5, 6]) {
    for (const tilt of [0, 20, 35]) {
      for (const blurPx of [0.6, 1.1, 1.5]) {
        for (const [contrast, noise, shadow] of [
          [220, 4, 0],
          [160, 14, 0.5],
          [110, 12, 0.6],
          [70, 8, 0.3],
        ] as const) {
          const seed = shots.length + 1;
          const random = seeded(seed * 7919);
          shots.push({
            seed,
            modulePx,
            turnDegrees: random() * 50 - 25,
            tiltDegrees: [tilt * (random() < 0.5 ? 1 : -1), tilt * (random() - 0.5)],
            blurPx,
            noise,
            contrast,
            shadow,
          });
        }
      }
    }
  }
  return shots;
}

/** Light between 0 and 1 for every pixel, four samples each, by sending a ray back to the plane of the code. */
function project(text: string, { modulePx, turnDegrees, tiltDegrees }: Shot): Float64Array {
  const matrix = codeMatrix(text);
  const side = matrix.size * modulePx;
  const away = side * 2;
  const [turn, tiltX, tiltY] = [turnDegrees, ...tiltDegrees].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const across = rotate([1, 0, 0], turn, tiltX, tiltY);
  const down = rotate([0, 1, 0], turn, tiltX, tiltY);
  const out = new Float64Array(shotWidth * shotHeight);
  const lightAt = (px: number, py: number): number => {
    // The point u*across + v*down of the code's plane that the ray (px, py, away) meets.
    const [a, b] = [away * across[0] - px * across[2], away * down[0] - px * down[2]];
    const [c, d] = [away * across[1] - py * across[2], away * down[1] - py * down[2]];
    const determinant = a * d - b * c;
    const [right, below] = [px * away, py * away];
    const u = (right * d - b * below) / determinant;
    const v = (a * below - c * right) / determinant;
    const [column, row] = [Math.floor((u + side / 2) / modulePx), Math.floor((v + side / 2) / modulePx)];
    if (column < 0 || row < 0 || column >= matrix.size || row >= matrix.size) return 0.6;
    return matrix.isDark(column, row) ? 0 : 1;
  };
  for (let at = 0; at < out.length; at += 1) {
    const [x, y] = [(at % shotWidth) - shotWidth / 2, Math.floor(at / shotWidth) - shotHeight / 2];
    const sum =
      lightAt(x + 0.25, y + 0.25) +
      lightAt(x + 0.75, y + 0.25) +
      lightAt(x + 0.25, y + 0.75) +
      lightAt(x + 0.75, y + 0.75);
    out[at] = sum / 4;
  }
  return out;
}

type Vector = readonly [number, number, number];

function rotate([x, y, z]: Vector, turn: number, tiltX: number, tiltY: number): Vector {
  const [x1, y1] = [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
  const [y2, z2] = [y1 * Math.cos(tiltX) - z * Math.sin(tiltX), y1 * Math.sin(tiltX) + z * Math.cos(tiltX)];
  return [x1 * Math.cos(tiltY) + z2 * Math.sin(tiltY), y2, z2 * Math.cos(tiltY) - x1 * Math.sin(tiltY)];
}

function blur(light: Float64Array, sigma: number): Float64Array {
  const reach = Math.ceil(sigma * 3);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  /** Along lines of `limit` pixels that are `step` apart. */
  const pass = (from: Float64Array, step: number, limit: number) => {
    const out = new Float64Array(from.length);
    for (let at = 0; at < from.length; at += 1) {
      const place = Math.floor(at / step) % limit;
      let sum = 0;
      for (let off = -reach; off <= reach; off += 1) {
        const other = Math.min(Math.max(place + off, 0), limit - 1);
        sum += from[at + (other - place) * step]! * weights[off + reach]!;
      }
      out[at] = sum / total;
    }
    return out;
  };
  return pass(pass(light, 1, shotWidth), shotWidth, shotHeight);
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
