// What the file manager is asked on each system: to show, and never to open what arrived.

import { expect, it } from 'vitest';
import { launch, revealCommand } from '../../../browser/reveal.ts';

const env = { SystemRoot: 'D:\\Windows' };

it.each([
  ['darwin', '/Users/a/Downloads/Tool.app', true, ['/usr/bin/open', '-R', '/Users/a/Downloads/Tool.app']],
  ['darwin', '/Users/a/Downloads/x.command', false, ['/usr/bin/open', '-R', '/Users/a/Downloads/x.command']],
  ['linux', '/home/a/x.desktop', false, ['/usr/bin/xdg-open', '/home/a']],
  ['linux', '/home/a/folder', true, ['/usr/bin/xdg-open', '/home/a/folder']],
  ['win32', 'C:\\Users\\a\\x.exe', false, ['D:\\Windows\\explorer.exe', 'C:\\Users\\a']],
  ['win32', 'C:\\x.exe', false, ['D:\\Windows\\explorer.exe', 'C:\\']],
  ['win32', 'C:\\a, b\\x.exe', false, ['D:\\Windows\\explorer.exe', '"C:\\a, b"']],
  ['win32', '\\\\nas\\a b\\x.exe', false, ['D:\\Windows\\explorer.exe', '"\\\\nas\\a b"']],
] as const)('on %s shows %s', (platform, target, isFolder, command) => {
  expect(revealCommand({ target, isFolder }, env, platform)).toEqual(command);
});

it.runIf(process.platform !== 'win32').each([
  ['is not there', ['/nowhere/xdg-open', '/home/a/x.odt']],
  ['knows no program for it', ['/bin/sh', '-c', 'exit 3']],
] as const)('says that nothing opened it where the opener %s', async (_, command) => {
  await expect(launch(command)).rejects.toMatchObject({ code: 'not-opened' });
});
