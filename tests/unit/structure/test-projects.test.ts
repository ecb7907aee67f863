// A test that no project of vitest.config.ts runs never fails, and one that two run takes twice as long. So does a project that nobody starts.

import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
const config = textOf('vitest.config.ts');

describe('the projects of the tests', () => {
  it('run every test file once', () => {
    const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
    const listed = spawnSync(process.execPath, [vitest, 'list', '--filesOnly', '--json'], {
      cwd: root,
      encoding: 'utf8',
    });
    const run = (JSON.parse(listed.stdout) as { file: string }[]).map(({ file }) => path.relative(root, file));
    const exclude = ['node_modules', 'dist', 'release', '.git'];
    const files = globSync('**/*.{test,spec}.*', { cwd: root, exclude });
    expect(run.toSorted()).toEqual(files.toSorted());
  });

  it('name only files that are there', () => {
    const named = [...config.matchAll(/'(tests\/[^'*]+)'/g)].map(([, file]) => file!);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it('are all started by `npm test` or by a job of CI, except for the sweep', () => {
    const starting = textOf('build/run.mjs') + textOf('.github/workflows/ci.yml');
    const names = [...config.matchAll(/name: '(\w+)'/g)].map(([, name]) => name!);
    const isStarted = (name: string) => new RegExp(`--project'?,? '?${name}\\b`).test(starting);
    expect(names.filter((name) => !isStarted(name))).toEqual(['sweep']);
  });
});
