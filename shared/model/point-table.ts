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
