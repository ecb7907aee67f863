// Where Electron's sandbox cannot work, `npm start` knows it before Electron dies of it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { diedOfSandbox, isSandboxForbidden, sandboxRemedy } from '../../../build/sandbox.mjs';

const program = '/opt/somewhere/electron';
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function system(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-system-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

describe.skipIf(process.platform !== 'linux')('the sandbox', () => {
  it.each([
    ['Ubuntu 23.10 and later', { 'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' }, true],
    ['an older Ubuntu', { 'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '0\n' }, false],
    ['an older Debian', { 'proc/sys/kernel/unprivileged_userns_clone': '0\n' }, true],
    ['a Debian that allows them', { 'proc/sys/kernel/unprivileged_userns_clone': '1\n' }, false],
    ['a system with a limit of none', { 'proc/sys/user/max_user_namespaces': '0\n' }, true],
    ['a system that says nothing', {}, false],
    [
      'Ubuntu with a profile for this program',
      {
        'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
        'etc/apparmor.d/mine': `profile mine ${program} flags=(unconfined) { userns, }`,
      },
      false,
    ],
  ])('is judged on %s', (_name, files, forbidden) => {
    expect(isSandboxForbidden(program, system(files as Record<string, string>))).toBe(forbidden);
  });

  it('is the reason of an early death by a fatal signal, and of nothing else', () => {
    const died = { signal: null, code: null, livedMs: 300 };
    expect(diedOfSandbox({ ...died, signal: 'SIGTRAP' })).toBe(true);
    expect(diedOfSandbox({ ...died, code: 133 })).toBe(true);
    expect(diedOfSandbox({ ...died, signal: 'SIGTRAP', livedMs: 60_000 })).toBe(false);
    expect(diedOfSandbox({ ...died, signal: 'SIGTERM' })).toBe(false);
    expect(diedOfSandbox({ ...died, code: 1 })).toBe(false);
  });

  it('can be repaired by one line that names the helper', () => {
    expect(sandboxRemedy(program)).toContain('chmod 4755 "/opt/somewhere/chrome-sandbox"');
  });
});
