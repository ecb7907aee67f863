// How long a text is in UTF-8, counted without encoding it.

/** Looked for by the engine itself, which is quicker than a loop. */
const ascii = /^[\0-\x7F]*$/;

export function utf8Bytes(text: string): number {
  if (ascii.test(text)) return text.length;
  // One for each code unit, and what the others take beyond that: the halves of a pair take two each.
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800 || isPairAt(text, at)) bytes += 1;
    else bytes += 2;
  }
  return bytes;
}

/** Code units of the longest beginning that takes no more than `maxBytes` and splits no character. */
export function utf8Prefix(text: string, maxBytes: number): number {
  if (ascii.test(text)) return Math.min(text.length, maxBytes);
  let bytes = 0;
  let at = 0;
  while (at < text.length) {
    const point = text.codePointAt(at)!;
    bytes += bytesOf(point);
    if (bytes > maxBytes) break;
    at += point > 0xffff ? 2 : 1;
  }
  return at;
}

/** Code units of what is left where at least so many bytes are taken off the end and no character is split. Most cuts are short. */
export function lengthWithout(text: string, bytes: number): number {
  let at = text.length;
  for (let left = bytes; left > 0 && at > 0; ) {
    const unit = text.charCodeAt(at - 1);
    const isPair = isPairAt(text, at - 1);
    left -= isPair ? 4 : bytesOf(unit);
    at -= isPair ? 2 : 1;
  }
  return at;
}

/** Whether this unit is half of a pair. A half alone is written as a replacement character of three bytes. */
function isPairAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdfff) return false;
  const isFirst = unit < 0xdc00;
  const other = text.charCodeAt(isFirst ? at + 1 : at - 1);
  return isFirst ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other < 0xdc00;
}

function bytesOf(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
