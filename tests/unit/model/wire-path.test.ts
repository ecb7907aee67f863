// Names as strangers send them: each is refused with the whole offer, stored under a portable name, or kept as it is.
// Every row holds under the rules of every target, whatever system the test runs on.

import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinPath } from '../../../host/sink/disk-path.ts';
import type { ManifestEntry } from '../../../shared/model/manifest.ts';
import { parseManifestEntries } from '../../../shared/model/manifest-parse.ts';
import type { NameTarget } from '../../../shared/model/name-rules.ts';
import { type PlannedEntry, planNames } from '../../../shared/model/wire-path.ts';
import { nameMaxBytes } from '../../../shared/wire/limits.ts';

const targets: readonly NameTarget[] = ['posix', 'windows', 'fat'];
const file = (...names: string[]): ManifestEntry => ({
  kind: 'file',
  path: names,
  size: 1,
  mtimeMs: 0,
  executable: false,
});
const folder = (...names: string[]): ManifestEntry => ({ kind: 'folder', path: names, mtimeMs: 0 });
/** As they come off the wire: shape first, then names. */
const plan = (entries: readonly unknown[], target: NameTarget = 'posix'): readonly PlannedEntry[] => [
  ...planNames(parseManifestEntries(entries, 0), target),
];
const stored = (name: string, target: NameTarget = 'posix') => plan([file('top', name)], target)[0]!.path[1];

describe('a name that leads out of its folder', () => {
  const rows: readonly [string, unknown][] = [
    ['N1 ..', ['..']],
    ['N1 .. in the middle', ['a', '..', 'b']],
    ['N2 .', ['.', 'a']],
    ['N2 an empty component', ['a', '']],
    ['N2 no component', []],
    ['N3 a slash', ['a/../../b']],
    ['N5 an absolute path as one text', '/etc/passwd'],
    ['N5 a host path as one text', '//h/s'],
    ['N5 an absolute path as components', ['', 'etc', 'passwd']],
    ['N6 a drive', ['C:']],
    ['N6 a path on a drive', ['C:evil']],
    ['N6 a path on a small drive', ['c:\\x']],
    ['N6 a drive behind a folder', ['a', 'C:', 'x']],
    ['N7 a share', ['\\\\srv\\share']],
    ['N7 a device', ['\\\\?\\C:\\']],
    ['N7 a raw disk', ['\\\\.\\PhysicalDrive0']],
    ['N7 an object', ['\\??\\C:']],
    ['N8 NUL', ['a\0b']],
    ['N9 a lone surrogate', ['s\uD800']],
    ['N9 its twin', ['s\uDC01']],
    ['N24 deeper than any disk', Array.from({ length: 65 }, () => 'd')],
  ];
  it.each(rows)('refuses the whole offer: %s', (_what, names) => {
    for (const target of targets) {
      const entries = [file('innocent'), { ...file('x'), path: names }];
      expect(() => plan(entries, target)).toThrow(expect.objectContaining({ name: 'Fault' }));
    }
  });
});

