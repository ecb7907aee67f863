// What a single name may look like on any disk, and when two names are one. Pure text; knows no path.

// Every function here takes time in proportion to the length of the name: a stranger chooses what is in it.

import { nameMaxBytes } from '../wire/limits.ts';
import { foldedSigns, foldedSignsKey } from './folded.ts';
import { type FoldedKey, keyOf } from './folded-key.ts';
import { graphemeStart, isPicture, pointBefore } from './grapheme.ts';
import { pointTable, pointTexts } from './point-table.ts';
import { foldTwice, kindsIn, kindsOf, type Signs, signKind, signsIn } from './sign-kinds.ts';
import { lengthWithout, utf8Bytes, utf8Prefix } from './utf8.ts';

export type NameTarget = 'posix' | 'windows' | 'fat';

const reserved = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i;
const ownStaging = /^\.tincan-/i;
/** A joiner may follow these, and an emoji style mark those. */
const isJoinable = pointTable((sign) => /\p{Extended_Pictographic}|\uFE0F|\p{Emoji_Modifier}/u.test(sign));
const isStyled = pointTable((sign) => /[\p{Extended_Pictographic}\p{Emoji}]/u.test(sign));
const dot = 0x2e;
const escapedMaxChars = 1024;
const longestKeptExtension = 16;
/** Space, brackets and a number that no offer has entries enough for. */
const numberMaxBytes = 10;
/** Of a longer name only as much of its beginning, and of its end, can be in the one that is stored. */
const mostKeptChars = 300;
const escapeOf = pointTexts((sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`);

/** A name as any disk takes it. `sentKinds`: of the signs of the name as it was sent. */
export type PortableName = Signs & { readonly name: string; readonly sentKinds: number };

export function portableName(sent: string, target: NameTarget): PortableName {
  const signs = signsIn(sent);
  const { kinds } = signs;
  let name = kinds & changed ? withoutStrangeSigns(sent, kinds) : sent;
  name = shortened(withoutBlankEnd(name));
  if (kinds & signKind.reserved) {
    name = name.replace(/[\\:]/g, '_');
    if (target !== 'posix') name = name.replace(/[<>"|?*]/g, '_').replace(/~(?=\d)/g, '_');
  }
  if (name === '') name = /^[.\s]+$/.test(sent) ? '_' : 'file';
  if (reserved.test(name)) name = `_${name}`;
  if (ownStaging.test(name)) name = `_${name.slice(1)}`;
  return cut(name, name === sent ? signs : signsIn(name), kinds);
}

const changed = signKind.control | signKind.invisible | signKind.joiner | signKind.blank;

function withoutStrangeSigns(sent: string, kinds: number): string {
  let name = sent;
  if (kinds & signKind.control) name = name.replace(/\p{Cc}/gu, '_');
  if (kinds & signKind.invisible) name = replaceSigns(name, signKind.invisible, () => '');
  if (kinds & signKind.joiner) name = withoutStrayJoiners(name);
  return kinds & signKind.blank ? name.replace(/\s{2,}/g, ' ').replace(/^\s+/, '') : name;
}

/** Two names with the same key may be one file on some disk. */
export function collisionKey(name: string, { kinds, bytes }: Signs = signsIn(name)): string {
  // Of ASCII alone, as most names are.
  if (bytes === name.length) return name.toLowerCase();
  if (!(kinds & signKind.mark)) return kinds & signKind.folds ? foldedSigns(name) : name;
  const apart = name.normalize('NFKD');
  // Signs that only come apart have nothing more to fold by then.
  return kinds & signKind.folds && kindsIn(apart) & signKind.folds ? foldTwice(apart) : apart;
}

/** As it is kept among those that are taken. */
export function takenKey(name: string, { kinds, bytes }: Signs = signsIn(name)): FoldedKey {
  if (bytes === name.length) return name.toLowerCase();
  if (kinds & signKind.folds && !(kinds & signKind.mark)) return foldedSignsKey(name);
  return keyOf(collisionKey(name, { kinds, bytes }));
}

/** Joined at the end: a text that grows sign by sign costs several times as much. */
function replaceSigns(text: string, kind: number, replacement: (point: number) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at)!;
    const next = at + (point > 0xffff ? 2 : 1);
    if (kindsOf(point) & kind) {
      if (from < at) parts.push(text.slice(from, at));
      const by = replacement(point);
      if (by !== '') parts.push(by);
      from = next;
    }
    at = next;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** What a name is cut to in the end does not change: it is at most 255 bytes of the beginning and a short ending. */
function shortened(name: string): string {
  return name.length <= 2 * mostKeptChars ? name : name.slice(0, mostKeptChars) + name.slice(-mostKeptChars);
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

/** For showing: what cannot be seen becomes visible. `known`: the kinds of all its signs, where somebody has looked. */
export function escapeName(text: string, known?: number): string {
  // No sign becomes shorter. One more unit, so that the last pair is whole.
  const start = text.slice(0, escapedMaxChars + 1).toWellFormed();
  const kinds = known ?? kindsIn(start);
  if (text.length <= escapedMaxChars && !(kinds & (signKind.control | signKind.invisible))) return start;
  const seen = kinds & signKind.control ? start.replace(/\p{Cc}/gu, escapeControl) : start;
  const escaped = kinds & signKind.invisible ? replaceSigns(seen, signKind.invisible, escapeOf) : seen;
  return escaped.slice(0, escapedMaxChars).toWellFormed();
}

function escapeControl(found: string): string {
  return `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The parts of a portable name between which a number goes. It fits, and so much before it, whatever the length of the name. */
export function numberedParts(name: string, bytesBefore = 0): { readonly stem: string; readonly extension: string } {
  const at = name.lastIndexOf('.');
  const tail = at > 0 ? name.slice(at) : '';
  const extension = utf8Bytes(tail) <= nameMaxBytes / 2 ? tail : '';
  const whole = name.slice(0, name.length - extension.length);
  const room = nameMaxBytes - numberMaxBytes - bytesBefore - utf8Bytes(extension);
  // A joiner that lost what it joined hides; a blank would stand beside the blank before the number.
  const stem = whole.slice(0, utf8Prefix(whole, room));
  return { stem: /[\s\u200D]/.test(stem.at(-1)!) ? stem.slice(0, -1) : stem, extension };
}

/** To what ext4, NTFS and APFS all take, between graphemes, keeping a short extension. */
function cut(name: string, { kinds, bytes }: Signs, sentKinds: number): PortableName {
  if (bytes <= nameMaxBytes) return { name, kinds, bytes, sentKinds };
  const at = name.lastIndexOf('.');
  const extension = at > 0 && name.length - at <= longestKeptExtension ? name.slice(at) : '';
  const stem = extension === '' ? name : name.slice(0, at);
  const kept = stem.slice(0, graphemeStart(stem, lengthWithout(stem, bytes - nameMaxBytes)));
  const short = `${withoutBlankEnd(kept) || '_'}${extension}`;
  // What was cut off may have been all of a kind: its key is the same, and only found in another way.
  return { name: short, kinds, bytes: utf8Bytes(short), sentKinds };
}

/** `replace(/[\s.]+$/)` would try every dot of a long row of dots as the first one. */
function withoutBlankEnd(name: string): string {
  let end = name.length;
  while (end > 0 && isBlankOrDot(name.charCodeAt(end - 1))) end -= 1;
  return end === name.length ? name : name.slice(0, end);
}

function isBlankOrDot(unit: number): boolean {
  return unit === dot || (kindsOf(unit) & signKind.blank) !== 0;
}
