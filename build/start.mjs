// `npm start`: opens Tincan in Electron; where the Electron runtime cannot be had, says so in one line and opens the
// same app through the browser shell. Arguments pass through untouched.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt, ensureDependencies, environment, nodeBinary, root, say } from './ready.mjs';

/** A download that takes longer than this is taken for a network that will not give it. */
const electronInstallTimeoutMs = 180_000;

const args = process.argv.slice(2);
ensureDependencies();
ensureBuilt();

const electron = args.includes('--browser') ? undefined : electronRuntime();
const child = electron
  ? spawn(electron, [root, ...args], { stdio: 'inherit', env: environment() })
  : spawn(nodeBinary(), [path.join(root, 'dist/browser/main.mjs'), ...args], { stdio: 'inherit', env: environment() });

// Ctrl-C reaches the whole foreground group; a signal sent to this process alone is handed on. Either way the child
// decides how to close, and its exit status is ours.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));
child.on('error', (error) => {
  say(`Tincan could not start: ${error.message}`);
  process.exit(1);
});

function electronRuntime() {
  const found = electronBinary();
  if (found) return runnable(found);
  say('Fetching the Electron runtime (once)…');
  spawnSync(nodeBinary(), [path.join(root, 'node_modules/electron/install.js')], {
    stdio: 'ignore',
    env: environment(),
    timeout: electronInstallTimeoutMs,
  });
  const installed = electronBinary();
  if (installed) return runnable(installed);
  say('The Electron runtime could not be installed here; opening Tincan in the browser shell instead.');
  return undefined;
}

function runnable(binary) {
  if (process.platform !== 'linux') return binary;
  const hasDisplay = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const isRoot = process.getuid?.() === 0;
  if (hasDisplay && !isRoot) return binary;
  const why = isRoot ? 'Electron will not run sandboxed as root' : 'There is no display for Electron here';
  say(`${why}; opening Tincan in the browser shell instead.`);
  return undefined;
}

/** Where the electron package keeps its binary, without loading the package (which would start a download). */
function electronBinary() {
  const folder = path.join(root, 'node_modules', 'electron');
  const pathFile = path.join(folder, 'path.txt');
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : (names[process.platform] ?? 'electron');
  const binary = path.join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(folder, 'dist'), name);
  return existsSync(binary) ? binary : undefined;
}
