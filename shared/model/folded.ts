// A text with every sign replaced by what it folds to. Signs are looked up one by one, and put together in a buffer: a text that grows
// sign by sign costs several times as much.

import { type FoldedKey, hashUnits, isKeptAsText, keyOf, numberOf } from './folded-key.ts';
import { pointTexts } from './point-table.ts';
import { foldTwice, kindsOf, signKind } from './sign-kinds.ts';

/** That of one sign: U+FDFA has eighteen letters. */
const longestFolding = 18;
const foldingOf = pointTexts(foldTwice);
/** Of signs of one code unit whose folding is one, too: that unit. Zero where nobody has looked yet, or it is longer. */
const unitOf = new Uint16Array(0x10000);
/** Of those whose folding is a little longer: where it lies in `longer`, its length first. Zero where nobody has looked yet. */
const longerAt = new Uint32Array(0x10000);
let longer = new Uint16Array(1024);
let longerUsed = 1;
/** Longer texts are folded in pieces. */
const foldedMaxUnits = 512;
const buffer = new Uint16Array(foldedMaxUnits * longestFolding);

/** For a text without signs whose folding depends on what stands beside them. */
export function foldedSigns(text: string): string {
  return text.length <= foldedMaxUnits ? textOf(fold(text)) : foldedInPieces(text);
}

/** The key of the same, without the text of it where it is long. */
export function foldedSignsKey(text: string): FoldedKey {
  if (text.length > foldedMaxUnits) return keyOf(foldedInPieces(text));
  const used = fold(text);
  const state = hashUnits(buffer, used);
  return isKeptAsText(state) ? textOf(used) : numberOf(state);
}

/** Any other text is folded like this as well: a piece does not depend on the next one. */
function foldedInPieces(text: string): string {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + foldedMaxUnits - 1, text.length);
    // A pair stays whole.
    const next = (text.codePointAt(end - 1) ?? 0) > 0xffff ? end + 1 : end;
    pieces.push(textOf(fold(text.slice(from, next))));
    from = next;
  }
  return pieces.join('');
}

/** Into the buffer; answers how much of it is used. */
function fold(text: string): number {
  let used = 0;
  for (let at = 0; at < text.length; at += 1) {
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
    used = put(buffer, foldingOfPoint(point), used);
  }
  return used;
}

function foldingOfPoint(point: number): string {
  const folded = kindsOf(point) & signKind.folds ? foldingOf(point) : String.fromCodePoint(point);
  // Half of a pair says nothing of the pair.
  const isWhole = point < 0xd800 || (point > 0xdfff && point < 0x10000);
  if (isWhole && folded.length === 1) unitOf[point] = folded.charCodeAt(0);
  else if (isWhole && point <= 0xffff) keepLonger(point, folded);
  return folded;
}

function keepLonger(unit: number, folded: string): void {
  if (longerUsed + 1 + longestFolding > longer.length) {
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
