// Downloads Electron's runtime and puts it where the `electron` package expects it. Run by `npm start`, on the Node of
// the lockfile. Addresses, mirrors, the cache and the check of the checksum are @electron/get's own.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installedElectron, isRuntimeOf, programName } from './electron-runtime.mjs';
import { progressLine } from './progress-line.mjs';
import { ResumingDownload } from './resuming-download.mjs';

/** `options` are those of `ResumingDownload`; tests make its waits short. */
export async function fetchElectron(packageFolder, options = {}) {
  const requireThere = createRequire(path.join(packageFolder, 'package.json'));
  const { downloadArtifact } = await import(pathToFileURL(requireThere.resolve('@electron/get')).href);
  const { version } = requireThere('./package.json');
  const env = process.env;
  const parts = path.join(packageFolder, '.download');
  // In place of the system's folder for temporary files: a run that is killed leaves it behind, and the next one begins with its removal.
  const tempDirectory = path.join(parts, 'checking');
  rmSync(tempDirectory, { recursive: true, force: true });
  mkdirSync(tempDirectory, { recursive: true });
  // The same words as in electron's install.js.
  const zip = await downloadArtifact({
    version,
    artifactName: 'electron',
    force: env.force_no_cache === 'true',
    cacheRoot: env.electron_config_cache,
    checksums:
      env.electron_use_remote_checksums || env.npm_config_electron_use_remote_checksums
        ? undefined
        : requireThere('./checksums.json'),
    platform: process.platform,
    arch: archOfMachine(),
    tempDirectory,
    downloader: new ResumingDownload({ partFolder: parts, ...options }),
  }).finally(() => rmSync(tempDirectory, { recursive: true, force: true }));
  const { extract } = requireThere('@electron-internal/extract-zip');
  await unpack({ zip, extract, packageFolder, version });
}

/** Unpacks beside the final place and renames, so that an interruption leaves nothing that looks installed. */
async function unpack({ zip, extract, packageFolder, version }) {
  const dist = path.join(packageFolder, 'dist');
  const fresh = `${dist}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  await extract(zip, { dir: fresh });
  if (!isRuntimeOf(fresh, version) || !existsSync(path.join(fresh, programName())))
    throw new Error(`The archive does not hold Electron ${version}`);
  rmSync(path.join(packageFolder, 'path.txt'), { force: true });
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
  writeFileSync(path.join(packageFolder, 'path.txt'), programName());
}

/** Node for Intel runs on Apple silicon too, but the runtime for Apple silicon is the right one there. */
function archOfMachine() {
  const { env, platform, arch } = process;
  const asked = env.ELECTRON_INSTALL_ARCH || env.npm_config_arch;
  if (asked) return asked;
  return platform === 'darwin' && arch === 'x64' && isTranslated() ? 'arm64' : arch;
}

function isTranslated() {
  const { spawnSync } = createRequire(import.meta.url)('node:child_process');
  return String(spawnSync('sysctl', ['-in', 'sysctl.proc_translated']).stdout ?? '').trim() === '1';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const packageFolder = process.argv[2];
  const progress = progressLine(process.stderr);
  try {
    await fetchElectron(packageFolder, { onProgress: progress.show });
    progress.end();
    process.exitCode = installedElectron(packageFolder, {}) ? 0 : 1;
  } catch (error) {
    progress.end();
    process.stderr.write(`Electron could not be downloaded: ${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** fetch() says only "fetch failed"; why is in its cause. */
function reasonOf(error) {
  return error.cause?.message || error.message;
}
