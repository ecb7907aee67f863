// The package that will be published, as it is: it starts, closes when asked, and refuses to be debugged.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../e2e/instance.ts';
import { packagedProgram } from './packaged.ts';

const program = packagedProgram('TINCAN_RELEASE_FOLDER');
const running = new Set<ReturnType<typeof spawn>>();

afterEach(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
  running.clear();
});

describe.skipIf(program === undefined)('the package that will be published', () => {
  it('starts, and closes when it is asked to', async () => {
    const { child, dataDir } = start([]);
    const endedFirst = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`it ended with ${code ?? signal}`);
    });
    const started = expect.poll(() => logIn(dataDir), { timeout: 60_000 }).toMatch(/"is":"started","shell":"electron"/);
    await Promise.race([started, endedFirst]);
    // Windows has no signal that asks.
    if (process.platform === 'win32') return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    expect(logIn(dataDir)).toMatch(/"is":"stopped"/);
  });

  it('does not start with a debugger', async () => {
    const { child } = start(['--remote-debugging-port=0']);
    expect((await once(child, 'exit'))[0]).toBe(2);
  });
});

function start(args: readonly string[]) {
  const dataDir = path.join(temporaryFolder('packaged'), 'data');
  const child = spawn(program!, ['--data-dir', dataDir, ...args], { stdio: 'ignore' });
  running.add(child);
  return { child, dataDir };
}

function logIn(dataDir: string): string {
  const logs = path.join(dataDir, 'logs');
  if (!existsSync(logs)) return '';
  return readdirSync(logs)
    .map((name) => readFileSync(path.join(logs, name), 'utf8'))
    .join('');
}
