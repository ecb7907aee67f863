// The list of hostile inputs in the documents, and the tests: every row is in the title of a test in the file that the list
// names, and every row that a test names is in the list.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const counts = { N: 41, A: 16, F: 21, C: 25, K: 20, S: 15, P: 9 } as const;
const row = '(?:N|A|F|C|K|S|P)\\d{1,2}';
/** Somewhere in a text of one line: titles of tests, and of the rows that make titles. */
const inText = new RegExp(`(['"\`])(?:(?!\\1)[^\\\\]|\\\\.)*?\\b${row}\\b.*?\\1`, 'g');

const listed = new Map(
  [...readFileSync('docs/SECURITY.md', 'utf8').matchAll(new RegExp(`^\\| (${row}) \\| .+ \\| (.+) \\|$`, 'gm'))].map(
    ([, id, files]) => [id!, [...files!.matchAll(/`([^`]+)`/g)].map(([, file]) => `tests/${file}`)] as const,
  ),
);

const named = new Map(
  globSync('tests/**/*.test.{ts,tsx}')
    .filter((file) => !file.endsWith('rows.test.ts'))
    .map((file) => [file.replaceAll('\\', '/'), idsIn(readFileSync(file, 'utf8'))] as const),
);

function idsIn(code: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const line of code.split('\n')) {
    for (const [text] of line.replace(/^\s*\/\/.*/, '').matchAll(inText)) {
      for (const [id] of text.matchAll(new RegExp(`\\b${row}\\b`, 'g'))) ids.add(id);
    }
  }
  return ids;
}

describe('the rows of hostile input', () => {
  it('are all in the list, each once', () => {
    const all = Object.entries(counts).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, at) => `${letter}${at + 1}`),
    );
    expect([...listed.keys()]).toEqual(all);
  });

  it.each([...listed].filter(([id]) => id !== 'P9'))('%s is in the title of a test in %s', (id, files) => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(named.get(file)?.has(id) === true ? file : `${file} without ${id}`).toBe(file);
  });

  it('name no test that is not there, nor does any other table on that page', () => {
    const files = [...readFileSync('docs/SECURITY.md', 'utf8').matchAll(/`(?:tests\/)?([\w./-]+\.test\.tsx?)`/g)];
    expect(files.length).toBeGreaterThan(200);
    expect(files.map(([, file]) => `tests/${file}`).filter((file) => !existsSync(file))).toEqual([]);
  });

  it('are in no test without being in the list', () => {
    const unlisted = [...named].flatMap(([file, ids]) =>
      [...ids].filter((id) => !listed.has(id)).map((id) => `${id} in ${file}`),
    );
    expect(unlisted).toEqual([]);
  });
});
