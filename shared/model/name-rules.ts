// What a single name may look like on any disk, and when two names are one. Pure text; knows no path.

import { nameMaxBytes } from '../wire/limits.ts';

export type NameTarget = 'posix' | 'windows' | 'fat';

/** Control characters, and the invisible ones that make a name look like another: bidi marks, zero width, tags, fillers. */
const controls = /\p{Cc}/gu;
const invisible =
  /(?![\u200D\uFE00-\uFE0F])(?:\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}|\p{Co}|[\uFFF9-\uFFFB])/gu;
/** A joiner or an emoji style mark belongs where an emoji is; elsewhere it hides. */
const strayJoiners =
  /(?<!\p{Extended_Pictographic}|\uFE0F|\p{Emoji_Modifier})\u200D|(?<![\p{Extended_Pictographic}\p{Emoji}])\p{Variation_Selector}|\u200D(?!\p{Extended_Pictographic})/gu;
const reserved = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i;
const ownStaging = /^\.tincan-/i;

export function portableName(sent: string, target: NameTarget): string {
  let name = sent.replace(controls, '_').replace(invisible, '').replace(strayJoiners, '');
  name = name.replace(/[\\:]/g, '_');
  if (target !== 'posix') name = name.replace(/[<>"|?*]/g, '_').replace(/~(?=\d)/g, '_');
  name = name.replace(/\s{2,}/gu, ' ').replace(/^\s+|[\s.]+$/gu, '');
  if (name === '') name = /^[.\s]+$/u.test(sent) ? '_' : 'file';
  if (reserved.test(name)) name = `_${name}`;
  if (ownStaging.test(name)) name = `_${name.slice(1)}`;
  return cut(name);
}

/** Two names with the same key may be one file on some disk. Twice folded, since folding can leave something to fold. */
export function collisionKey(name: string): string {
  const once = name.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKC');
  return once.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKC').replace(/ı/g, 'i');
}

/** For showing: what cannot be seen becomes visible. */
export function escapeName(text: string): string {
  return text
    .toWellFormed()
    .replace(controls, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(invisible, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`)
    .slice(0, 1024);
}

/** To what ext4, NTFS and APFS all take, between graphemes, keeping a short extension. */
function cut(name: string): string {
  if (fits(name)) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  const stem = extension === '' ? name : name.slice(0, dot);
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(stem)) {
    if (!fits(kept + segment + extension)) break;
    kept += segment;
  }
  return `${kept.replace(/[\s.]+$/u, '') || '_'}${extension}`;
}

function fits(name: string): boolean {
  return name.length <= nameMaxBytes && new TextEncoder().encode(name).byteLength <= nameMaxBytes;
}
