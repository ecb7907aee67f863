// Makes a fresh clone usable without anybody typing anything else: dependencies from the lockfile, the Node that the
// lockfile names, a Chromium for the tests. Runs on any Node from 20 up and imports nothing that must be installed first.
// Everything it says goes to standard error: standard output belongs to the program that follows.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const onWindows = process.platform === 'win32';
const binDir = path.join(root, 'node_modules', '.bin');

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Installs from the lockfile unless exactly this lockfile is installed already. */
export function ensureDependencies() {
  const stamp = path.join(root, 'node_modules', '.tincan-lock');
  const wanted = sha256(readFileSync(path.join(root, 'package-lock.json')));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing dependencies from the lockfile (once)…');
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: onWindows,
  });
  if (done.status !== 0) fail('npm ci failed; see above. Is the npm registry reachable?');
  writeFileSync(stamp, wanted);
}

/** The environment in which the lockfile's own Node and tools come first. */
export function environment(extra = {}) {
  const nodeDir = path.dirname(nodeBinary());
  return { ...process.env, ...extra, PATH: [nodeDir, binDir, process.env.PATH].join(path.delimiter) };
}

export function nodeBinary() {
  const own = path.join(root, 'node_modules', 'node', 'bin', onWindows ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  return fail('Tincan needs Node 22.12 or newer, and the one in the lockfile did not install for this platform.');
}

/** Runs one of our tools to its end, sharing the terminal; answers with its exit status. */
export function runTool(tool, args, { env = environment(), stdout = 'inherit' } = {}) {
  const done = spawnSync(commandOf(tool), args, {
    cwd: root,
    env,
    stdio: ['inherit', stdout, 'inherit'],
    shell: onWindows && tool !== 'node',
  });
  if (done.error) say(`${tool}: ${done.error.message}`);
  return done.status ?? 1;
}

/** Starts one of our tools with everything it says going to a file; `ended` is its exit status. */
export function startTool(tool, args, { env, output }) {
  const file = openSync(output, 'w');
  const child = spawn(commandOf(tool), args, {
    cwd: root,
    env,
    stdio: ['ignore', file, file],
    shell: onWindows && tool !== 'node',
  });
  const ended = new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (status) => resolve(status ?? 1));
  });
  return { output, ended };
}

function commandOf(tool) {
  return tool === 'node' ? nodeBinary() : path.join(binDir, onWindows ? `${tool}.cmd` : tool);
}

/** Builds every room into dist/ unless dist/ was made from exactly these sources. */
export function ensureBuilt() {
  const stamp = path.join(root, 'dist', '.built-from');
  const wanted = fingerprintOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Building…');
  const steps = [
    ['vite', ['build', '--logLevel', 'warn']],
    // After the page of the shells, which carries it.
    ['node', ['build/guest-page.ts']],
  ];
  for (const [tool, args] of steps) {
    if (runTool(tool, args, { stdout: 2 }) !== 0) fail('The build failed; see above.');
  }
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** A Chromium-family browser for the tests: CHROMIUM, then the one that the app would open, then apt when we may. */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && has('apt-get')) {
    say('Installing Chromium through apt (once)…');
    installByApt(['chromium']);
    const installed = findChromium();
    if (installed) return installed;
  }
  return fail(
    'The tests need a Chromium-family browser. Install Chromium or Chrome, or set CHROMIUM to the path of its executable.',
  );
}

/** A Firefox for the tests of guest pages. Without one those tests say that they were skipped. */
export function ensureFirefox() {
  if (process.env.FIREFOX || has('firefox-esr') || has('firefox')) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !has('apt-get')) return;
  say('Installing Firefox through apt (once)…');
  installByApt(['firefox-esr']);
  if (!has('firefox-esr'))
    say('There is no Firefox to be had: the tests that need it will say that they were skipped.');
}

/** Tools of the tests that cross real network namespaces. Without them, or without root, those tests say that they are skipped. */
export function ensureNetworkTools() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !has('apt-get')) return;
  const missing = [
    ['ip', 'iproute2'],
    ['nft', 'nftables'],
    ['turnserver', 'coturn'],
    ['miniupnpd', 'miniupnpd-nftables'],
    ['openssl', 'openssl'],
    ['strace', 'strace'],
  ].filter(([tool]) => !has(tool));
  if (missing.length > 0) installByApt(missing.map(([, name]) => name));
}

function installByApt(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2], env });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { stdio: ['ignore', 2, 2], env });
}

function findChromium() {
  const named = process.env.CHROMIUM;
  if (named) return existsSync(named) ? named : fail(`CHROMIUM names ${named}, which is not there.`);
  const script = path.join(root, 'build', 'print-chromium.ts');
  const options = ['--experimental-strip-types', '--no-warnings'];
  const { stdout } = spawnSync(nodeBinary(), [...options, script], { encoding: 'utf8', env: environment() });
  return stdout.trim() || undefined;
}

function has(tool) {
  return ['/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(path.delimiter)].some((dir) =>
    existsSync(path.join(dir, tool)),
  );
}

/** Names, sizes and times of everything the bundles are made of: a few milliseconds, no reading. */
function fingerprintOfSources() {
  const hash = createHash('sha256');
  for (const room of ['shared', 'engine', 'link', 'host', 'electron', 'browser', 'renderer', 'guest'])
    addFolder(hash, path.join(root, room));
  for (const file of ['vite.config.ts', 'build/guest-page.ts', 'package-lock.json', 'package.json'])
    addFile(hash, path.join(root, file));
  return hash.digest('hex');
}

function addFolder(hash, folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) addFolder(hash, full);
    else addFile(hash, full);
  }
}

function addFile(hash, file) {
  const { size, mtimeMs } = statSync(file);
  hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function fail(line) {
  say(line);
  process.exit(1);
}
