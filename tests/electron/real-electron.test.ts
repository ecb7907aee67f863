// The same locks on a real Electron, where its runtime is installed. Where it is not, one line says so and nothing passes.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type Browser, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Instance, temporaryFolder } from '../e2e/instance.ts';
import { link, sha256Of, treeOf, waitForState } from '../e2e/pairing.ts';

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

  it('gives the page nothing of Node and three functions of its own', async () => {
    const seen = await page.evaluate(() => ({
      node: ['require', 'process', 'Buffer', 'module'].filter((name) => name in window),
      ours: Object.keys((window as unknown as { tincan: object }).tincan).sort(),
    }));
    expect(seen).toEqual({ node: [], ours: ['connect', 'dragOut', 'stageDropped'] });
  });

  it('refuses eval, markup out of text, other addresses, new windows and the microphone', async () => {
    const refused = await page.evaluate(async () => ({
      eval: await Promise.resolve()
        .then(() => new Function('return 1')())
        .then(
          () => 'ran',
          (error: Error) => error.name,
        ),
      markup: await Promise.resolve()
        .then(() => document.body.insertAdjacentHTML('beforeend', '<b>x</b>'))
        .then(
          () => 'made',
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
    expect(refused).toEqual({
      eval: 'EvalError',
      markup: 'TypeError',
      fetch: 'TypeError',
      window: true,
      microphone: 'refused',
    });
  });
});

describe.skipIf(missing !== undefined)('the host process of a real Electron', () => {
  it('is started again after it was killed, and the page comes back by itself', async () => {
    const dataDir = temporaryFolder('killed');
    const app = await _electron.launch({
      args: ['.', '--data-dir', dataDir, '--download-dir', dataDir],
      cwd: root,
      chromiumSandbox: true,
      timeout: 30_000,
    });
    onTestFinished(() => app.close());
    const page = await app.firstWindow();
    await page.getByTestId('code-text').waitFor();
    const hostPid = () =>
      app.evaluate(({ app: main }) => main.getAppMetrics().find(({ name }) => name === 'Tincan files')?.pid);
    const first = await hostPid();
    await page.evaluate(() => {
      (window as unknown as { before: boolean }).before = true;
    });
    process.kill(first!, 'SIGKILL');
    const isNew = () => page.evaluate(() => !('before' in window)).catch(() => false);
    await expect.poll(isNew, { timeout: 30_000 }).toBe(true);
    await page.getByTestId('code-text').waitFor();
    expect(await hostPid()).not.toBe(first);
  });
});

describe.skipIf(missing !== undefined)('two real Electrons', () => {
  const apps: ElectronApplication[] = [];

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
  });

  it('pair by paste, and move a picked file and a picked folder, identical', async () => {
    const [anna, ben] = await Promise.all([launch('anna'), launch('ben')]);
    const source = temporaryFolder('source');
    const film = path.join(source, 'film.bin');
    writeFileSync(film, randomBytes(24 * 1_048_576));
    const holiday = path.join(source, 'holiday');
    mkdirSync(path.join(holiday, 'empty'), { recursive: true });
    writeFileSync(path.join(holiday, 'sea.txt'), 'waves');
    await link(anna.instance, ben.instance);

    for (const [button, picked] of [
      ['pick-files', film],
      ['pick-folder', holiday],
    ] as const) {
      await anna.app.evaluate(
        ({ dialog }, filePaths) => {
          dialog.showOpenDialog = async () => ({ canceled: false, filePaths });
        },
        [picked],
      );
      await anna.instance.at(button).click();
      await ben.instance.at('accept').click();
      await ben.instance.at('accept').waitFor({ state: 'detached' });
    }
    await Promise.all([
      waitForState(anna.instance, 'send', 'done'),
      expect.poll(() => treeOf(ben.instance.downloadDir), { timeout: 30_000 }).toContain('holiday/sea.txt'),
    ]);
    await expect
      .poll(() => existsSync(path.join(ben.instance.downloadDir, 'film.bin')), { timeout: 30_000 })
      .toBe(true);
    expect(await sha256Of(path.join(ben.instance.downloadDir, 'film.bin'))).toBe(await sha256Of(film));
  });

  async function launch(name: string): Promise<{ app: ElectronApplication; instance: Instance }> {
    const folder = temporaryFolder(name);
    const downloadDir = path.join(folder, 'downloads');
    mkdirSync(downloadDir);
    const app = await _electron.launch({
      args: ['.', '--data-dir', path.join(folder, 'data'), '--download-dir', downloadDir],
      cwd: root,
      chromiumSandbox: true,
      timeout: 30_000,
    });
    apps.push(app);
    const page = await app.firstWindow();
    await page.getByTestId('session').waitFor();
    const browser = { close: () => app.close() } as Browser;
    const parts = { name, folder, downloadDir, url: page.url(), page, host: app.process(), browser, complaints: [] };
    return { app, instance: new Instance(parts) };
  }
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
