// The desktop's folder dialog, through a program in its place: what it is asked, and what its answers mean.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findFolderDialog } from '../../../browser/folder-dialog.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-dialog-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A program of that name which notes its arguments and then does `answer`. */
function install(name: string, answer: string): NodeJS.ProcessEnv {
  const program = path.join(folder, name);
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${folder}/asked'\n${answer}\n`);
  chmodSync(program, 0o755);
  return { PATH: folder, DISPLAY: ':0' };
}

const asked = () => readFileSync(path.join(folder, 'asked'), 'utf8').trimEnd().split('\n');

describe.runIf(process.platform !== 'win32')('a folder dialog', () => {
  it.each([
    ['zenity', ['--file-selection', '--directory', '--title=Tincan: choose where to save', '--filename=/home/$(x)/']],
    ['kdialog', ['--title', 'Tincan: choose where to save', '--getexistingdirectory', '/home/$(x)']],
  ])('of %s answers with the folder that was chosen', async (name, args) => {
    const ask = findFolderDialog(install(name, "printf '/tmp/a folder\\n'"), 'linux')!;
    expect(await ask('/home/$(x)')).toBe('/tmp/a folder');
    expect(asked()).toEqual(args);
  });

  it('that was closed answers with nothing', async () => {
    expect(await findFolderDialog(install('zenity', 'exit 1'), 'linux')!('/')).toBeUndefined();
    expect(await findFolderDialog(install('zenity', 'exit 0'), 'linux')!('/')).toBeUndefined();
  });

  it('that fails is a fault, and the next one opens', async () => {
    const ask = findFolderDialog(install('zenity', 'exit 255'), 'linux')!;
    await expect(ask('/')).rejects.toMatchObject({ code: 'internal' });
    await expect(ask('/')).rejects.toMatchObject({ code: 'internal' });
  });

  it('is one at a time', async () => {
    const ask = findFolderDialog(install('zenity', `while [ ! -e '${folder}/go' ]; do :; done; echo /a`), 'linux')!;
    const first = ask('/');
    await expect(ask('/')).rejects.toMatchObject({ code: 'bridge-busy' });
    writeFileSync(path.join(folder, 'go'), '');
    expect(await first).toBe('/a');
  });

  it('does not outlive Tincan, which nobody could tell the answer', async () => {
    const ending = new AbortController();
    const env = install('zenity', `echo $$ > '${folder}/pid'; exec /bin/sleep 60`);
    const ask = findFolderDialog(env, 'linux', ending.signal)!;
    const answer = expect(ask('/')).rejects.toMatchObject({ code: 'internal' });
    const pid = await vi.waitFor(() => {
      const told = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
      expect(told).toBeGreaterThan(0);
      return told;
    });
    ending.abort();
    await answer;
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });

  it('is not looked for without a desktop, or in a folder that depends on where one stands', () => {
    const { PATH } = install('zenity', '');
    expect(findFolderDialog({ PATH }, 'linux')).toBeUndefined();
    expect(findFolderDialog({ DISPLAY: ':0', PATH: path.relative(process.cwd(), folder) }, 'linux')).toBeUndefined();
    expect(findFolderDialog({ DISPLAY: ':0' }, 'linux')).toBeUndefined();
  });
});
