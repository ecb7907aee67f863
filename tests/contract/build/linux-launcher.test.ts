// The script that starts a Linux package: run as it ships, in a folder as a person unpacks it, on systems that do and do not
// let a program make its sandbox.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcherScript, linuxProgram, realProgram } from '../../../build/linux-launcher.ts';

let folder: string;
/** With a blank, as folders of people have. */
let unpacked: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-launcher-'));
  unpacked = path.join(folder, 'My Tincan');
  mkdirSync(unpacked);
  write(path.join(unpacked, linuxProgram), launcherScript(path.join(folder, 'system')));
  write(path.join(unpacked, realProgram), '#!/bin/sh\nprintf "%s\\n" started "$PWD" "$@"\nexit 7\n');
  write(path.join(unpacked, 'chrome-sandbox'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

function onSystem(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'system', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** The tools of a desktop write down what they are asked to show. */
function desktopWith(tool: string): string {
  const tools = path.join(folder, 'tools');
  mkdirSync(tools);
  write(path.join(tools, tool), `#!/bin/sh\nprintf "%s\\n" "$@" >'${folder}/shown'\n`);
  return tools;
}

/** What starts it from a menu has no terminal; `typed` is the path as somebody gives it. */
function start(typed = path.join(unpacked, linuxProgram), tools = '') {
  const args = ['--data-dir', "it's here", 'a b', '*'];
  const env = { PATH: tools === '' ? '/usr/bin:/bin' : `${tools}:/usr/bin:/bin` };
  const { status, stdout, stderr } = spawnSync(typed, args, { cwd: folder, env, encoding: 'utf8' });
  return { status, lines: stdout.split('\n').slice(0, -1), said: stderr };
}

const started = () => ({ status: 7, lines: ['started', folder, '--data-dir', "it's here", 'a b', '*'], said: '' });
const ubuntu = { 'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' };

describe.skipIf(process.platform !== 'linux')('a Linux package', () => {
  it.each([
    ['that says nothing', {}],
    ['an older Ubuntu', { 'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '0\n' }],
    ['that allows them to everybody', { 'proc/sys/kernel/unprivileged_userns_clone': '1\n' }],
  ])('starts with its arguments as they are on a system %s', (_what, files) => {
    onSystem(files as Record<string, string>);
    expect(start()).toEqual(started());
  });

  it.each([
    ['Ubuntu 23.10 and later', ubuntu],
    ['an older Debian', { 'proc/sys/kernel/unprivileged_userns_clone': '0\n' }],
    ['a system with a limit of none', { 'proc/sys/user/max_user_namespaces': '0\n' }],
  ])('says in one line what to do, and does not start, on %s', (_what, files) => {
    onSystem(files as Record<string, string>);
    const { status, lines, said } = start();
    expect([status, lines]).toEqual([1, []]);
    expect(said.trimEnd().split('\n')).toHaveLength(1);
    expect(said).toContain(`sudo chmod 4755 '${unpacked}/chrome-sandbox'`);
  });

  it.each(['zenity', 'kdialog', 'xmessage', 'notify-send'])('shows the same in a window, with %s', (tool) => {
    onSystem(ubuntu);
    const { status, said } = start(undefined, desktopWith(tool));
    expect(status).toBe(1);
    expect(readFileSync(path.join(folder, 'shown'), 'utf8')).toContain(said.trimEnd());
  });

  it('starts where somebody did what it said, and where a profile names it', () => {
    onSystem(ubuntu);
    onSystem({ 'etc/apparmor.d/mine': `profile mine "${unpacked}/${linuxProgram}" flags=(unconfined) { userns, }` });
    expect(start()).toEqual(started());
    rmSync(path.join(folder, 'system/etc'), { recursive: true });
    expect(start().status).toBe(1);
    if (process.getuid?.() !== 0) return;
    chownSync(path.join(unpacked, 'chrome-sandbox'), 0, 0);
    chmodSync(path.join(unpacked, 'chrome-sandbox'), 0o4755);
    expect(start()).toEqual(started());
  });

  it('is found through a link, as the .deb makes one in /usr/bin', () => {
    symlinkSync(path.join(unpacked, linuxProgram), path.join(folder, 'tincan'));
    expect(start(path.join(folder, 'tincan'))).toEqual(started());
    expect(existsSync(path.join(folder, 'shown'))).toBe(false);
  });
});
