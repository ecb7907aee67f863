// `npm start` as a person meets it, from a small clone of its own: a window, or one line that says why not and the same app in
// the browser. Electron and the browser shell are small programs that say that they run.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import hostEnvironment from '../../../shared/model/host-environment.json' with { type: 'json' };

const root = fileURLToPath(new URL('../../../', import.meta.url));
const version = '45.4.1';
const isRoot = process.getuid?.() === 0;
/** Electron refuses root, so root's tests run as nobody. */
const nobody = isRoot ? { uid: 65_534, gid: 65_534 } : {};
const clones: string[] = [];
afterEach(() => {
  for (const clone of clones.splice(0)) rmSync(clone, { recursive: true, force: true });
});

type Runtime = { readonly program?: string; readonly isWhole: boolean };

/** Everything is installed and built, but perhaps for Electron's runtime. */
function makeClone(runtime?: Runtime): string {
  const clone = mkdtempSync(path.join(tmpdir(), 'tincan-clone-'));
  clones.push(clone);
  const put = (name: string, text: string, mode = 0o644) => {
    mkdirSync(path.dirname(path.join(clone, name)), { recursive: true });
    writeFileSync(path.join(clone, name), text);
    chmodSync(path.join(clone, name), mode);
  };
  for (const name of readdirSync(path.join(root, 'build')).filter((each) => each.endsWith('.mjs')))
    cpSync(path.join(root, 'build', name), path.join(clone, 'build', name));
  for (const room of ['shared', 'engine', 'link', 'host', 'electron', 'browser', 'renderer', 'guest'])
    mkdirSync(path.join(clone, room));
  for (const name of ['vite.config.ts', 'package.json']) put(name, '{}');
  put('package-lock.json', '{}');
  put('build/guest-page.ts', '');
  put('node_modules/.tincan-lock', createHash('sha256').update('{}').digest('hex'));
  put('node_modules/.bin/vite', '#!/bin/sh\n', 0o755);
  symlinkSync(path.dirname(path.dirname(process.execPath)), path.join(clone, 'node_modules/node'));
  put(
    'dist/browser/main.mjs',
    "const { UV_THREADPOOL_SIZE = 'too few' } = process.env; console.log('in the browser with', UV_THREADPOOL_SIZE, 'threads', ...process.argv.slice(2));",
  );
  put('shared/model/host-environment.json', JSON.stringify(hostEnvironment));
  const electron = 'node_modules/electron';
  put(`${electron}/package.json`, JSON.stringify({ name: 'electron', version }));
  put(`${electron}/checksums.json`, '{}');
  symlinkSync(path.join(root, 'node_modules'), path.join(clone, electron, 'node_modules'));
  if (runtime?.program !== undefined) put(`${electron}/dist/electron`, `#!/bin/sh\n${runtime.program}\n`, 0o755);
  if (runtime?.isWhole === true) {
    put(`${electron}/dist/version`, version);
    put(`${electron}/path.txt`, 'electron');
  }
  if (isRoot) {
    // With types, links are not followed.
    const inside = readdirSync(clone, { recursive: true, withFileTypes: true });
    for (const file of [clone, ...inside.map(({ parentPath, name }) => path.join(parentPath, name))])
      lchownSync(file, 65_534, 65_534);
  }
  return clone;
}

async function start(clone: string, options: { readonly env?: NodeJS.ProcessEnv; readonly as?: object } = {}) {
  const { env = {}, as = nobody } = options;
  const child = spawn(process.execPath, ['build/start.mjs', 'note.txt'], {
    cwd: clone,
    env: {
      PATH: process.env.PATH,
      HOME: clone,
      DISPLAY: ':99',
      // Nobody listens there: what a closed network looks like.
      ELECTRON_MIRROR: 'http://127.0.0.1:9/',
      electron_config_cache: path.join(clone, 'cache'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...as,
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      texts[stream] += String(chunk);
    });
  }
  await once(child, 'close');
  const lines = (text: string) => text.split('\n').filter((line) => line !== '' && line !== 'Building…');
  return { shown: lines(texts.stdout), said: lines(texts.stderr) };
}

const inBrowser = [`in the browser with ${hostEnvironment.UV_THREADPOOL_SIZE} threads note.txt`];

describe.skipIf(process.platform !== 'linux')('npm start', () => {
  it('opens Electron where its runtime is there', async () => {
    const clone = makeClone({ program: 'echo a window "$2"', isWhole: true });
    expect(await start(clone)).toEqual({ shown: ['a window note.txt'], said: [] });
  });

  it('says in one line that Electron could not be had, and opens the browser', async () => {
    const { shown, said } = await start(makeClone());
    expect(shown).toEqual(inBrowser);
    expect(said.filter((line) => line.startsWith('Electron could not be downloaded: '))).toHaveLength(1);
    expect(said.at(-1)).toMatch(/again at the next start.*opens in your browser instead/);
  }, 60_000);

  it('never runs what a half-finished extraction left behind', async () => {
    const clone = makeClone({ program: 'echo half', isWhole: false });
    const { shown } = await start(clone);
    expect(shown).toEqual(inBrowser);
  }, 60_000);

  it('says in one line what forbids the sandbox, with the remedy, and opens the browser', async () => {
    const { shown, said } = await start(makeClone({ program: 'kill -TRAP $$', isWhole: true }));
    expect(shown).toEqual(inBrowser);
    expect(said).toEqual([
      expect.stringMatching(/blocks the protection.*browser instead.*sudo chown root:root .*chrome-sandbox/),
    ]);
  });

  it('says in one line that there is no desktop, and opens the browser', async () => {
    const { shown, said } = await start(makeClone(), { env: { DISPLAY: '' } });
    expect([shown, said]).toEqual([inBrowser, [expect.stringMatching(/graphical desktop.*browser instead/)]]);
  });

  it.skipIf(!isRoot)('says in one line that Electron does not run as root, and opens the browser', async () => {
    const { shown, said } = await start(makeClone(), { as: {} });
    expect([shown, said]).toEqual([inBrowser, [expect.stringMatching(/as root.*browser instead/)]]);
  });
});
