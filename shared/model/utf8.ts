// How long a text is in UTF-8, counted without encoding it.

export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at)!;
    bytes += bytesOf(point);
    at += point > 0xffff ? 2 : 1;
  }
  return bytes;
}

/** Code units of the longest beginning that takes no more than `maxBytes` and splits no character. */
export function utf8Prefix(text: string, maxBytes: number): number {
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

function bytesOf(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
