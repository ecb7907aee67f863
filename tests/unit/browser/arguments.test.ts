// The browser shell's command line: what it takes, and what it refuses in words.

import { expect, it } from 'vitest';
import { readShellArguments } from '../../../browser/arguments.ts';

it('names folders and files from where it was typed', () => {
  expect(readShellArguments(['--browser', '--data-dir', 'd', '--port', '80', 'a', '--', '-b'], '/here')).toEqual({
    open: true,
    port: 80,
    dataDir: '/here/d',
    paths: ['/here/a', '/here/-b'],
  });
});

it('opens no window where it was told so', () => {
  expect(readShellArguments(['--no-open'], '/here')).toEqual({ open: false, port: 0, paths: [] });
});

it.each([[['--prot', '1']], [['--port', '70000']], [['--port', 'x']], [['--port']], [['--data-dir']], [['-x']]])(
  'refuses %o',
  (args) => {
    expect(() => readShellArguments(args, '/here')).toThrow();
  },
);