describe('a name that no two systems agree on', () => {
  const everywhere: readonly [string, string, string][] = [
    ['N4 a backslash', 'a\\b', 'a_b'],
    ['N11 control characters', 'a\u0001\u001b[2J\u007f\u0085\r\n\tb', 'a__[2J_____b'],
    ['N12 a stream', 'x.txt:evil.exe', 'x.txt_evil.exe'],
    ['N12 the unnamed stream', 'xx::$DATA', 'xx__$DATA'],
    ['N12 the mark of the web', 'doc:Zone.Identifier', 'doc_Zone.Identifier'],
    ...[
      'CON',
      'nul.txt',
      'aux.tar.gz',
      'COM0',
      'com9.x',
      'LPT1',
      'COM¹',
      'lpt³.txt',
      'CONIN$',
      'conout$',
      'CLOCK$',
    ].map((name): [string, string, string] => [`N13 the device ${name}`, name, `_${name}`]),
    ['N13 a device before a blank', 'con .txt', '_con .txt'],
    ['N14 a dot at the end', 'x.', 'x'],
    ['N14 a blank and a dot', 'x .', 'x'],
    ['N14 nothing but dots', '...', '_'],
    ['N14 a blank', ' ', '_'],
    ['N16 text turned round', 'photo_\u202Egpj.exe', 'photo_gpj.exe'],
    ['N16 isolates and marks', '\u2066a\u2069\u200E\u200F\u061Cb', 'ab'],
    ['N17 zero width', 'a\u200B\u200C\uFEFF\u00ADb', 'ab'],
    ['N17 tags and fillers', 'a\u{E0041}\u3164\u{E000}b', 'ab'],
    ['N17 nothing left', '\u200B\u2060', 'file'],
    ['N17 a joiner beside no emoji', 'a\u200Db', 'ab'],
    ['N18 blanks around', '\u00A0\u3000 a \u3000', 'a'],
    ['N18 blanks that push the ending away', `invoice.pdf${' '.repeat(200)}.exe`, 'invoice.pdf .exe'],
    ['N31 our own staging folder', '.tincan-0123456789ab', '_tincan-0123456789ab'],
  ];
  it.each(everywhere)('is stored under another, and that is said: %s', (_what, sent, wanted) => {
    for (const target of targets) {
      const [entry] = plan([file('top', sent)], target);
      expect(entry!.path).toEqual(['top', wanted]);
      expect(entry!.flags).toContain('renamed');
      // What is shown of the old one hides nothing either.
      expect(entry!.sentAs).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }
  });

  it.each([
    ['N15 signs that Windows keeps for itself', 'a<b>"c|d?e*', 'a_b__c_d_e_'],
    ['N29 the short form of another name', 'PROGRA~1', 'PROGRA_1'],
    ['N29 the short form with an ending', 'A~1.TXT', 'A_1.TXT'],
  ])('is changed only where the disk would not take it: %s', (_what, sent, wanted) => {
    expect([stored(sent), stored(sent, 'windows'), stored(sent, 'fat')]).toEqual([sent, wanted, wanted]);
  });

  it.each([
    ['N22 255 letters of two bytes', 'ä'.repeat(255)],
    ['N22 256 bytes', 'x'.repeat(256)],
    ['N22 255 pairs of units', '😀'.repeat(255)],
    ['N22 with an ending to keep', `${'語'.repeat(200)}.tar.gz`],
    ['N22 one grapheme of many marks', `e${'\u0301'.repeat(400)}`],
  ])('is cut to what every disk takes, between graphemes: %s', (_what, sent) => {
    for (const target of targets) {
      const name = stored(sent, target)!;
      expect(new TextEncoder().encode(name).byteLength).toBeLessThanOrEqual(nameMaxBytes);
      expect(name.length).toBeLessThanOrEqual(nameMaxBytes);
      expect(name.isWellFormed()).toBe(true);
      if (sent.endsWith('.gz')) expect(name.endsWith('.gz')).toBe(true);
    }
  });

  it('N24 whose path is too long for the system is left out by name, and the rest may come', () => {
    const long = Array.from({ length: 20 }, () => 'd'.repeat(200));
    const [kept, left] = plan([file('a'), file(...long)]);
    expect([kept!.refused, left!.refused]).toEqual([undefined, 'disk-name-too-long']);
    expect(left!.flags).toContain('cannot-store');
  });
});

