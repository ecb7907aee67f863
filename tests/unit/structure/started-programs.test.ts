// Every account of a computer can read the arguments of a program, and a name without a path is looked for in folders that others may
// choose. So the files that start programs are few, and none of them knows a secret.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const rooms = ['host', 'browser', 'electron', 'shared'];

/** Each with what it starts. */
const starters = [
  // The window: a browser that was found by its whole path.
  'browser/open-window.ts',
  // The version of a browser.
  'browser/find-firefox.ts',
  // The dialog of the desktop.
  'browser/folder-dialog.ts',
  // The file manager.
  'browser/reveal.ts',
  // `route` by its whole path, for the gateways.
  'host/router/system-program.ts',
  // `sync`.
  'host/disk/real-disk.ts',
  // `xattr`.
  'host/sink/quarantine-marks.ts',
  // The process of the host.
  'electron/host-supervisor.ts',
];

function sourcesOf(room: string): string[] {
  return readdirSync(path.join(root, room), { recursive: true })
    .map((file) => path.posix.join(room, String(file).replaceAll('\\', '/')))
    .filter((file) => /\.tsx?$/.test(file));
}

/** Without comments. */
const textOf = (file: string) =>
  readFileSync(path.join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

describe('programs', () => {
  const starting = rooms
    .flatMap(sourcesOf)
    .filter((file) => /\bnode:child_process\b|\butilityProcess\.fork\b/.test(textOf(file)));

  it('are started by these files alone', () => {
    expect(starting.sort()).toEqual([...starters].sort());
  });

  it.each(starters)('get no secret by %s', (file) => {
    expect(textOf(file)).not.toMatch(/token|secret|password|startCode|invite\b|reply\b/i);
  });

  it.each(starters)('are never a line for a shell, nor a name to be looked for: %s', (file) => {
    const text = textOf(file);
    expect(text).not.toMatch(/\bshell: true\b|\bexecSync\(|[^.]\bexec\(/);
    const named = [...text.matchAll(/\b(?:spawn|spawnSync|execFile|execFileSync)\(\s*'([^']+)'/g)].map(
      ([, name]) => name!,
    );
    expect(named.filter((name) => !path.posix.isAbsolute(name))).toEqual([]);
  });
});
