// How `npm start` passes signals on and what it does when Electron dies at once: real processes in a group of their own,
// signalled as a terminal (the whole group), npm (us as well) and `kill` (us alone) do.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const openApp = fileURLToPath(new URL('../../../build/open-app.mjs', import.meta.url));
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** As Electron: one graceful shutdown for each kind of signal, and the second of the same kind kills. */
const likeElectron = `
  const had = new Set();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {
    if (had.has(signal)) process.exit(99);
    had.add(signal);
    setTimeout(() => { console.log('saved'); process.exit(7); }, 300);
  });
  console.log('ready');
  setInterval(() => {}, 1000);
`;

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it.each([
    ['Ctrl-C in a terminal', [['group', 'SIGINT']]],
    [
      'Ctrl-C in a terminal under npm',
      [
        ['group', 'SIGINT'],
        ['us', 'SIGINT'],
      ],
    ],
    ['the end of a whole group', [['group', 'SIGTERM']]],
    ['a closed terminal', [['group', 'SIGHUP']]],
    ['SIGINT to us alone', [['us', 'SIGINT']]],
    ['SIGTERM to us alone', [['us', 'SIGTERM']]],
    [
      'SIGTERM to us alone, twice',
      [
        ['us', 'SIGTERM'],
        ['us', 'SIGTERM'],
      ],
    ],
    ['SIGHUP to us alone', [['us', 'SIGHUP']]],
  ] as const)('lets Electron save and end by itself: %s', async (_name, signals) => {
    const started = start({ electron: script('electron', likeElectron), browserShell: script('browser', '') });
    await started.line('ready');
    for (const [to, signal] of signals) process.kill(to === 'group' ? -started.pid : started.pid, signal);
    expect(await started.ended).toEqual({ status: 7, lines: ['ready', 'saved'], said: '' });
  });
});

describe.skipIf(process.platform !== 'linux')('an Electron that dies at once', () => {
  it.each(['SIGTRAP', 'SIGABRT'])('of %s gives one line with the remedy, and the browser shell', async (signal) => {
    const { ended } = start({
      electron: script('electron', `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000);`),
      browserShell: script('browser', "console.log('in the browser'); process.exitCode = 3;"),
    });
    const { status, lines, said } = await ended;
    expect([status, lines]).toEqual([3, ['in the browser']]);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(said).toMatch(/opens in your browser instead.*sudo chown root:root .*chrome-sandbox/);
  });

  it('by an error of its own is not retried in the browser', async () => {
    const { ended } = start({
      electron: script('electron', 'process.exitCode = 5;'),
      browserShell: script('browser', "console.log('in the browser')"),
    });
    expect(await ended).toEqual({ status: 5, lines: [], said: '' });
  });
});

function script(name: string, text: string): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-open-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const program = path.join(folder, name);
  writeFileSync(program, `#!${process.execPath}\n${text}`);
  chmodSync(program, 0o755);
  return { program, args: [], env: process.env };
}

function start(programs: object) {
  const code = `import(${JSON.stringify(openApp)}).then((open) => open.openApp(${JSON.stringify(programs)}))`;
  const child = spawn(process.execPath, ['-e', code], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  cleanups.push(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
  });
  const lines: string[] = [];
  const heard = createInterface({ input: child.stdout });
  heard.on('line', (line) => lines.push(line));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  return {
    pid: child.pid!,
    line: (wanted: string) => expect.poll(() => lines).toContain(wanted),
    ended: once(child, 'close').then(([status]) => ({ status: status as number | null, lines, said })),
  };
}
