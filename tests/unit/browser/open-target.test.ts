// What the desktop is asked to open a file or a link with.

import { expect, it } from 'vitest';
import { openCommand } from '../../../browser/open-target.ts';

it.each([
  ['darwin', '/Users/a/x.pdf', ['/usr/bin/open', '/Users/a/x.pdf']],
  ['linux', 'https://example.org/', ['xdg-open', 'https://example.org/']],
  ['win32', 'C:\\a\\x.pdf', ['D:\\Windows\\explorer.exe', 'C:\\a\\x.pdf']],
] as const)('on %s opens %s', (platform, target, command) => {
  expect(openCommand(target, { SystemRoot: 'D:\\Windows' }, platform)).toEqual(command);
});
