// What would be shipped, packed on a stand-in for Electron's download: nothing missing, nothing that does not belong.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listPackage } from '@electron/asar';
import { FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { build, Platform } from 'electron-builder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuses } from '../../build/after-pack.ts';
import config from '../../build/electron-builder.config.ts';
import { makeFakeElectronDist } from '../../build/fake-electron-dist.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'tincan-package-'));
const unpacked = path.join(folder, 'release/linux-unpacked');
const archive = path.join(unpacked, 'resources/app.asar');
const [fuseOff, fuseOn] = [48, 49];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the Linux package on a stand-in for Electron', () => {
  let files: string[];

  beforeAll(async () => {
    const electronDist = path.join(folder, 'electron');
    mkdirSync(electronDist);
    makeFakeElectronDist(electronDist);
    await build({
      projectDir: root,
      targets: Platform.LINUX.createTarget(['dir']),
      publish: 'never',
      config: { ...config, electronDist, directories: { ...config.directories, output: path.join(folder, 'release') } },
    });
    files = listPackage(archive, { isPack: false });
    console.log(`app.asar: ${files.length} entries, ${(statSync(archive).size / 1024).toFixed(0)} KiB`);
  });

  it('holds everything the app runs from', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        '/package.json',
        '/dist/electron/main.mjs',
        '/dist/electron/preload.cjs',
        '/dist/renderer/index.html',
      ]),
    );
  });

  it('holds no sources, no maps, no packages and no tests', () => {
    expect(files.filter((file) => /\.(ts|tsx|map)$|node_modules|\/tests|\/dist\/browser|gallery/.test(file))).toEqual(
      [],
    );
  });

  it('has every fuse as decided', async () => {
    const wire = await getCurrentFuseWire(path.join(unpacked, 'tincan'));
    expect(wire.version).toBe(FuseVersion.V1);
    const names = Object.values(FuseV1Options).filter((option) => typeof option === 'number');
    expect(names.map((option) => wire[option])).toEqual(names.map((option) => (fuses[option] ? fuseOn : fuseOff)));
  });

  it('has a preload that needs nothing but electron', () => {
    const preload = readFileSync(path.join(root, 'dist/electron/preload.cjs'), 'utf8');
    expect([...preload.matchAll(/require\(["'`]([^"'`]+)/g)].map(([, name]) => name)).toEqual(['electron']);
  });
});
