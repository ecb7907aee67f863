// Command lines, links and the switches that a packaged app refuses.

import { describe, expect, it } from 'vitest';
import { dangerousSwitches, ownArguments, readArguments, readLink } from '../../../electron/argv.ts';
import { pathsMax } from '../../../shared/wire/limits.ts';

describe('what a person typed', () => {
  it.each([
    [true, ['/opt/Tincan', 'a.iso'], ['a.iso']],
    [false, ['electron', '.', '--data-dir', 'd', 'a.iso'], ['--data-dir', 'd', 'a.iso']],
    [false, ['electron', '/app', 'a.iso'], ['a.iso']],
    [false, ['electron', '--inspect=0', '--remote-debugging-port=0', '.', 'a.iso'], ['a.iso']],
    [false, ['electron', '.', '.'], ['.']],
  ])('packaged %s, %o: %o', (isPackaged, argv, expected) => {
    expect(ownArguments(argv, '/app', { isPackaged, appPath: '/app' })).toEqual(expected);
  });
});

describe('a command line', () => {
  it('names folders and files from where it was typed', () => {
    expect(readArguments(['--data-dir', 'd', '--download-dir', '/x', 'a.iso', '/b'], '/here')).toEqual({
      dataDir: '/here/d',
      downloadDir: '/x',
      paths: ['/here/a.iso', '/b'],
    });
  });

  it('passes over the switches of others, and takes our options in either spelling', () => {
    const args = ['--enable-features=x', '--data-dir=d', '-psn_0_1', '--download-dir', 'e', 'a', '--port'];
    expect(readArguments(args, '/here')).toEqual({ dataDir: '/here/d', downloadDir: '/here/e', paths: ['/here/a'] });
  });

  it('K20 takes what follows a double dash as files, whatever it looks like', () => {
    expect(readArguments(['--', '-rf', 'tincan:AB'], '/here').paths).toEqual(['/here/-rf', '/here/tincan:AB']);
    expect(readArguments(['--', 'tincan:AB'], '/here').link).toBeUndefined();
  });

  it('takes files as addresses, the way Linux desktops hand them over', () => {
    const given = ['file:///home/a/b%20c.txt', 'FILE:///%E6%96%87', 'file://localhost/y', 'file.txt', 'file:z'];
    const paths = ['/home/a/b c.txt', '/文', '/y', '/here/file.txt', '/here/file:z'];
    expect(readArguments(given, '/here').paths).toEqual(paths);
    expect(readArguments(['--', 'file:///x'], '/here').paths).toEqual(['/here/file:/x']);
  });

  it.each(['file://server/share', 'file:///a%00b', 'file:///a%2Fb', 'file:////server/x', 'file://'])(
    'takes nothing from %s',
    (address) => {
      expect(readArguments([address], '/here').paths).toEqual([]);
    },
  );

  it('takes a link only in the last place', () => {
    expect(readArguments(['tincan:AB', 'x'], '/')).toEqual({ paths: ['/x'] });
    expect(readArguments(['x', 'tincan:ab-cd'], '/')).toEqual({ paths: ['/x'], link: 'TINCAN:ab-cd' });
  });

  it('takes as many files as can be offered, and one more, which is refused with a word', () => {
    expect(readArguments(Array.from({ length: 10_500 }, String), '/').paths).toHaveLength(10_500);
    expect(readArguments(Array.from({ length: pathsMax + 500 }, String), '/').paths).toHaveLength(pathsMax);
  });
});

describe('a link', () => {
  it.each([
    'tincan:x" --no-sandbox',
    'tincan:--inspect x',
    '\\\\host\\x',
    'tincan://%00',
    'tincan://host/x',
    'tincan:',
    ' tincan:AB',
    'tincan:AB\n',
    'https://tincan/AB',
    `tincan:${'A'.repeat(8192)}`,
  ])('is refused: %s (K19)', (text) => {
    expect(readLink(text)).toBeUndefined();
  });

  it('is taken in either case', () => {
    expect(readLink('TINCAN:ABC')).toBe('TINCAN:ABC');
    expect(readLink('tincan:abc')).toBe('TINCAN:abc');
  });
});

describe('a dangerous switch', () => {
  it.each([
    '--remote-debugging-port=9222',
    '--remote-debugging-pipe',
    '--no-sandbox',
    '--disable-web-security',
    '--load-extension=/x',
    '--js-flags=--expose-gc',
    '--host-resolver-rules=MAP * 1.2.3.4',
    '--user-data-dir=/x',
    '--single-process',
    '--ssl-key-log-file=/x',
    '--auto-accept-camera-and-microphone-capture',
    '--inspect',
    '--inspect-brk=0',
    '--bypasscsp-schemes=app',
    '--browser-subprocess-path=/x',
    '--disable-blink-features=TrustedTypes',
    '--use-file-for-fake-video-capture=/x',
    '--disable-seccomp-filter-sandbox',
    '--log-file=/x',
    '--No-Sandbox',
    '/no-sandbox',
    '-no-sandbox',
    ' --no-sandbox',
    '\t--no-sandbox ',
    '\n--js-flags=--expose-gc',
    '\u3000--no-sandbox',
    '\u0085--no-sandbox\u0085',
  ])('is seen: %s', (arg) => {
    expect(dangerousSwitches(['a.iso', arg])).toHaveLength(1);
  });

  it('is not seen in our own options or in file names', () => {
    expect(dangerousSwitches(['--data-dir', '/no-sandbox/file', 'inspect', '--no-open'])).toEqual([]);
  });
});
