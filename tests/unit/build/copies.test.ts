// The check that finds the same passage twice.

import { describe, expect, it } from 'vitest';
import { copiesIn } from '../../../build/copies.mjs';

const passage = Array.from({ length: 6 }, (_, at) => `  doThing(${at}, 'x${at}');`).join('\n');

describe('copies', () => {
  it('are found in two files and in one, whatever the indentation and the comments between', () => {
    const other = passage.replaceAll('  ', '      ').replace('\n', '\n  // a comment\n');
    expect(
      copiesIn(
        [
          { file: 'a', text: passage },
          { file: 'b', text: `const b = 1;\n${other}` },
        ],
        6,
      ),
    ).toEqual([
      [
        { file: 'a', line: 1 },
        { file: 'b', line: 2 },
      ],
    ]);
    expect(copiesIn([{ file: 'a', text: `${passage}\nmiddle();\n${passage}` }], 6)).toHaveLength(1);
  });

  it('are not seen in passages that differ in one line, or in imports', () => {
    expect(
      copiesIn(
        [
          { file: 'a', text: passage },
          { file: 'b', text: passage.replace('x3', 'y') },
        ],
        6,
      ),
    ).toEqual([]);
    const imports = Array.from({ length: 8 }, (_, at) => `import { a${at} } from './a${at}.ts';`).join('\n');
    expect(
      copiesIn(
        [
          { file: 'a', text: imports },
          { file: 'b', text: imports },
        ],
        6,
      ),
    ).toEqual([]);
  });
});
