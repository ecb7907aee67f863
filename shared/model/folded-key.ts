// A folded name as it is kept among those that are taken: short ones and those of ASCII as they are, longer ones as a number of 53 bits.
// Building and keeping long texts takes most of the time of planning. The numbers are made with chance of this process, so that nobody can
// choose names that share one; two that did would only be numbered.

import { randomHex } from './bytes.ts';

export type FoldedKey = string | number;

/** The hash of a text, which can go on with another one. */
export type HashState = {
  readonly one: number;
  readonly two: number;
  readonly units: number;
  readonly isAscii: boolean;
};

const textMaxUnits = 64;
const chance = () => Number.parseInt(randomHex(4), 16) | 0;
const oddOne = chance() | 1;
const oddTwo = chance() | 1;
const start: HashState = { one: chance(), two: chance(), units: 0, isAscii: true };

export function hashText(text: string, from: HashState = start): HashState {
  let { one, two } = from;
  let all = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    all |= unit;
    one = Math.imul(((one << 5) | (one >>> 27)) ^ unit, oddOne);
    two = Math.imul(((two << 7) | (two >>> 25)) ^ unit, oddTwo);
  }
  return { one, two, units: from.units + text.length, isAscii: from.isAscii && all < 0x80 };
}

/** The same of code units. */
export function hashUnits(units: Uint16Array, length: number): HashState {
  let { one, two } = start;
  let all = 0;
  for (let at = 0; at < length; at += 1) {
    const unit = units[at]!;
    all |= unit;
    one = Math.imul(((one << 5) | (one >>> 27)) ^ unit, oddOne);
    two = Math.imul(((two << 7) | (two >>> 25)) ^ unit, oddTwo);
  }
  return { one, two, units: length, isAscii: all < 0x80 };
}

export function isKeptAsText({ units, isAscii }: HashState): boolean {
  return isAscii || units <= textMaxUnits;
}

/** Of a state whose text is not kept. */
export function numberOf({ one, two }: HashState): number {
  return (one >>> 0) * 0x20_0000 + (two >>> 11);
}

export function keyOf(folded: string): FoldedKey {
  if (folded.length <= textMaxUnits) return folded;
  const state = hashText(folded);
  return isKeptAsText(state) ? folded : numberOf(state);
}
