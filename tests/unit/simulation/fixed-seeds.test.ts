// A fixed set of simulated runs, each of them twice. The simulation replaces the time, the chance and the files of its
// process, so it has one of its own.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

it('holds all promises in a hundred and fifty runs, and leaves the same trace a second time', async () => {
  const seeds = ['simulation/simulate.ts', '--seed', '1', '--seeds', '150', '--twice'];
  const { stdout } = await promisify(execFile)(process.execPath, seeds, { cwd: root }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  );
  expect(stdout.split('\n').filter((line) => line.startsWith('seed '))).toEqual([]);
  expect(stdout).toContain('all passed');
}, 180_000);

it('holds them when the power goes, the program ends or an error comes at one disk call in nine', async () => {
  const sweep = ['simulation/sweep.ts', 'resume', 'replace', 'without-links', '--every', '9'];
  const { stdout } = await promisify(execFile)(process.execPath, sweep, { cwd: root }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  );
  expect(stdout.split('\n').filter((line) => line.includes(', call '))).toEqual([]);
  expect(stdout).toContain('all passed');
}, 180_000);

it('fails a run that touches the real world', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['simulation/simulate.ts', '--seeds', '50', '--mutant', 'real-time'],
    { cwd: root },
  ).catch((failed: { readonly stdout: string }) => failed);
  expect(stdout).toContain('touched');
}, 60_000);
