// What is opened on a click, and what is asked about or refused first.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { mayRunPrograms, webLink } from '../../../host/open-received.ts';

function fileNamed(name: string, mode = 0o644): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-open-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, name);
  writeFileSync(file, 'x');
  chmodSync(file, mode);
  return file;
}

describe('a received file', () => {
  it.each([
    ['report.pdf', 0o644, false],
    ['setup.exe', 0o644, true],
    ['install.sh', 0o644, true],
    ['x.desktop', 0o644, true],
    ['tool', 0o755, process.platform !== 'win32'],
  ])('%s with mode %o may run programs: %s', async (name, mode, may) => {
    expect(await mayRunPrograms(openRealDisk(), fileNamed(name, mode))).toBe(may);
  });

  it('that is gone is not opened', async () => {
    await expect(mayRunPrograms(openRealDisk(), path.join(tmpdir(), 'no-such-file'))).rejects.toThrow();
  });
});

describe('a link', () => {
  it('to the web is opened', () => {
    expect(webLink('https://example.org/a?b=c#d')).toBe('https://example.org/a?b=c#d');
    expect(webLink('http://192.168.1.2:8080/')).toBe('http://192.168.1.2:8080/');
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://host/share',
    'ms-msdt:/id',
    'https://bank.example@evil.example/',
    '-Wv',
    'example.org',
    '',
  ])('%s is refused', (url) => expect(() => webLink(url)).toThrow(/only links to the web/));
});
