// Finds codes in what people paste. Chats wrap, quote, decorate and escape; the code says its own length, so whatever
// follows it is left alone. Promises to be linear in a text whose length the caller has bounded.

import { base32Length, symbolText, symbolValue } from './base32.ts';
import { codeMinBytes, codeVersion, type Header, readHeader } from './pack.ts';

export const codePrefix = 'TINCAN:';

/** One place where a code begins. `need` is how many symbols its header promises. */
export type Found = {
  readonly symbols: readonly number[];
  readonly need: number;
  readonly header: Header | undefined;
  /** Another letter or digit stands right behind the last symbol: something was typed or pasted twice. */
  readonly runsOn: boolean;
};

/** Breaks may fall inside the first word as well. */
const prefix =
  /t[\s>-]{0,4}[i1l][\s>-]{0,4}n[\s>-]{0,4}c[\s>-]{0,4}a[\s>-]{0,4}n[\s>-]{0,4}(?::|%3a)\s{0,4}(?:\/\/)?/gi;
/** Joins nothing and means nothing: soft hyphens, zero-width and direction marks, variation selectors. */
const invisible =
  /[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\u200d|[\ufe00-\ufe0f]/g;
/** May stand between two characters of a code: breaks, quoting, dashes, quotes, markdown. */
const separator = /[\s>|\-\u2010-\u2015\u2212"'`\u00b4\u2018-\u201f\u00ab\u00bb*_~\\=]/;
const entities: Readonly<Record<string, string>> = {
  nbsp: ' ',
  gt: '>',
  lt: '<',
  quot: '"',
  apos: "'",
  amp: '&',
  colon: ':',
  shy: '',
  zwnj: '',
  zwj: '',
};

export function findCodes(text: string): Found[] {
  const plain = flatten(text);
  const found = [...plain.matchAll(prefix)].map((match) => read(plain, match.index + match[0].length));
  if (found.length > 0) return found;
  return isBareBody(plain) ? [read(plain, 0)] : [];
}

/**
 * The codes of a text, whole or cut off, and nothing else of it: what follows the first word is often no code. Nothing where there is none. No
 * code reads on beyond a comma.
 */
export function codesAlone(text: string): string | undefined {
  const codes = findCodes(text).flatMap(({ header, need, symbols }) =>
    header?.version === codeVersion || symbols.length === need ? [codePrefix + symbolText(symbols)] : [],
  );
  return codes.length === 0 ? undefined : codes.join(', ');
}

function flatten(text: string): string {
  const unescaped = text
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return point > 0x10_ffff ? ' ' : String.fromCodePoint(point);
    })
    .replace(/<\/?[a-z][^<>]{0,200}>/gi, ' ');
  return unescaped.toWellFormed().normalize('NFKC').replace(invisible, '');
}

function read(text: string, from: number): Found {
  const symbols: number[] = [];
  let need = base32Length(codeMinBytes);
  let header: Header | undefined;
  let at = from;
  for (; at < text.length && symbols.length < need; at += 1) {
    const char = text[at]!;
    const value = symbolValue(char);
    if (value >= 0) symbols.push(value);
    else if (!separator.test(char)) break;
    if (symbols.length === 4 && header === undefined) {
      header = readHeader(symbols.reduce((held, symbol) => (held << 5) | symbol, 0) >> 4);
      if (header.version === codeVersion) need = base32Length(header.totalBytes);
    }
  }
  const runsOn = symbols.length === need && /[0-9A-Za-z]/.test(text[at] ?? '');
  return { symbols, need, header, runsOn };
}

/** Somebody marked only what follows the colon: taken when the whole text is nothing but one code of that length. */
function isBareBody(text: string): boolean {
  const { symbols, need, header } = read(text, 0);
  if (header?.version !== codeVersion || header.totalBytes < codeMinBytes || symbols.length !== need) return false;
  return [...text].filter((char) => !separator.test(char) && char !== '.').length === need;
}
