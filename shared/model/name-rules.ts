// What a single name may look like on any disk, and when two names are one. Pure text; knows no path.

// Every function here takes time in proportion to the length of the name: a stranger chooses what is in it.

import { nameMaxBytes } from '../wire/limits.ts';
import { graphemeStart, isPicture, pointBefore } from './grapheme.ts';
import { pointTable } from './point-table.ts';
import { utf8Bytes, utf8Prefix } from './utf8.ts';

export type NameTarget = 'posix' | 'windows' | 'fat';

/** Control characters, and the invisible ones that make a name look like another: bidi marks, zero width, tags, fillers. */
const controls = /\p{Cc}/gu;
const invisible = /[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Co}\uFFF9-\uFFFB]--[\u200D\uFE00-\uFE0F]]/gv;
/** Whether a name holds anything that the first two could find. Most do not, and a look costs little. */
const unseen = /[[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Co}\uFFF9-\uFFFB]--[\u200D\uFE00-\uFE0F]]/v;
const joiners = /[\u200D\uFE00-\uFE0F]/;
/** What any of the steps after these may change, but for dots at the end. */
const special = /[\\:<>"|?*~\s]/;
const reserved = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i;
const ownStaging = /^\.tincan-/i;
/** Names of these signs alone, which are most names, need none of the tables of Unicode. */
const printableAscii = /^[ -~]*$/;
/** Folding leaves it as it is, wherever it stands: the small sigma has another form at the end of a word. */
const isFolded = pointTable((sign) => sign !== 'σ' && fold(sign) === sign);
/** A joiner may follow these, and an emoji style mark those. */
const isJoinable = pointTable((sign) => /\p{Extended_Pictographic}|\uFE0F|\p{Emoji_Modifier}/u.test(sign));
const isStyled = pointTable((sign) => /[\p{Extended_Pictographic}\p{Emoji}]/u.test(sign));
/** `replace(/[\s.]+$/)` would try every dot of a long row of dots as the first one. */
const blankOrDot = /[\s.]/;
const escapedMaxChars = 1024;
const longestKeptExtension = 16;
/** Space, brackets and a number that no offer has entries enough for. */
const numberMaxBytes = 10;

export function portableName(sent: string, target: NameTarget): string {
  let name = sent;
  if (unseen.test(name)) name = name.replace(controls, '_').replace(invisible, '');
  if (joiners.test(name)) name = withoutStrayJoiners(name);
  if (special.test(name)) {
    name = name.replace(/[\\:]/g, '_');
    if (target !== 'posix') name = name.replace(/[<>"|?*]/g, '_').replace(/~(?=\d)/g, '_');
    name = name.replace(/\s{2,}/gu, ' ').replace(/^\s+/u, '');
  }
  name = withoutBlankEnd(name);
  if (name === '') name = /^[.\s]+$/u.test(sent) ? '_' : 'file';
  if (reserved.test(name)) name = `_${name}`;
  if (ownStaging.test(name)) name = `_${name.slice(1)}`;
  return cut(name);
}

/** Two names with the same key may be one file on some disk. Twice folded, since folding can leave something to fold. */
export function collisionKey(name: string): string {
  if (printableAscii.test(name)) return name.toLowerCase();
  const apart = name.normalize('NFKD');
  if (isAllFolded(apart)) return apart;
  const once = fold(apart).normalize('NFKD');
  if (isAllFolded(once)) return once;
  const twice = fold(once);
  return (twice === once ? once : twice.normalize('NFKD')).replace(/ı/g, 'i');
}

function isAllFolded(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at)!;
    if (!isFolded(point)) return false;
    at += point > 0xffff ? 2 : 1;
  }
  return true;
}

function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}

/** A joiner or an emoji style mark belongs where an emoji is; elsewhere it hides. */
function withoutStrayJoiners(name: string): string {
  let kept = '';
  let from = 0;
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at);
    const isStyle = unit >= 0xfe00 && unit <= 0xfe0f;
    if (unit !== 0x200d && !isStyle) continue;
    const before = at === 0 ? 0 : pointBefore(name, at);
    const belongs = isStyle ? isStyled(before) : isJoinable(before) && isPicture(name.codePointAt(at + 1) ?? 0);
    if (belongs) continue;
    kept += name.slice(from, at);
    from = at + 1;
  }
  return kept + name.slice(from);
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

function withoutBlankEnd(name: string): string {
  let end = name.length;
  while (end > 0 && blankOrDot.test(name[end - 1]!)) end -= 1;
  return name.slice(0, end);
}
