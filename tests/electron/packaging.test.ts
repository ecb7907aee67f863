// What would be shipped, packed on a stand-in for Electron's download: nothing missing, nothing that does not belong.

import { execFileSync } from 'node:child_process';
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
import { launcherScript, linuxProgram, realProgram } from '../../build/linux-launcher.ts';
import { collectNotices } from '../../build/notices.ts';
import { smokeBuildName } from '../../electron/smoke-build.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'tincan-package-'));
const unpacked = path.join(folder, 'release/linux-unpacked');
const archive = path.join(unpacked, 'resources/app.asar');
const [fuseOff, fuseOn] = [48, 49];

/** The packager's tool for debs: named, or on the path. It would be downloaded otherwise, and tests download nothing. */
const fpm = process.env.CUSTOM_FPM_PATH ?? findOnPath('fpm');
if (fpm === undefined)
  console.warn('SKIPPED, not passed: there is no fpm here, so no deb was made (CUSTOM_FPM_PATH names one)');
else process.env.CUSTOM_FPM_PATH = fpm;

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

function findOnPath(name: string): string | undefined {
  const places = (process.env.PATH ?? '').split(path.delimiter).map((each) => path.join(each, name));
  return process.platform === 'linux' ? places.find((place) => existsSync(place)) : undefined;
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
        '/dist/electron/host-process.mjs',
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
    const wire = await getCurrentFuseWire(path.join(unpacked, realProgram));
    expect(wire.version).toBe(FuseVersion.V1);
    const names = Object.values(FuseV1Options).filter((option) => typeof option === 'number');
    expect(names.map((option) => wire[option])).toEqual(names.map((option) => (fuses[option] ? fuseOn : fuseOff)));
  });

  it('is started by the script that looks at the sandbox first', () => {
    const launcher = path.join(unpacked, linuxProgram);
    expect(readFileSync(launcher, 'utf8')).toBe(launcherScript());
    expect([launcher, path.join(unpacked, realProgram)].map((file) => statSync(file).mode & 0o777)).toEqual([
      0o755, 0o755,
    ]);
  });

  it('has a preload that needs nothing but Electron', () => {
    const preload = readFileSync(path.join(root, 'dist/electron/preload.cjs'), 'utf8');
    expect([...preload.matchAll(/require\(["'`]([^"'`]+)/g)].map(([, name]) => name)).toEqual(['electron/renderer']);
  });

  it('carries the licence of everything that is bundled', () => {
    const notices = readFileSync(path.join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['react', 'react-dom', 'zod', 'zustand', 'zxing-wasm', 'electron-updater', 'scheduler']) {
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
    // A link, and no type of file: Tincan must not become what opens everything that nothing else opens.
    expect(desktop).toMatch(/^MimeType=x-scheme-handler\/tincan;$/m);
    const menus = told.flatMap(
      (each) => /^(.+)=(\/usr\/share\/(?:kio|nemo|Thunar)\/.+)$/.exec(each)?.slice(1, 3) ?? [],
    );
    expect(menus.filter((_, at) => at % 2 === 1)).toEqual([
      '/usr/share/kio/servicemenus/tincan.desktop',
      '/usr/share/nemo/actions/tincan.nemo_action',
      '/usr/share/Thunar/sendto/thunar-sendto-tincan.desktop',
    ]);
    const launches = menus
      .filter((_, at) => at % 2 === 0)
      .map((file) => /^Exec=(\S+) (.+)$/m.exec(readFileSync(file, 'utf8'))!.slice(1));
    expect(launches).toEqual([
      ['/opt/Tincan/tincan', '-- %F'],
      ['/opt/Tincan/tincan', '%U'],
      ['/opt/Tincan/tincan', '-- %F'],
    ]);
    expect(desktop).toMatch(/^Exec=\S*tincan %U$/m);
  });

  it.skipIf(fpm === undefined)('becomes a deb that holds all of it and says what it needs', async () => {
    const made = await pack('real-deb', { targets: Platform.LINUX.createTarget(['deb']) });
    const deb = made.find((file) => file.endsWith('.deb'))!;
    const ask = (...args: string[]) => execFileSync('dpkg-deb', [...args, deb], { encoding: 'utf8' });
    const held = ask('--contents')
      .trimEnd()
      .split('\n')
      .map((line) => `${line.slice(0, 10)} ${line.split(/\s+/)[5]!.replace(/^\./, '')}`);
    expect(held).toEqual(
      expect.arrayContaining([
        '-rwxr-xr-x /opt/Tincan/tincan',
        '-rwxr-xr-x /opt/Tincan/tincan-bin',
        '-rw-r--r-- /opt/Tincan/resources/app.asar',
        '-rw-r--r-- /opt/Tincan/resources/apparmor-profile',
        '-rw-r--r-- /opt/Tincan/resources/THIRD-PARTY-NOTICES.txt',
        '-rw-r--r-- /usr/share/applications/tincan.desktop',
        '-rw-r--r-- /usr/share/kio/servicemenus/tincan.desktop',
        '-rw-r--r-- /usr/share/nemo/actions/tincan.nemo_action',
        '-rw-r--r-- /usr/share/Thunar/sendto/thunar-sendto-tincan.desktop',
        '-rw-r--r-- /usr/share/icons/hicolor/256x256/apps/tincan.png',
      ]),
    );
    const about = execFileSync('dpkg-deb', ['--field', deb], { encoding: 'utf8' });
    expect(about).toMatch(/^Package: tincan$/m);
    expect(about).toMatch(/^Depends: .*libgtk-3-0/m);
  });

  it('is packed by the step of the workflow, under another name where a test may click in it', () => {
    const output = path.join(folder, 'smoke');
    const options = [`-c.electronDist=${electronDist}`, `-c.directories.output=${output}`];
    execFileSync(process.execPath, ['build/package.mjs', '--linux', '--dir', ...options], {
      cwd: root,
      env: { ...process.env, TINCAN_SMOKE: '1', CSC_LINK: '', CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
      stdio: 'pipe',
    });
    const resources = path.join(output, 'linux-unpacked/resources');
    const packed = JSON.parse(extractFile(path.join(resources, 'app.asar'), 'package.json').toString()) as object;
    expect(packed).toMatchObject({ name: 'tincan', productName: smokeBuildName });
    expect(existsSync(path.join(resources, 'app-update.yml'))).toBe(false);
    expect(existsSync(path.join(output, 'linux-unpacked/tincan'))).toBe(true);
  });

  it('is not packed from a configuration with a word that the packager does not know', async () => {
    await expect(pack('wrong', { config: { hardenedRuntim: true } as Configuration })).rejects.toThrow(
      'hardenedRuntim',
    );
  });
});
