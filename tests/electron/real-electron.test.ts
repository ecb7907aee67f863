// The same locks on a real Electron, where its runtime is installed. Where it is not, one line says so and nothing passes.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const missing = whatIsMissing();
if (missing !== undefined) {
  if (process.env.REQUIRE_ELECTRON === '1') throw new Error(missing);
  console.warn(`SKIPPED, not passed: ${missing}`);
}

describe.skipIf(missing !== undefined)('the real Electron', () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tincan-electron-'));
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    app = await _electron.launch({
      args: ['.', '--data-dir', dataDir, '--download-dir', dataDir],
      cwd: root,
      chromiumSandbox: true,
      timeout: 30_000,
    });
    page = await app.firstWindow();
    await page.getByTestId('session').waitFor();
  });

  afterAll(async () => {
    await app?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('shows the page over the scheme of its own, in a secure context', async () => {
    expect(page.url()).toBe('app://bundle/index.html');
    expect(await page.evaluate(() => window.isSecureContext)).toBe(true);
  });

  it('gives the page nothing of Node and two functions of its own', async () => {
    const seen = await page.evaluate(() => ({
      node: ['require', 'process', 'Buffer', 'module'].filter((name) => name in window),
      ours: Object.keys((window as unknown as { tincan: object }).tincan).sort(),
    }));
    expect(seen).toEqual({ node: [], ours: ['connect', 'stageDropped'] });
  });

  it('refuses eval, other addresses, new windows and the microphone', async () => {
    const refused = await page.evaluate(async () => ({
      eval: await Promise.resolve()
        .then(() => new Function('return 1')())
        .then(
          () => 'ran',
          (error: Error) => error.name,
        ),
      fetch: await fetch('https://example.org').then(
        () => 'answered',
        (error: Error) => error.name,
      ),
      window: window.open('https://example.org') === null,
      microphone: await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'on',
        () => 'refused',
      ),
    }));
    expect(refused).toEqual({ eval: 'EvalError', fetch: 'TypeError', window: true, microphone: 'refused' });
  });
});

/** Looks for the binary beside the package; loading the package would start a download. */
function whatIsMissing(): string | undefined {
  const folder = path.dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const pathFile = path.join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
  const file = path.join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(folder, 'dist'), name);
  if (!existsSync(file)) return 'the Electron runtime is not installed (npx install-electron)';
  if (process.platform !== 'linux') return undefined;
  if (process.getuid?.() === 0) return 'Electron does not run sandboxed as root';
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? undefined : 'no display (run under xvfb-run -a)';
}
