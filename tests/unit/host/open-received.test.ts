// What is opened on a click, and what is asked about or refused first.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openHost } from '../../../host/open-host.ts';
import { mayRunPrograms, webLink } from '../../../host/open-received.ts';
import { incoming, openQuietServices, receiveAll } from './receive-steps.ts';

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

describe('a received program, in a shell that asks the person itself', () => {
  async function received(answer: () => Promise<boolean>) {
    const folder = mkdtempSync(path.join(tmpdir(), 'tincan-open-'));
    const downloadDir = path.join(folder, 'downloads');
    mkdirSync(downloadDir);
    const opened: string[] = [];
    const services = {
      ...openQuietServices(async () => undefined),
      openFile: async (file: string) => void opened.push(path.basename(file)),
      confirmOpen: answer,
    };
    const host = await openHost({ dataDir: path.join(folder, 'data'), downloadDir, version: '0', services });
    onTestFinished(async () => {
      await host.close();
      rmSync(folder, { recursive: true });
    });
    const offer = incoming([{ path: ['setup.exe'], bytes: Buffer.from('x') }]);
    await receiveAll(host, offer, 'keep-both');
    const open = async () => host.ui['transfer.open']({ transfer: offer.transfer, isConfirmed: true });
    const reveal = async () => host.ui['transfer.reveal']({ transfer: offer.transfer });
    return { open, opened, reveal, file: path.join(downloadDir, 'setup.exe') };
  }

  it('is not opened by a page that says that the person confirmed it', async () => {
    const { open, opened } = await received(async () => false);
    expect(await open()).toEqual({ at: 'declined' });
    expect(opened).toEqual([]);
  });

  it('is opened once the person said so', async () => {
    const { open, opened } = await received(async () => true);
    expect(await open()).toEqual({ at: 'opened' });
    expect(opened).toEqual(['setup.exe']);
  });

  it('is shown in its folder while that is there, and called gone where it is not', async () => {
    const { file, reveal } = await received(async () => true);
    rmSync(file);
    await reveal();
    rmSync(path.dirname(file), { recursive: true });
    await expect(reveal()).rejects.toMatchObject({ code: 'source-missing' });
  });

  it('is not opened where a link took its place, or nothing is left', async () => {
    const { file, open, opened } = await received(async () => true);
    rmSync(file);
    await expect(open()).rejects.toMatchObject({ code: 'source-missing' });
    symlinkSync('/bin/sh', file);
    await expect(open()).rejects.toMatchObject({ code: 'source-missing' });
    expect(opened).toEqual([]);
  });

  it('is not opened where a link took its place while the person was asked', async () => {
    const shown: { file?: string } = {};
    const { file, open, opened } = await received(async () => {
      rmSync(shown.file!);
      symlinkSync('/bin/sh', shown.file!);
      return true;
    });
    shown.file = file;
    await expect(open()).rejects.toMatchObject({ code: 'source-missing' });
    expect(opened).toEqual([]);
  });

  it('is asked about once at a time, however often a page wants it', async () => {
    const answer = Promise.withResolvers<boolean>();
    const { open } = await received(() => answer.promise);
    const first = open();
    await expect(open()).rejects.toMatchObject({ code: 'bridge-busy' });
    answer.resolve(false);
    expect(await first).toEqual({ at: 'declined' });
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
