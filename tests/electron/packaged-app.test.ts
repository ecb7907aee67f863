// A package made with TINCAN_SMOKE=1, started twice and driven as two people would. Its inspect fuse is on and its name
// is another one; everything else is as it ships.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { _electron, type Browser, type ElectronApplication } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { Instance, temporaryFolder } from '../e2e/instance.ts';
import { exchangeFiles } from './exchange.ts';
import { packagedProgram } from './packaged.ts';

const program = packagedProgram('TINCAN_SMOKE_FOLDER');

describe.skipIf(program === undefined)('the packaged app', () => {
  const apps = new Map<Instance, ElectronApplication>();

  afterEach(async ({ task }) => {
    for (const [instance, app] of apps) {
      if (task.result?.state === 'fail') await instance.screenshot(`packaged-${task.name}`);
      await app.close();
    }
    apps.clear();
  });

  it('runs twice, pairs with itself by paste and moves a file each way', async () => {
    const [anna, ben] = await Promise.all([launch('anna'), launch('ben')]);
    expect(await apps.get(anna)!.evaluate(({ app }) => app.isPackaged)).toBe(true);
    await exchangeFiles(anna, ben, async (from, file) => {
      await apps.get(from)!.evaluate(
        ({ dialog }, filePaths) => {
          dialog.showOpenDialog = async () => ({ canceled: false, filePaths });
        },
        [file],
      );
      await from.at('pick-files').click();
    });
  });

  async function launch(name: string): Promise<Instance> {
    const folder = temporaryFolder(name);
    const downloadDir = path.join(folder, 'downloads');
    mkdirSync(downloadDir);
    const app = await _electron.launch({
      executablePath: program!,
      args: ['--data-dir', path.join(folder, 'data'), '--download-dir', downloadDir],
      chromiumSandbox: true,
      timeout: 60_000,
    });
    const page = await app.firstWindow();
    await page.getByTestId('session').waitFor();
    const browser = { close: () => app.close() } as Browser;
    const parts = { name, folder, downloadDir, url: page.url(), page, host: app.process(), browser, complaints: [] };
    const instance = new Instance(parts);
    apps.set(instance, app);
    return instance;
  }
});
