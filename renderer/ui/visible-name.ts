// Names that strangers chose, made harmless to read: characters that hide, reorder or break lines become visible
// escapes, and endless names end. What comes out is still drawn as text, inside <bdi>.

import { linkMaxChars, noteDrawnMaxChars } from '../state/app-state.ts';

/** Controls, line and paragraph separators, zero-width and direction marks, tags, byte-order marks, lone surrogates. */
const unseen = /\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/gu;

export function visibleName(name: string, maxGraphemes = 255): string {
  return cut(name, maxGraphemes).replace(unseen, (character) => {
    const point = character.codePointAt(0) ?? 0;
    // Joiners and variation selectors make one picture or letter of several.
    if (point === 0x200d || (point >= 0xfe00 && point <= 0xfe0f)) return character;
    return `⟨${point.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

const wholeNameMax = 24;
const nameEndLength = 12;

export type NameParts = { readonly start: string; readonly end: string; readonly way: 'ltr' | 'rtl' };

/**
 * A name that may be too long for its place, in two: what may be cut, and the end, where its kind stands. Each is laid out by itself, so
 * words that read the other way than the name, and numbers, are never parted: they would change places. A name that ends in such words has
 * no end of its own.
 */
export function nameParts(shown: string): NameParts {
  const letters = [...shown];
  const ways = letters.map(wayOf);
  const way = ways.find((each) => each !== undefined) ?? 'ltr';
  const whole = { start: shown, end: '', way };
  if (letters.length <= wholeNameMax) return whole;
  let at = letters.length - nameEndLength;
  const before = ways.findLast((each, nth) => each !== undefined && nth < at) ?? way;
  if (before !== way) {
    at = ways.findIndex((each, nth) => each === way && nth >= at);
    if (at < 0) return whole;
    if (letters[at - 1] === '.') at -= 1;
  } else if (way === 'rtl') {
    // Up to the dot before its kind at most: `.7z` reads as one with the number before it.
    const isOneNumber = (nth: number) => inNumber.test(letters[nth]!) || ways[nth] === 'ltr';
    const isKind = () => letters[at] === '.' && ways[at + 1] === 'ltr';
    while (at < letters.length && isOneNumber(at - 1) && isOneNumber(at) && !isKind()) at += 1;
    if (at === letters.length) return whole;
  }
  return { start: letters.slice(0, at).join(''), end: letters.slice(at).join(''), way };
}

/** Which way a letter is read. Digits and signs go with what is around them. */
function wayOf(letter: string): 'ltr' | 'rtl' | undefined {
  if (!/\p{L}/u.test(letter)) return undefined;
  return leftward.test(letter) ? 'rtl' : 'ltr';
}
/** The blocks of Hebrew, Arabic and the other scripts that are read from right to left. */
const leftward = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
/** With the signs that may stand in one. */
const inNumber = /[\p{Nd}.,:/+-]/u;

/** A whole text: line breaks and tabs are part of it. */
export function visibleText(text: string): string {
  return text.replace(/[^\n\t]+/g, (line) => visibleName(line, Number.POSITIVE_INFINITY));
}

/** A link to the web, up to where a sentence may go on. */
const link = /https?:\/\/[^\s<>"'`{}|\\^]+/gi;
const sentenceEnd = new Set('.,;:!?)]}»”’…');

export type TextPart = { readonly text: string; readonly url?: string };

/** A visible text, with the links in it apart. One that holds a hidden character stays text: it is not what it looks like. */
export function linkParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(link)) {
    const url = withoutSentenceEnd(found);
    if (url.includes('⟨') || url.length > linkMaxChars || !URL.canParse(url)) continue;
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ text: url, url });
    from = index + url.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** A pattern would try every sign of a long row of them as the first one. */
function withoutSentenceEnd(found: string): string {
  let end = found.length;
  while (sentenceEnd.has(found[end - 1] ?? '')) end -= 1;
  return found.slice(0, end);
}

/** The beginning of a text, made visible: short enough to be laid out at once, whatever it is made of. */
export function shortText(text: string): { readonly text: string; readonly isCut: boolean } {
  const drawn = visibleText(text.slice(0, noteDrawnMaxChars));
  const isCut = text.length > noteDrawnMaxChars || drawn.length > noteDrawnMaxChars;
  return { text: isCut ? `${drawn.slice(0, noteDrawnMaxChars).toWellFormed()}…` : drawn, isCut };
}

function cut(text: string, maxGraphemes: number): string {
  if (text.length <= maxGraphemes) return text;
  let kept = '';
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, maxGraphemes * 16))) {
    if (count === maxGraphemes || segment.length > 64) return `${kept}…`;
    kept += segment;
    count += 1;
  }
  return kept.length < text.length ? `${kept}…` : kept;
}
