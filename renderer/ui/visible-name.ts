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
