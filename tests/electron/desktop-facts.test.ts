// One desktop app, on a stand-in that behaves as Electron does where that is unpleasant: docs/ELECTRON.md names each fact.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createPackage } from '@electron/asar';
import { afterEach, describe, expect, it } from 'vitest';
import { stopAll, temporaryFolder } from '../e2e/instance.ts';
import { link, sha256Of, treeOf } from '../e2e/pairing.ts';
import { type StandIn, startMain, startStandIn } from '../electron-standin/launch.ts';

let apps: StandIn[] = [];
afterEach(async (context) => {
  await stopAll(apps, context);
  apps = [];
});
const start = async (options: Parameters<typeof startStandIn>[0]): Promise<StandIn> => {
  const app = await startStandIn(options);
  apps.push(app);
  return app;
};
const isShown = (app: StandIn) => app.inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isShown);

describe('the window', () => {
  it('is shown where ready-to-show never comes', async () => {
    const app = await start({ name: 'cleo', wayland: true });
    await expect.poll(() => isShown(app)).toBe(true);
  });

  it('loads its own page again when the page asks for it', async () => {
    const app = await start({ name: 'cleo' });
    await app.page.evaluate(() => {
      (window as unknown as { before: boolean }).before = true;
      location.reload();
    });
    await expect.poll(() => app.page.evaluate(() => 'before' in window).catch(() => true)).toBe(false);
    await app.session('pairing');
  });
});

describe('a second launch', () => {
  it('brings files from where it was typed, and neither the app folder nor the values of its options', async () => {
    const app = await start({ name: 'cleo' });
    const cwd = temporaryFolder('elsewhere');
    writeFileSync(path.join(cwd, 'note.txt'), 'x');
    const second = startMain({ name: 'cleo', folder: app.folder, args: ['note.txt'], cwd });
    expect(await second.exited).toBe(0);
    await expect.poll(() => app.at('staged-file').allInnerTexts()).toHaveLength(1);
    expect(await app.at('staged-file').first().innerText()).toContain('note.txt');
  });

  it('without a file stages nothing', async () => {
    const app = await start({ name: 'cleo' });
    expect(await startMain({ name: 'cleo', folder: app.folder }).exited).toBe(0);
    await expect.poll(() => app.inMain(({ BrowserWindow }) => BrowserWindow.getFocusedWindow()?.isShown)).toBe(true);
    expect(await app.at('staged-file').count()).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('a launch while Tincan ends', () => {
  it('opens a window of its own, with its files, once the one before has let go', async () => {
    const app = await start({ name: 'cleo' });
    const file = path.join(temporaryFolder('elsewhere'), 'note.txt');
    writeFileSync(file, 'x');
    const host = (await app.inMain(({ standIn }) => [...standIn.utilities][0]?.pid))!;
    const lock = path.join(app.dataDir, 'standin.lock');
    const before = String(app.main.child.pid);
    const whoHasIt = () => (existsSync(lock) ? readFileSync(lock, 'utf8') : before);
    // A host whose disk takes its time.
    process.kill(host, 'SIGSTOP');
    app.main.child.kill('SIGTERM');
    const next = start({ name: 'cleo', folder: app.folder, args: [file] });
    await expect
      .poll(whoHasIt, { timeout: 20_000 })
      .not.toBe(before)
      .finally(() => process.kill(host, 'SIGCONT'));
    expect(await app.main.exited).toBe(0);
    const again = await next;
    await expect.poll(() => again.at('staged-file').allInnerTexts()).toHaveLength(1);
  });
});

describe('files named .asar', () => {
  it('are sent and received like any other: a real archive, one only in name, and a folder with both', async () => {
    const source = temporaryFolder('source');
    const app = path.join(source, 'app');
    mkdirSync(app);
    writeFileSync(path.join(app, 'main.js'), 'code');
    const folder = path.join(source, 'programs');
    mkdirSync(folder);
    await createPackage(app, path.join(folder, 'real.asar'));
    writeFileSync(path.join(folder, 'fake.asar'), 'no archive at all');
    const single = path.join(source, 'single.asar');
    writeFileSync(single, readFileSync(path.join(folder, 'real.asar')));

    const [anna, ben] = await Promise.all([start({ name: 'anna' }), start({ name: 'ben' })]);
    await link(anna, ben);
    for (const [button, picked] of [
      ['pick-files', single],
      ['pick-folder', folder],
    ] as const) {
      await anna.inMain(({ standIn }, files) => void standIn.dialogAnswers.push(files), [picked]);
      await anna.at(button).click();
      await ben.at('accept').click();
      await ben.at('accept').waitFor({ state: 'detached' });
    }
    await expect
      .poll(() => treeOf(ben.downloadDir), { timeout: 20_000 })
      .toEqual(['programs/', 'programs/fake.asar', 'programs/real.asar', 'single.asar']);
    for (const name of ['fake.asar', 'real.asar']) {
      expect(await sha256Of(path.join(ben.downloadDir, 'programs', name))).toBe(
        await sha256Of(path.join(folder, name)),
      );
    }
    expect(await sha256Of(path.join(ben.downloadDir, 'single.asar'))).toBe(await sha256Of(single));
  });
});
