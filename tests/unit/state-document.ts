// The tables of docs/STATES.md, for the tests that hold them. After a change on purpose, WRITE_STATE_TABLES=1 writes them anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const file = new URL('../../docs/STATES.md', import.meta.url);
const isWriting = process.env.WRITE_STATE_TABLES === '1';

/** Rows are inputs, columns are states; `title` is the heading above the table. */
export function expectStateTable(
  title: string,
  states: readonly string[],
  cells: ReadonlyMap<string, readonly string[]>,
): void {
  const real = [
    `| | ${states.map((name) => `\`${name}\``).join(' | ')} |`,
    `|${'---|'.repeat(states.length + 1)}`,
    ...[...cells].map(([input, row]) => `| ${input} | ${row.join(' | ')} |`),
  ];
  const document = readFileSync(file, 'utf8');
  const start = document.indexOf(`\n### ${title}\n`);
  const first = document.indexOf('\n|', start) + 1;
  const end = first + document.slice(first).search(/\n(?!\|)/);
  if (isWriting) writeFileSync(file, `${document.slice(0, first)}${real.join('\n')}${document.slice(end)}`);
  else expect(document.slice(first, end).split('\n')).toEqual(real);
}
