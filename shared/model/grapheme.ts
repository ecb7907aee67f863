// Where what people see as one character begins, without the tables of `Intl.Segmenter`: a stranger chooses the names that are
// cut, and asking it for each of them takes seconds. The rules are those of Unicode (UAX 29), but for marks that stand in front.

import { pointTable } from './point-table.ts';

const regionalFirst = 0x1f1e6;
const regionalLast = 0x1f1ff;
const joiner = 0x200d;
/** No code point below joins another one of these. */
const firstMark = 0x300;
const isMark = pointTable((sign) => /\p{Grapheme_Extend}|\p{Mc}|\p{Emoji_Modifier}|[\u200D\u0E33\u0EB3]/u.test(sign));
/** Of the marks, those that take no room of their own. */
const isExtender = pointTable((sign) => /\p{Grapheme_Extend}|\p{Emoji_Modifier}/u.test(sign));
export const isPicture = pointTable((sign) => /\p{Extended_Pictographic}/u.test(sign));
/** Of scripts in which a consonant goes into the sign before it. */
const linkers: ReadonlySet<number> = new Set([0x94d, 0x9cd, 0xacd, 0xb4d, 0xc4d, 0xd4d]);
const isConsonant = pointTable((sign) => /[\u0900-\u0DFF]/.test(sign) && /\p{Lo}/u.test(sign));

/** Where the grapheme that holds the code unit `at` begins. */
export function graphemeStart(text: string, at: number): number {
  if (at >= text.length) return text.length;
  let start = at;
  while (start > 0 && isInside(text, start)) start -= pointBefore(text, start) > 0xffff ? 2 : 1;
  return start;
}

function isInside(text: string, at: number): boolean {
  const [before, after] = [pointBefore(text, at), text.codePointAt(at)!];
  if (before < firstMark && after < firstMark) return false;
  if (after >= firstMark && isMark(after)) return true;
  if (isConsonant(after)) return isLinked(text, at);
  if (before === joiner) return isPicture(after) && isPicture(baseBefore(text, at - 1));
  if (isRegional(before) && isRegional(after)) return countRegional(text, at) % 2 === 1;
  return joinsHangul(before, after);
}

/** The half of a pair counts as what it is where its other half is missing. */
export function pointBefore(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1);
  if (unit < 0xdc00 || unit > 0xdfff || at < 2) return unit;
  const whole = text.codePointAt(at - 2)!;
  return whole > 0xffff ? whole : unit;
}

/** Whether a consonant stands before, and a linker among the marks on it. */
function isLinked(text: string, at: number): boolean {
  let hasLinker = false;
  for (let start = at; start > 0; ) {
    const point = pointBefore(text, start);
    if (linkers.has(point)) hasLinker = true;
    else if (point !== joiner && (point < firstMark || !isExtender(point))) return hasLinker && isConsonant(point);
    start -= point > 0xffff ? 2 : 1;
  }
  return false;
}

/** What the marks before this place stand on. */
function baseBefore(text: string, at: number): number {
  let point = 0;
  for (let start = at; start > 0; start -= point > 0xffff ? 2 : 1) {
    point = pointBefore(text, start);
    if (point < firstMark || !isExtender(point)) break;
  }
  return point;
}

/** Flags are two of these each: how many stand in a row right before. */
function countRegional(text: string, at: number): number {
  let count = 0;
  for (let start = at; start >= 2 && isRegional(pointBefore(text, start)); start -= 2) count += 1;
  return count;
}

function isRegional(point: number): boolean {
  return point >= regionalFirst && point <= regionalLast;
}

/** Korean syllables in parts: leading consonants, vowels, trailing consonants. */
function joinsHangul(before: number, after: number): boolean {
  if (isLeading(before)) return isLeading(after) || isVowel(after) || isSyllable(after);
  if (isVowel(before) || (isSyllable(before) && hasNoTrailing(before))) return isVowel(after) || isTrailing(after);
  return (isTrailing(before) || isSyllable(before)) && isTrailing(after);
}

const isLeading = (point: number) => within(point, 0x1100, 0x115f) || within(point, 0xa960, 0xa97c);
const isVowel = (point: number) => within(point, 0x1160, 0x11a7) || within(point, 0xd7b0, 0xd7c6);
const isTrailing = (point: number) => within(point, 0x11a8, 0x11ff) || within(point, 0xd7cb, 0xd7fb);
const isSyllable = (point: number) => within(point, 0xac00, 0xd7a3);
const hasNoTrailing = (point: number) => (point - 0xac00) % 28 === 0;

function within(point: number, first: number, last: number): boolean {
  return point >= first && point <= last;
}
