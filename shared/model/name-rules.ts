// What a single name may look like on any disk, and when two names are one. Pure text; knows no path.

// Every function here takes time in proportion to the length of the name: a stranger chooses what is in it.

import { nameMaxBytes } from '../wire/limits.ts';
import { utf8Bytes, utf8Prefix } from './utf8.ts';

export type NameTarget = 'posix' | 'windows' | 'fat';

/** Control characters, and the invisible ones that make a name look like another: bidi marks, zero width, tags, fillers. */
const controls = /\p{Cc}/gu;
const invisible =
  /(?![\u200D\uFE00-\uFE0F])(?:\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}|\p{Co}|[\uFFF9-\uFFFB])/gu;
/** A joiner or an emoji style mark belongs where an emoji is; elsewhere it hides. */
const strayJoiners =
  /(?<!\p{Extended_Pictographic}|\uFE0F|\p{Emoji_Modifier})\u200D|(?<![\p{Extended_Pictographic}\p{Emoji}])\p{Variation_Selector}|\u200D(?!\p{Extended_Pictographic})/gu;
/** Whether a name holds anything that one of the three above could find. Most do not, and one look tells. */
const unseen = /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Co}\uFFF9-\uFFFB]/u;
const reserved = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i;
const ownStaging = /^\.tincan-/i;
/** Names of these signs alone, which are most names, need none of the tables of Unicode. */
const printableAscii = /^[ -~]*$/;
/** Folding leaves these as they are: small Latin letters, and the marks that decomposing takes off letters but for one. */
const foldedAlready = /^[\u0300-\u0344\u0346-\u036F -@[-~]*$/;
/** `replace(/[\s.]+$/)` would try every dot of a long row of dots as the first one. */
const blankOrDot = /[\s.]/;
const escapedMaxChars = 1024;
const longestKeptExtension = 16;
/** Space, brackets and a number that no offer has entries enough for. */
const numberMaxBytes = 10;

export function portableName(sent: string, target: NameTarget): string {
  let name = sent;
  if (unseen.test(name)) name = name.replace(controls, '_').replace(invisible, '').replace(strayJoiners, '');
  name = name.replace(/[\\:]/g, '_');
  if (target !== 'posix') name = name.replace(/[<>"|?*]/g, '_').replace(/~(?=\d)/g, '_');
  name = withoutBlankEnd(name.replace(/\s{2,}/gu, ' ').replace(/^\s+/u, ''));
  if (name === '') name = /^[.\s]+$/u.test(sent) ? '_' : 'file';
  if (reserved.test(name)) name = `_${name}`;
  if (ownStaging.test(name)) name = `_${name.slice(1)}`;
  return cut(name);
}

/** Two names with the same key may be one file on some disk. Twice folded, since folding can leave something to fold. */
export function collisionKey(name: string): string {
  if (printableAscii.test(name)) return name.toLowerCase();
  const apart = name.normalize('NFKD');
  const folded = fold(apart);
  if (folded === apart) return apart;
  const once = folded.normalize('NFKD');
  if (foldedAlready.test(once)) return once;
  const twice = fold(once);
  return (twice === once ? once : twice.normalize('NFKD')).replace(/ı/g, 'i');
}

function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}

/** For showing: what cannot be seen becomes visible. */
export function escapeName(text: string): string {
  if (text.length <= escapedMaxChars && printableAscii.test(text)) return text;
  return text
    .toWellFormed()
    .replace(controls, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(invisible, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`)
    .slice(0, escapedMaxChars)
    .toWellFormed();
}

/** The parts of a portable name between which a number goes. The number fits, whatever the length of the name. */
export function numberedParts(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  const tail = dot > 0 ? name.slice(dot) : '';
  const extension = utf8Bytes(tail) <= nameMaxBytes / 2 ? tail : '';
  const whole = name.slice(0, name.length - extension.length);
  const room = nameMaxBytes - numberMaxBytes - utf8Bytes(extension);
  // A joiner that lost what it joined hides; a blank would stand beside the blank before the number.
  const stem = whole.slice(0, utf8Prefix(whole, room));
  return { stem: /[\s\u200D]/.test(stem.at(-1)!) ? stem.slice(0, -1) : stem, extension };
}

/** To what ext4, NTFS and APFS all take, between graphemes, keeping a short extension. */
function cut(name: string): string {
  if (utf8Bytes(name) <= nameMaxBytes) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= longestKeptExtension ? name.slice(dot) : '';
  const stem = extension === '' ? name : name.slice(0, dot);
  const kept = stem.slice(0, graphemeStart(stem, utf8Prefix(stem, nameMaxBytes - utf8Bytes(extension))));
  return `${withoutBlankEnd(kept) || '_'}${extension}`;
}

let graphemes: Intl.Segmenter | undefined;
/** Where the grapheme that holds the code unit `at` begins. */
function graphemeStart(text: string, at: number): number {
  if (at >= text.length) return text.length;
  if (printableAscii.test(text.slice(Math.max(0, at - 1), at + 1))) return at;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return graphemes.segment(text).containing(at)?.index ?? at;
}

function withoutBlankEnd(name: string): string {
  let end = name.length;
  while (end > 0 && blankOrDot.test(name[end - 1]!)) end -= 1;
  return name.slice(0, end);
}
