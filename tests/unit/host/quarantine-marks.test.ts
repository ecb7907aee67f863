// What arrives is marked as coming from elsewhere. The ways of Windows and macOS are walked on whatever disk is here: what is
// written and run, and when. That NTFS takes the stream and macOS the attribute is not shown by this.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../host/host.ts';
import { openHost } from '../../../host/open-host.ts';
import { type QuarantineMarks, quarantineMarks } from '../../../host/sink/quarantine-marks.ts';
import { xattrFilesAtOnce } from '../../../shared/wire/limits.ts';
import { incoming, openQuietServices, receiveAll } from './receive-steps.ts';

let folder: string;
let downloads: string;
let host: Host | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-marks-'));
  downloads = path.join(folder, 'downloads');
  mkdirSync(downloads);
});
afterEach(async () => {
  await host?.close();
  host = undefined;
  rmSync(folder, { recursive: true });
});

const zone = '[ZoneTransfer]\r\nZoneId=3\r\n';
const times = { mtimeMs: 1_500_000_000_000, executable: true };
const sent = () =>
  incoming([
    { path: ['trip', 'run.sh'], bytes: Buffer.from('#!/bin/sh'), ...times },
    { path: ['alone.exe'], bytes: Buffer.from('MZ'), ...times },
    { path: ['large.bin'], bytes: Buffer.alloc(600_000, 7), ...times },
  ]);
const arrived = ['trip/run.sh', 'alone.exe', 'large.bin'];

async function receiveWith(marks: QuarantineMarks): Promise<void> {
  const services = openQuietServices(async (file) => rmSync(file));
  host = await openHost({ dataDir: path.join(folder, 'data'), downloadDir: downloads, version: '0', services, marks });
  await receiveAll(host, sent(), 'keep-both');
  for (const name of arrived) {
    const { mode, mtimeMs } = statSync(path.join(downloads, name));
    expect([name, mode & 0o111, mtimeMs]).toEqual([name, 0, times.mtimeMs]);
  }
}

describe('on Windows', () => {
  // Before its time is set, because writing the stream is writing the file: `make-files.test.ts`.
  it('every file carries the zone of the internet, with its own time kept and nothing to run', async () => {
    await receiveWith(quarantineMarks('win32'));
    // Here a stream is a file beside, so only that of a whole folder comes along.
    expect(readFileSync(path.join(downloads, 'trip/run.sh:Zone.Identifier'), 'latin1')).toBe(zone);
  });
});

describe('on macOS', () => {
  it('every file is quarantined before it gets its name', async () => {
    const runs: { program: string; args: readonly string[]; named: string[] }[] = [];
    await receiveWith(
      quarantineMarks('darwin', async (program, args) => {
        runs.push({ program, args, named: arrived.filter((name) => existsSync(path.join(downloads, name))) });
        expect(args.slice(3).filter((file) => !path.isAbsolute(file) || !existsSync(file))).toEqual([]);
      }),
    );
    expect(new Set(runs.map(({ program }) => program))).toEqual(new Set(['/usr/bin/xattr']));
    for (const { args } of runs) {
      expect(args.slice(0, 2)).toEqual(['-w', 'com.apple.quarantine']);
      expect(args[2]).toMatch(/^0081;[0-9a-f]{8};Tincan;$/);
    }
    expect(runs.flatMap(({ args }) => args.slice(3))).toHaveLength(arrived.length);
    expect(runs[0]?.named).toEqual([]);
  });

  it('many are marked with few starts', async () => {
    const sizes: number[] = [];
    const files = Array.from({ length: 2 * xattrFilesAtOnce + 1 }, (_, at) => `/x/${at}`);
    await quarantineMarks('darwin', async (_, args) => void sizes.push(args.length - 3)).together(files);
    expect(sizes).toEqual([xattrFilesAtOnce, xattrFilesAtOnce, 1]);
  });

  it('a system without that program keeps the files all the same', async () => {
    await receiveWith(quarantineMarks('darwin'));
  });
});

it('leaves nothing beside the files where the system has no such mark', async () => {
  const ran: string[] = [];
  await receiveWith(quarantineMarks('linux', async (program) => void ran.push(program)));
  expect(ran).toEqual([]);
  expect(readdirSync(downloads, { recursive: true }).map(String).sort()).toEqual([
    'alone.exe',
    'large.bin',
    'trip',
    'trip/run.sh',
  ]);
});
