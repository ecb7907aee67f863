// A question about single code points, answered once for each. Asking a regular expression for every sign of a hundred thousand
// names takes seconds; this takes a look into a table.

const points = 0x110000;

/** `test` is given one sign. */
export function pointTable(test: (sign: string) => boolean): (point: number) => boolean {
  let known: Uint8Array | undefined;
  return (point) => {
    known ??= new Uint8Array(points);
    if (known[point] === 0) known[point] = test(String.fromCodePoint(point)) ? 2 : 1;
    return known[point] === 2;
  };
}

/** The same for a question whose answer is a text. */
export function pointTexts(textOf: (sign: string) => string): (point: number) => string {
  const known = new Map<number, string>();
  return (point) => {
    const text = known.get(point) ?? textOf(String.fromCodePoint(point));
    known.set(point, text);
    return text;
  };
}
