// A second look at a picture: twice as large, grey, each pixel mixed with its neighbours. Modules of three or four noisy
// pixels become ones that a reader can tell apart: it then finds half as many codes again.

import type { Pixels } from './scan-messages.ts';

export function enlarge({ data, width, height }: Pixels): Pixels {
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.3 * data[at * 4]! + 0.59 * data[at * 4 + 1]! + 0.11 * data[at * 4 + 2]!;
  }
  const wide = stretch(
    grey,
    { count: width, step: 1, lines: height, lineStep: width },
    { step: 1, lineStep: 2 * width },
  );
  const tall = stretch(
    wide,
    { count: height, step: 2 * width, lines: 2 * width, lineStep: 1 },
    { step: 2 * width, lineStep: 1 },
  );
  const out = new Uint8ClampedArray(tall.length * 4);
  for (let at = 0; at < tall.length; at += 1) {
    out.fill(tall[at]!, at * 4, at * 4 + 3);
    out[at * 4 + 3] = 255;
  }
  return { data: out, width: 2 * width, height: 2 * height };
}

type Lines = { readonly count: number; readonly step: number; readonly lines: number; readonly lineStep: number };

/** Linear doubling followed by the mean of three, as one step: weights 1, 1.75 and 0.25 of three neighbours, and mirrored. */
function stretch(from: Float32Array, lines: Lines, to: Pick<Lines, 'step' | 'lineStep'>): Float32Array {
  const out = new Float32Array(from.length * 2);
  for (let line = 0; line < lines.lines; line += 1) {
    for (let at = 0; at < lines.count; at += 1) {
      const base = line * lines.lineStep;
      const here = from[base + at * lines.step]! * 1.75;
      const before = from[base + Math.max(at - 1, 0) * lines.step]!;
      const after = from[base + Math.min(at + 1, lines.count - 1) * lines.step]!;
      const target = line * to.lineStep + 2 * at * to.step;
      out[target] = (before + here + after * 0.25) / 3;
      out[target + to.step] = (before * 0.25 + here + after) / 3;
    }
  }
  return out;
}
