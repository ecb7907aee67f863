// What would be shipped, packed on a stand-in for Electron's download: nothing missing, nothing that does not belong.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { build, type Configuration, Platform } from 'electron-builder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuses } from '../../build/after-pack.ts';
import config from '../../build/electron-builder.config.ts';
import { makeFakeElectronDist } from '../../build/fake-electron-dist.ts';
import { collectNotices } from '../../build/notices.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'tincan-package-'));
const unpacked = path.join(folder, 'release/linux-unpacked');
const archive = path.join(unpacked, 'resources/app.asar');
const [fuseOff, fuseOn] = [48, 49];

const electronDist = path.join(folder, 'electron');

type Packing = { readonly config?: Configuration } & Omit<Parameters<typeof build>[0] & object, 'config'>;

/** The packager writes into the configuration it is given, so each run gets its own. */
function pack(name: string, { config: changes = {}, ...rest }: Packing = {}): Promise<string[]> {
  const { afterPack, beforePack, ...plain } = config;
  return build({
    projectDir: root,
    targets: Platform.LINUX.createTarget(['dir']),
    publish: 'never',
    config: {
      ...structuredClone(plain),
      ...changes,
      afterPack: afterPack!,
      beforePack: beforePack!,
      electronDist,
      directories: { ...config.directories, output: path.join(folder, name) },
    },
    ...rest,
  });
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the Linux package on a stand-in for Electron', () => {
  let files: string[];
  const resources = path.join(unpacked, 'resources');

  beforeAll(async () => {
    mkdirSync(electronDist);
    makeFakeElectronDist(electronDist);
    await pack('release');
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

  it('carries the licence of everything that is bundled', () => {
    const notices = readFileSync(path.join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of [
      'react',
      'react-dom',
      'zod',
      'zustand',
      'i18next',
      'zxing-wasm',
      'electron-updater',
      'scheduler',
    ]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    }
    expect(readFileSync(path.join(resources, 'LICENSE.tincan.txt'), 'utf8')).toContain('MIT');
    expect(collectNotices().map(({ license }) => license)).not.toContain('UNLICENSED');
  });

  it('names no release feed unless one was configured', () => {
    expect(existsSync(path.join(resources, 'app-update.yml'))).toBe(false);
  });

  it('carries exactly the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    const packed = JSON.parse(extractFile(archive, 'package.json').toString()) as { version: string };
    expect([packed.version, config.buildVersion]).toEqual([version, version]);
  });

  it('makes the same archive from the same sources', async () => {
    const before = readFileSync(archive);
    const feed = 'https://updates.example.org/';
    await pack('again', { config: { publish: { provider: 'generic', url: feed } } });
    const again = path.join(folder, 'again/linux-unpacked/resources');
    expect(readFileSync(path.join(again, 'app.asar')).equals(before)).toBe(true);
    // With a feed, the package says where; nothing else differs.
    expect(readFileSync(path.join(again, 'app-update.yml'), 'utf8')).toContain(feed);
  });

  it('is described to a Debian system by what the deb tool is told', async () => {
    const told: string[] = [];
    let desktop = '';
    await pack('deb', {
      targets: Platform.LINUX.createTarget(['deb']),
      // Asked right before the tool would be fetched and run; yes means that nothing is left to do.
      effectiveOptionComputed: async (options: unknown) => {
        const [args, file] = options as [string[], string];
        told.push(...args);
        desktop = readFileSync(file, 'utf8');
        return true;
      },
    });
    expect(told.join(' ')).toContain('Files straight between two computers');
    expect(desktop).toMatch(/^MimeType=x-scheme-handler\/tincan;/m);
    expect(desktop).toMatch(/^Exec=\S*tincan %U$/m);
  });

  it('is not packed from a configuration with a word that the packager does not know', async () => {
    await expect(pack('wrong', { config: { hardenedRuntim: true } as Configuration })).rejects.toThrow(
      'hardenedRuntim',
    );
  });
});
