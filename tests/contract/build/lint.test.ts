// A deprecated API of Electron is an error, and the process that a file runs in decides what it may import.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { lintSteps, noDeprecated } from '../../../build/lint-steps.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs a tool over one file of the electron room's kind. */
function run(tool: string, args: readonly string[], text: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-lint-'));
  folders.push(folder);
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'some.ts'), text);
  const options = { extends: path.join(root, 'electron/tsconfig.json'), include: ['*.ts'] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(options));
  const { status, stdout } = spawnSync(path.join(root, 'node_modules/.bin', tool), args, {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout };
}

it('a deprecated API of Electron ends the lint', () => {
  expect(lintSteps).toContainEqual(['oxlint', [...noDeprecated, 'electron']]);
  const deprecated = run(
    'oxlint',
    [...noDeprecated, 'some.ts'],
    "import { BrowserWindow } from 'electron/main';\nexport const views = new BrowserWindow().getBrowserViews();\n",
  );
  expect(deprecated.stdout).toContain('no-deprecated');
  expect(deprecated.status).not.toBe(0);
  const current = "import { BrowserWindow } from 'electron/main';\nexport const id = new BrowserWindow().id;\n";
  expect(run('oxlint', [...noDeprecated, 'some.ts'], current).status).toBe(0);
});

it('what another process has is no type here', () => {
  const wrong = run(
    'tsc',
    ['-p', '.'],
    "import { ipcRenderer } from 'electron/main';\nexport const sender = ipcRenderer;\n",
  );
  expect(wrong.stdout).toContain('ipcRenderer');
  expect(wrong.status).not.toBe(0);
  const right = run(
    'tsc',
    ['-p', '.'],
    "import { ipcRenderer } from 'electron/renderer';\nexport const sender = ipcRenderer;\n",
  );
  expect(right).toMatchObject({ status: 0, stdout: '' });
});
