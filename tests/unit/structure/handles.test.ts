// docs/HANDLES.md names every handle of the page, and none that is gone.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const screens = readdirSync(new URL('../../../renderer/ui/', import.meta.url)).filter((name) => name.endsWith('.tsx'));
const source = [...screens.map((name) => `renderer/ui/${name}`), 'renderer/error-page.ts'].map(read).join('\n');
const docs = read('docs/HANDLES.md');

it('every handle of the page is in the tables', () => {
  const used = [...source.matchAll(/(?:(?:data-testid|handle)="|dataset\.testid = ')([a-z-]+)["']/g)].map(
    ([, name]) => name!,
  );
  expect(used.length).toBeGreaterThan(80);
  expect(used.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

it('every handle in the tables is on the page', () => {
  const named = [...docs.matchAll(/^\| (.+?) \| /gm)].flatMap(([, cell]) =>
    [...cell!.replaceAll(/\(.*?\)/g, '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name!),
  );
  // Of some the page puts the end on while it runs.
  const assembled = [...source.matchAll(/`([a-z]+-)\$\{/g)].map(([, start]) => start!);
  const isUsed = (name: string) =>
    source.includes(`"${name}"`) ||
    source.includes(`'${name}'`) ||
    source.includes(` ${name}=`) ||
    assembled.some((start) => name.startsWith(start));
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((name) => !isUsed(name))).toEqual([]);
});
