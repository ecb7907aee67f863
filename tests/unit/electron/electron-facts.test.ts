// docs/ELECTRON.md: each fact names where it is written and a test that exists.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const tests = path.join(root, 'tests');
const sources = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.includes('electron-facts'))
  .map((name) => readFileSync(path.join(tests, name), 'utf8'))
  .join('\n');
const rows = readFileSync(path.join(root, 'docs/ELECTRON.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()));

it('has a row for each fact, complete', () => {
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows)
    expect(row.slice(1, -1).every((cell) => cell !== '') && row.length === 6, row.join('|')).toBe(true);
});

it.each(rows.map((row) => [row[4]!]))('names a test that exists: %s', (title) => {
  expect(sources).toContain(title);
});
