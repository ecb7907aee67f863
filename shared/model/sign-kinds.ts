// What kinds of signs a text is made of. A stranger chooses the names of an offer, and asking regular expressions about each sign of a
// hundred thousand names takes seconds. So each code point is classified once, with its whole page, and a look at it costs a look into a table.

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
  /** The same: a sigma has another form at the end of a word. */
  sigma: 128,
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
  [signKind.sigma, /[Σσς]/g],
];

const pages: (Uint8Array | undefined)[] = [];

export function kindsOf(point: number): number {
  const page = pages[point >> pageBits] ?? makePage(point >> pageBits);
  return page[point & (pageSize - 1)]!;
}

/** The kinds of all its signs together. */
export function kindsIn(text: string): number {
  let kinds = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if ((unit & 0xf800) === 0xd800) {
      const point = text.codePointAt(at)!;
      kinds |= kindsOf(point);
      if (point > 0xffff) at += 1;
    } else kinds |= kindsOf(unit);
  }
  return kinds;
}

/** Twice folded, since folding can leave something to fold. Takes many times as long as a look into a table. */
export function foldTwice(text: string): string {
  const once = fold(text.normalize('NFKD')).normalize('NFKD');
  const twice = fold(once);
  return (twice === once ? once : twice.normalize('NFKD')).replace(/ı/g, 'i');
}

function fold(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function makePage(page: number): Uint8Array {
  const first = page << pageBits;
  const kinds = new Uint8Array(pageSize);
  const signs = Array.from({ length: pageSize }, (_, at) => String.fromCodePoint(first + at));
  const text = signs.join('');
  for (const [kind, pattern] of patterns)
    for (const [found] of text.matchAll(pattern)) kinds[found.codePointAt(0)! - first]! |= kind;
  if (foldTwice(text) !== text) for (const [at, sign] of signs.entries()) kinds[at]! |= kindsOfFolding(sign);
  pages[page] = kinds;
  return kinds;
}

function kindsOfFolding(sign: string): number {
  const folded = foldTwice(sign);
  const forms = [folded, sign.normalize('NFKD')];
  return (
    (folded === sign ? 0 : signKind.folds) |
    (forms.some((form) => /^\p{M}/u.test(form)) ? signKind.mark : 0) |
    (forms.some((form) => /[Σσς]/.test(form)) ? signKind.sigma : 0)
  );
}
