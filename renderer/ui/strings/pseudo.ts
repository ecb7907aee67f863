// A language nobody speaks: longer and accented, so that a screen that clips or misses a string shows it.

const accents: Readonly<Record<string, string>> = {
  a: 'á',
  e: 'é',
  i: 'î',
  o: 'ö',
  u: 'ü',
  n: 'ñ',
  c: 'ç',
  A: 'Å',
  E: 'É',
  O: 'Ø',
  U: 'Û',
};

export function pseudo(words: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(words).map(([key, text]) => [key, stretch(text)]));
}

/** Placeholders stay as they are. */
function stretch(text: string): string {
  const spelled = text
    .split(/(\{\{\w+\}\})/)
    .map((part) =>
      part.startsWith('{{') ? part : part.replace(/[aeiouncAEOU]/g, (letter) => accents[letter] ?? letter),
    )
    .join('');
  return `[${spelled}${' ~~~'.repeat(Math.ceil(text.length / 12))}]`;
}
