// The sender's name in a code: a hint for people, never proof. Cut between whole characters, free of anything that
// could draw over its surroundings.

import { codeNameMaxBytes } from '../wire/limits.ts';

const unseen = /[\p{Cc}\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** The name as it may travel, or nothing when nothing is left of it. Cleaning twice changes nothing. */
export function cleanCodeName(name: string): string | undefined {
  const seen = name.slice(0, 256).toWellFormed().replace(unseen, '').trim();
  if (byteLength(seen) <= codeNameMaxBytes) return seen === '' ? undefined : seen;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(seen)) {
    if (byteLength(kept + segment) > codeNameMaxBytes) break;
    kept += segment;
  }
  return kept.trim() === '' ? undefined : kept.trim();
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