describe('two names that are one on some disk', () => {
  it.each([
    ['N19 composed and decomposed', 'é.txt', 'e\u0301.txt'],
    ['N20 large and small', 'Readme', 'README'],
    ['N21 sharp s', 'straße', 'STRASSE'],
    ['N21 large sharp s', 'ẞ', 'ss'],
    ['N21 a ligature', 'ﬁle', 'file'],
    ['N21 the Kelvin sign', '\u212A', 'k'],
    ['N21 i without its dot', 'ı', 'i'],
    ['N14 one that only differs in dots', 'x', 'x..'],
  ])('get different ones: %s', (_what, first, second) => {
    for (const target of targets) {
      const [one, two] = plan([file('t', first), file('t', second)], target);
      expect(one!.path[1]).toBe(first);
      expect(two!.path[1]).toMatch(/ \(2\)/);
    }
  });

  it('N20 folders too: what is in them goes where they went', () => {
    const entries = [folder('A'), file('A', 'x'), folder('a'), file('a', 'x')];
    expect(plan(entries).map(({ path: names }) => names.join('/'))).toEqual(['A', 'A/x', 'a (2)', 'a (2)/x']);
  });

  it('keep their numbers apart, however many there are and however long', () => {
    const long = Array.from({ length: 12 }, (_, nth) => `${'x'.repeat(253)}${nth}`.slice(-255));
    const dotted = ['a', 'A', 'á', 'Á'].map((start) => `${start}.${'b'.repeat(250)}`);
    const taken = ['x.txt', 'x (2).txt', 'X.txt', 'X (2).txt', 'X.TXT', 'x (3).TXT'];
    for (const target of targets) {
      const names = plan([...long, ...long.map((name) => name.toUpperCase()), ...dotted, ...taken].map((n) => file(n)));
      const keys = names.map(({ path: [name] }) => name!.toLowerCase());
      expect(new Set(keys).size).toBe(keys.length);
      const last = plan(
        taken.map((name) => file(name)),
        target,
      ).map(({ path: [name] }) => name);
      expect(last).toEqual(['x.txt', 'x (2).txt', 'X (3).txt', 'X (2) (2).txt', 'X (4).TXT', 'x (3) (2).TXT']);
    }
  });

  it('may be a folder and a file whose name begins with "folder"', () => {
    expect(plan([file('folder x'), folder('x')]).map(({ path: [name] }) => name)).toEqual(['folder x', 'x']);
  });

  it.each([
    ['N34 a file that is a folder elsewhere', [file('a'), file('a', 'b')]],
    ['N34 a folder that is a file elsewhere', [file('a', 'b'), file('a')]],
    ['A8 the same file twice', [file('t', 'a'), file('t', 'a')]],
    ['A8 the same folder twice', [folder('t'), folder('t')]],
  ])('refuse the offer where they can only be a trick: %s', (_what, entries) => {
    for (const target of targets) {
      expect(() => plan(entries, target)).toThrow(expect.objectContaining({ code: 'name-refused' }));
    }
  });
});

