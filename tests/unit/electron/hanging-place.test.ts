// A network share that hangs keeps a thread of the host for each thing that it was asked. The host has so many that the others go on.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { superviseOne } from './one-host.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));

const realDisk = pathToFileURL(path.resolve(import.meta.dirname, '../../../host/disk/real-disk.ts')).href;

/** Whoever opens a pipe waits until somebody writes into it. */
const script = `
  import { openSync, promises, constants } from 'node:fs';
  import { openRealDisk } from '${realDisk}';
  const [folder, ...pipes] = process.argv.slice(1);
  const hanging = pipes.map((pipe) => promises.open(pipe, 'r'));
  const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'late'));
  const answer = await Promise.race([openRealDisk().facts(folder), late]);
  process.stdout.write(answer === 'late' ? 'late' : answer.kind);
  for (const pipe of pipes) openSync(pipe, constants.O_RDWR);
  for (const handle of await Promise.all(hanging)) await handle.close();
`;

it.skipIf(process.platform === 'win32')(
  'a place that hangs keeps nobody from the other disks',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tincan-hanging-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const pipes = Array.from({ length: 32 }, (_, nth) => path.join(folder, `${nth}`));
    execFileSync('mkfifo', pipes);
    const { child, host } = superviseOne({});
    onTestFinished(() => host.close());
    const args = ['--input-type=module', '--no-warnings', '--eval', script, folder, ...pipes];
    expect(execFileSync(process.execPath, args, { env: child.env, encoding: 'utf8' })).toBe('folder');
  },
  20_000,
);

it('the host process keeps the environment of the app', () => {
  vi.stubEnv('TINCAN_TEST', 'kept');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { child, host } = superviseOne({});
  onTestFinished(() => host.close());
  expect(child.env).toMatchObject({ TINCAN_TEST: 'kept', PATH: process.env.PATH });
});
