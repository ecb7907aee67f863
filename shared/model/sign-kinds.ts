// What kinds of signs a text is made of. A stranger chooses the names of an offer, and asking regular expressions about each sign of a
// hundred thousand names takes seconds. So each code point is classified once, with its whole page, and a look at it costs a look into a table.
// One walk over a name tells everything that is asked of its signs.

const pageBits = 9;
const pageSize = 1 << pageBits;

/** One bit each; a sign may be of several kinds. */
export const signKind = {
  control: 1,
  /** Makes a name look like another: bidi marks, zero width, tags, fillers, private use. Joiners and style marks are apart. */
  invisible: 2,
  /** Joiners and style marks: they belong into emoji, and hide elsewhere. */
  joiner: 4,
  blank: 8,
  /** Not taken by the disks of every system, or not everywhere in a name. */
  reserved: 16,
  /** Its collision key is not the sign itself. */
  folds: 32,
  /** Its collision key depends on what stands beside it: marks are put in order. */
  mark: 64,
} as const;

const patterns: readonly (readonly [number, RegExp])[] = [
  [signKind.control, /\p{Cc}/gu],
  [
    signKind.invisible,
    /[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Co}\uFFF9-\uFFFB]--[\u200D\uFE00-\uFE0F]]/gv,
  ],
  [signKind.joiner, /[\u200D\uFE00-\uFE0F]/g],
  [signKind.blank, /\s/g],
  [signKind.reserved, /[\\:<>"|?*~]/g],
  [signKind.mark, /\p{M}/gu],
];

const points = 0x110000;
const table = new Uint8Array(points);
const isMade = new Uint8Array(points >> pageBits);

export function kindsOf(point: number): number {
  if (isMade[point >> pageBits] === 0) makePage(point >> pageBits);
  return table[point]!;
}

/** `kinds`: of all its signs together. `bytes`: as it is written in UTF-8. */
export type Signs = { readonly kinds: number; readonly bytes: number };

/** Names of these signs alone are most names. The engine's own loop looks for others several times as quickly as one written here. */
const isPlain = /^[ !#-)+-.0-9;=@-[\]-{}]*$/;
const hasBlank = / /;

export function signsIn(text: string): Signs {
  if (isPlain.test(text)) return { kinds: hasBlank.test(text) ? signKind.blank : 0, bytes: text.length };
  let kinds = 0;
  // One for each code unit, and what the others take beyond that: the halves of a pair take two each.
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    let point = unit;
    if (unit >= 0x80) {
      bytes += unit < 0x800 ? 1 : 2;
      if ((unit & 0xfc00) === 0xd800) {
        const other = text.charCodeAt(at + 1);
        if ((other & 0xfc00) === 0xdc00) {
          point = 0x10000 + ((unit & 0x3ff) << 10) + (other & 0x3ff);
          at += 1;
        }
      }
    }
    if (isMade[point >> pageBits] === 0) makePage(point >> pageBits);
    kinds |= table[point]!;
  }
  return { kinds, bytes };
}

export function kindsIn(text: string): number {
  return signsIn(text).kinds;
}

/**
 * Twice folded, since folding can leave something to fold. Takes many times as long as a look into a table. A sigma has one form, also at
 * the end of a word: what a sign folds to is then the same in every text.
 */
export function foldTwice(text: string): string {
  const once = fold(text.normalize('NFKD')).normalize('NFKD');
  const twice = fold(once);
  return (twice === once ? once : twice.normalize('NFKD')).replace(/ı/g, 'i').replace(/ς/g, 'σ');
}

function fold(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function makePage(page: number): void {
  const first = page << pageBits;
  const kinds = table.subarray(first, first + pageSize);
  const signs = Array.from({ length: pageSize }, (_, at) => String.fromCodePoint(first + at));
  const text = signs.join('');
  for (const [kind, pattern] of patterns)
    for (const [found] of text.matchAll(pattern)) kinds[found.codePointAt(0)! - first]! |= kind;
  if (foldTwice(text) !== text) for (const [at, sign] of signs.entries()) kinds[at]! |= kindsOfFolding(sign);
  isMade[page] = 1;
}

function kindsOfFolding(sign: string): number {
  const folded = foldTwice(sign);
  const forms = [folded, sign.normalize('NFKD')];
  return (folded === sign ? 0 : signKind.folds) | (forms.some((form) => /^\p{M}/u.test(form)) ? signKind.mark : 0);
}
