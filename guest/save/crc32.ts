// The checksum that ZIP files carry, and that of two pieces from those of each (as in zlib's crc32.c).

const polynomial = 0xedb8_8320;

/** Four bytes at a time: `tables[n]` is for a byte that n others follow. */
const tables = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const;
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  tables[0][byte] = value;
}
for (let byte = 0; byte < 256; byte += 1) {
  for (const after of [1, 2, 3] as const) {
    const value = tables[after - 1]![byte]!;
    tables[after][byte] = (value >>> 8) ^ tables[0][value & 0xff]!;
  }
}

export function crc32(bytes: Uint8Array): number {
  const [none, one, two, three] = tables;
  let value = ~0;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    value ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    value =
      three[value & 0xff]! ^ two[(value >>> 8) & 0xff]! ^ one[(value >>> 16) & 0xff]! ^ none[(value >>> 24) & 0xff]!;
  }
  for (; at < bytes.length; at += 1) value = (value >>> 8) ^ none[(value ^ bytes[at]!) & 0xff]!;
  return ~value >>> 0;
}

/** Of two pieces, one after the other; `length` is that of the second, in bytes. */
export function joinedCrc32(first: number, second: number, length: number): number {
  return (times(powerOfByte(length), first) ^ second) >>> 0;
}

// Polynomials modulo the one above, the highest bit for x to the power of 0.
const unit = 0x8000_0000;
/** x to the power of 2ⁿ. */
const squares: number[] = [0x4000_0000];
for (let at = 1; at < 32; at += 1) squares.push(times(squares[at - 1]!, squares[at - 1]!));

function times(first: number, second: number): number {
  let product = 0;
  let shifted = second;
  for (let bit = unit; bit !== 0; bit >>>= 1) {
    if (first & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ polynomial : shifted >>> 1;
  }
  return product >>> 0;
}

/** x to the power of so many bytes. */
function powerOfByte(bytes: number): number {
  let power = unit;
  for (let rest = bytes, at = 3; rest > 0; rest >>>= 1, at += 1) {
    if (rest & 1) power = times(squares[at]!, power);
  }
  return power;
}
