// What the desktop is asked to open a file or a link with.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openCommand } from '../../../browser/open-target.ts';

it.each([
  ['darwin', '/Users/a/x.pdf', ['/usr/bin/open', '/Users/a/x.pdf']],
  ['linux', 'https://example.org/', ['/usr/bin/xdg-open', 'https://example.org/']],
  ['win32', 'C:\\a\\x.pdf', ['D:\\Windows\\explorer.exe', 'C:\\a\\x.pdf']],
  ['win32', 'C:\\a\\x,y.pdf', ['D:\\Windows\\explorer.exe', '"C:\\a\\x,y.pdf"']],
  ['win32', 'C:\\a\\x y.pdf', ['D:\\Windows\\explorer.exe', '"C:\\a\\x y.pdf"']],
  ['win32', 'https://example.org/?"=,', ['D:\\Windows\\explorer.exe', '"https://example.org/?%22=,"']],
] as const)('on %s opens %s', (platform, target, command) => {
  expect(openCommand(target, { SystemRoot: 'D:\\Windows' }, platform)).toEqual(command);
});

it('on linux is looked for in folders by their whole paths: never where Tincan was started', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-path-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = path.join(folder, 'xdg-open');
  writeFileSync(program, '');
  const commandIn = (PATH: string) => openCommand('/a', { PATH }, 'linux')[0];
  expect(commandIn(`.::${folder}`)).toBe(program);
  expect(commandIn(path.relative(process.cwd(), folder))).toBe('/usr/bin/xdg-open');
});
