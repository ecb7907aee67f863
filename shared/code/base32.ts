// Crockford's base32: 5 bits a character, no U, and O, I and L read as the digits they are mistaken for.

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + alphabet[(held << (5 - bits)) & 31];
}

/** Symbols that were read, as they are written. */
export function symbolText(symbols: readonly number[]): string {
  return symbols.map((symbol) => alphabet[symbol]).join('');
}

export function base32Length(byteCount: number): number {
  return Math.ceil((byteCount * 8) / 5);
}

/** The symbol's value, or -1 for a character that belongs to no code. */
export function symbolValue(char: string): number {
  const upper = char.toUpperCase();
  if (upper === 'O') return 0;
  if (upper === 'I' || upper === 'L') return 1;
  return upper.length === 1 ? alphabet.indexOf(upper) : -1;
}

/** Whole bytes only. Leftover bits must be zero, so that one code has one spelling; otherwise nothing. */
export function fromBase32(symbols: readonly number[]): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((symbols.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const symbol of symbols) {
    held = (held << 5) | symbol;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = held >> bits;
      at += 1;
    }
    held &= (1 << bits) - 1;
  }
  return held === 0 ? bytes : undefined;
}
