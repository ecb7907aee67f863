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

it('links two people whatever they and their networks do, in fifty runs, and leaves the same trace a second time', async () => {
  const seeds = ['simulation/simulate.ts', '--what', 'link', '--seeds', '50', '--twice'];
  const { stdout } = await promisify(execFile)(process.execPath, seeds, { cwd: root }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  );
  expect(stdout.split('\n').filter((line) => line.startsWith('seed '))).toEqual([]);
  expect(stdout).toContain('all passed');
}, 180_000);

it('holds them over the real link as well, in twenty-five runs, and leaves the same trace a second time', async () => {
  const seeds = ['simulation/simulate.ts', '--what', 'whole', '--seeds', '25', '--twice'];
  const { stdout } = await promisify(execFile)(process.execPath, seeds, { cwd: root }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  );
  expect(stdout.split('\n').filter((line) => line.startsWith('seed '))).toEqual([]);
  expect(stdout).toContain('all passed');
}, 180_000);

it('makes a failing run short, and fails alike with the steps that are left', async () => {
  const planted = ['simulation/simulate.ts', '--what', 'link', '--mutant', 'link-left-open', '--seed', '3'];
  const run = (...more: readonly string[]) =>
    promisify(execFile)(process.execPath, [...planted, ...more], { cwd: root, maxBuffer: 64 * 1024 * 1024 }).catch(
      (failed: { readonly stdout: string }) => failed,
    );
  const shrunk = (await run('--shrink')).stdout;
  const [, left, all] = /fails with (\d+) of (\d+) steps/.exec(shrunk) ?? [];
  expect(Number(left)).toBeLessThan(Number(all));
  const only = /--only (\S+) --log/.exec(shrunk)?.[1] ?? '';
  expect((await run('--seeds', '1', '--only', only)).stdout).toMatch(/^seed 3 failed: .* connections after the end/m);
}, 120_000);

it('holds them when the power goes, the program ends or an error comes at one disk call in nine', async () => {
  const sweep = ['simulation/sweep.ts', 'resume', 'replace', 'without-links', 'replace-without-links', '--every', '9'];
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
