// A text with every sign replaced by what it folds to. Signs are looked up one by one, and put together in a buffer: a text that grows
// sign by sign costs several times as much.

import { pointTexts } from './point-table.ts';
import { foldTwice, kindsOf, signKind } from './sign-kinds.ts';

const foldingOf = pointTexts(foldTwice);
/** Of signs of one code unit whose folding is one, too: that unit. Zero where nobody has looked yet, or it is longer. */
const unitOf = new Uint16Array(0x10000);
/** Of those whose folding is a little longer: where it lies in `longer`, its length first. Zero where nobody has looked yet. */
const longerAt = new Uint32Array(0x10000);
let longer = new Uint16Array(1024);
let longerUsed = 1;
const buffer = new Uint16Array(4096);
/** As long as the longest there is; should there be a longer one, it is put in as a whole. */
const copiedMaxUnits = 18;

/** For a text without signs whose folding depends on what stands beside them. */
export function foldedSigns(text: string): string {
  const parts: string[] = [];
  let used = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (used > buffer.length - copiedMaxUnits) {
      parts.push(textOf(used));
      used = 0;
    }
    const unit = text.charCodeAt(at);
    const known = unitOf[unit]!;
    if (known !== 0) {
      buffer[used] = known;
      used += 1;
      continue;
    }
    const from = longerAt[unit]!;
    if (from !== 0) {
      const end = from + longer[from]!;
      for (let next = from + 1; next <= end; next += 1) {
        buffer[used] = longer[next]!;
        used += 1;
      }
      continue;
    }
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at += 1;
    const folded = foldingOfPoint(point);
    if (folded.length <= copiedMaxUnits) used = put(buffer, folded, used);
    else {
      if (used > 0) parts.push(textOf(used));
      parts.push(folded);
      used = 0;
    }
  }
  if (used > 0) parts.push(textOf(used));
  return parts.length === 1 ? parts[0]! : parts.join('');
}

function foldingOfPoint(point: number): string {
  const folded = kindsOf(point) & signKind.folds ? foldingOf(point) : String.fromCodePoint(point);
  // Half of a pair says nothing of the pair.
  const isWhole = point < 0xd800 || (point > 0xdfff && point < 0x10000);
  if (isWhole && folded.length === 1) unitOf[point] = folded.charCodeAt(0);
  else if (isWhole && point <= 0xffff && folded.length <= copiedMaxUnits) keepLonger(point, folded);
  return folded;
}

function keepLonger(unit: number, folded: string): void {
  if (longerUsed + 1 + copiedMaxUnits > longer.length) {
    const grown = new Uint16Array(2 * longer.length);
    grown.set(longer);
    longer = grown;
  }
  longerAt[unit] = longerUsed;
  longer[longerUsed] = folded.length;
  put(longer, folded, longerUsed + 1);
  longerUsed += 1 + folded.length;
}

function put(into: Uint16Array, folded: string, from: number): number {
  for (let at = 0; at < folded.length; at += 1) into[from + at] = folded.charCodeAt(at);
  return from + folded.length;
}

function textOf(used: number): string {
  return String.fromCharCode.apply(undefined, buffer.subarray(0, used) as unknown as number[]);
}
