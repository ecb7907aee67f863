// The stand-in takes signals as Electron does, so that the tests of quitting could fail: what is set before `ready` never runs,
// and without a handler of one's own the second signal of a kind ends the process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../e2e/instance.ts';

const register = fileURLToPath(new URL('../electron-standin/register.mjs', import.meta.url));
const app = `
  import { app } from 'electron/main';
  const when = process.argv.at(-1);
  const listen = () => process.on('SIGINT', () => console.log('handled'));
  if (when.startsWith('before')) listen();
  await app.whenReady();
  if (when.endsWith('after')) listen();
  app.on('before-quit', (event) => {
    console.log('asked to quit');
    event.preventDefault();
  });
  console.log('ready');
  setInterval(() => {}, 1000);
`;

/** What the app says to two signals, and how it ends. Where they do not end it, nothing does. */
async function twoSignals(when: string) {
  const script = path.join(temporaryFolder('signals'), 'app.mjs');
  writeFileSync(script, app);
  const child = spawn(process.execPath, ['--import', register, script, when], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = once(child, 'exit').then(([, signal]) => signal as string);
  await expect.poll(() => lines, { timeout: 10_000 }).toEqual(['ready']);
  child.kill('SIGINT');
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(2);
  child.kill('SIGINT');
  const third = expect.poll(() => lines.length, { timeout: 10_000 }).toBe(3);
  const end = await Promise.race([ended, third.then(() => 'lives')]);
  return { said: lines.slice(1), end };
}

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it.each([
    ['after', { said: ['handled', 'handled'], end: 'lives' }],
    ['never', { said: ['asked to quit'], end: 'SIGINT' }],
    ['before', { said: ['asked to quit'], end: 'SIGINT' }],
    // Node asked the system once, and Chromium took that away.
    ['before-and-after', { said: ['asked to quit'], end: 'SIGINT' }],
  ])('with a handler that is set %s `ready`', async (when, expected) => {
    expect(await twoSignals(when)).toEqual(expected);
  });
});
