// `npm start`: opens Tincan in Electron. Where Electron cannot run, says why in one line and opens the same app in an
// installed browser. Arguments pass through untouched.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { installedElectron } from './electron-runtime.mjs';
import { openApp, sandboxAdvice } from './open-app.mjs';
import { ensureBuilt, ensureDependencies, environment, nodeBinary, root, say } from './ready.mjs';
import { isSandboxForbidden } from './sandbox.mjs';

const args = process.argv.slice(2);
const electronPackage = path.join(root, 'node_modules', 'electron');
const inBrowser = 'Tincan opens in your browser instead.';

ensureDependencies();
ensureBuilt();

const electron = args.includes('--browser') ? undefined : usableElectron();
openApp({
  electron: electron && { program: electron, args: [root, ...args], env: environment() },
  browserShell: {
    program: nodeBinary(),
    args: [path.join(root, 'dist/browser/main.mjs'), ...args],
    env: environment(hostEnvironment()),
  },
});

/** Node looks at it only while it starts. */
function hostEnvironment() {
  return JSON.parse(readFileSync(path.join(root, 'shared/model/host-environment.json'), 'utf8'));
}

function usableElectron() {
  const obstacle = obstacleHere();
  if (obstacle) {
    say(`${obstacle} ${inBrowser}`);
    return undefined;
  }
  const program = installedElectron(electronPackage) ?? downloadedElectron();
  if (!program) {
    say(`Tincan will try to download Electron again at the next start. ${inBrowser}`);
    return undefined;
  }
  if (!isSandboxForbidden(program)) return program;
  say(sandboxAdvice(program));
  return undefined;
}

/** Known before anything is downloaded. */
function obstacleHere() {
  if (process.platform !== 'linux') return undefined;
  if (process.getuid?.() === 0) return 'Electron does not run safely as root.';
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return undefined;
  return 'Electron needs a graphical desktop, and there is none here.';
}

function downloadedElectron() {
  say('Tincan needs Electron and downloads it now (once).');
  const { ELECTRON_GET_USE_PROXY: usesProxy } = process.env;
  spawnSync(nodeBinary(), [path.join(root, 'build/fetch-electron.mjs'), electronPackage], {
    stdio: ['ignore', 2, 2],
    // Node's own fetch() reads HTTPS_PROXY only when it is told to.
    env: environment(usesProxy ? { NODE_USE_ENV_PROXY: '1' } : {}),
  });
  return installedElectron(electronPackage);
}