describe('a name that is odd and nothing else', () => {
  it.each([
    ['N26 switches', '-rf'],
    ['N26 a long switch', '--help'],
    ['N26 a command', '$(id)'],
    ['N26 another', '`id`'],
    ['N26 two', 'a; b && c'],
    ['N26 a variable', '%PATH%'],
    ['N26 a formula', "=cmd'!B2"],
    ['N27 a page in braces', '{{7+7}}'],
    ['N27 an entity', '&lt;b&gt;'],
    ['N28 a slash in percent', '%2e%2e%2f'],
    ['N28 an overlong slash in percent', '..%c0%af'],
    ['N28 fullwidth dots and slash', '．．／'],
    ['N28 leader dots', '․․'],
    ['N1 dots that begin a name', '...and justice for all.mp3'],
    ['N1 two dots that begin a name', '..rc'],
    ['N32 a family', '👩‍👩‍👧 family'],
    ['N32 a heart in colour', '❤️.txt'],
    ['N32 right to left', 'ملف.txt'],
    ['N32 han', '文件.txt'],
    ['N32 many marks', `z${'\u0335'.repeat(60)}`],
  ])('is kept to the letter: %s', (_what, name) => {
    for (const target of targets) expect(stored(name, target)).toBe(name);
  });

  it('N27 markup is kept as text where the disk takes it', () => {
    expect(stored('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>');
  });

  it.each([
    ['N25 a start-up script', ['.bashrc'], 'hidden'],
    ['N25 keys', ['.ssh', 'authorized_keys'], 'hidden'],
    ['N25 autostart', ['.config', 'autostart', 'x.desktop'], 'executable-kind'],
    ['N25 autorun', ['autorun.inf'], 'hidden'],
    ['N25 a folder’s own looks', ['desktop.ini'], 'hidden'],
    ['N25 hooks', ['.git', 'config'], 'hidden'],
    ['N30 two endings', ['a.pdf.exe'], 'double-extension'],
    ...['lnk', 'url', 'scf', 'desktop', 'command', 'terminal', 'library-ms', 'iso', 'EXE'].map(
      (ending): [string, string[], string] => [`N30 .${ending}`, [`x.${ending}`], 'executable-kind'],
    ),
  ])('may be dangerous, and the list says so: %s', (_what, names, flag) => {
    expect(plan([file(...names)])[0]!.flags).toContain(flag);
  });
});

describe('whatever the names (N1–N39)', () => {
  /** Pieces that mean something to some disk, put together in every way. */
  const piece = fc.constantFrom(
    ...[
      '..',
      '.',
      '/',
      '\\',
      ':',
      'C:',
      '\0',
      ' ',
      '~1',
      'con',
      'nul',
      'a',
      'A',
      'é',
      'e\u0301',
      'ß',
      'ss',
      '．',
      '／',
    ],
    ...[
      '\u202E',
      '\u200D',
      '\u{E0041}',
      '\uD800',
      '\n',
      '.tincan-',
      'x'.repeat(200),
      '👩',
      '%2f',
      '?',
      '$',
      '_',
      ' (2)',
    ],
  );
  const component = fc.oneof(
    fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const entry = fc
    .tuple(fc.boolean(), fc.array(component, { minLength: 1, maxLength: 5 }))
    .map(([isFile, names]) => (isFile ? file(...names) : folder(...names)));

  it('the offer is refused, or every path stays under the folder, alone, and where every disk can hold it', () => {
    let planned = 0;
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), fc.constantFrom(...targets), (entries, target) => {
        let result: readonly PlannedEntry[];
        try {
          result = plan(entries, target);
        } catch (error) {
          expect(error).toMatchObject({ name: 'Fault' });
          return;
        }
        planned += 1;
        expect(result.flatMap((planned) => wrongWith(planned, target))).toEqual([]);
        const files = result.filter(({ kind }) => kind === 'file');
        const keys = files.map(({ path: names }) => names.join('/').toLowerCase().normalize('NFC'));
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 5_000 },
    );
    expect(planned).toBeGreaterThan(300);
  }, 30_000);

  function wrongWith({ path: names }: PlannedEntry, target: NameTarget): string[] {
    const wrong: string[] = [];
    for (const [rules, root] of [
      [path.posix, '/dest/sub'],
      [path.win32, 'C:\\dest\\sub'],
    ] as const) {
      const full = rules.join(root, ...names);
      if (!full.startsWith(root + rules.sep)) wrong.push(`leaves its folder: ${full}`);
      const parts = rules.relative(root, full).split(rules.sep).length;
      if (parts !== names.length && (rules === path.posix || target !== 'posix'))
        wrong.push(`moves within it: ${full}`);
    }
    if (!joinPath('/dest/sub', names).startsWith('/dest/sub/')) wrong.push('is placed elsewhere');
    for (const name of names) {
      if (/[\p{Cc}\\/:]|^\.{1,2}$|[. ]$|^\.tincan-/u.test(name)) wrong.push(`is no portable name: ${name}`);
      if (new TextEncoder().encode(name).byteLength > nameMaxBytes) wrong.push(`is too long: ${name}`);
    }
    return wrong;
  }

  it('planning what was planned changes nothing more', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), fc.constantFrom(...targets), (entries, target) => {
        let once: readonly PlannedEntry[];
        try {
          once = plan(entries, target);
        } catch {
          return;
        }
        const again = plan(
          once.map(({ path: names }, at) => ({ ...entries[at]!, path: names })),
          target,
        );
        expect(again.map(({ path: names }) => names)).toEqual(once.map(({ path: names }) => names));
      }),
      { numRuns: 5_000 },
    );
  }, 30_000);
});
