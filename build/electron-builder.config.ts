// What is shipped and how it is wrapped, for each system. Nothing of node_modules goes in: every room is one bundle.

import path from 'node:path';
import type { Configuration } from 'electron-builder';
import { smokeBuildName } from '../electron/smoke-build.ts';
import manifest from '../package.json' with { type: 'json' };
import { afterPack, isSmokeBuild } from './after-pack.ts';
import { feedOf } from './feed.ts';
import { linuxProgram } from './linux-launcher.ts';
import { noticesFile, writeNotices } from './notices.ts';

const feed = isSmokeBuild ? undefined : feedOf(process.env);

/** File managers with a menu for it. Where others look, there is no place for a file: they offer "Open with", by the desktop file. */
const sendToMenus = [
  ['dolphin.desktop', '/usr/share/kio/servicemenus/tincan.desktop'],
  ['nemo.nemo_action', '/usr/share/nemo/actions/tincan.nemo_action'],
  ['thunar.desktop', '/usr/share/Thunar/sendto/thunar-sendto-tincan.desktop'],
].map(([name, place]) => `${path.join(import.meta.dirname, 'linux', name!)}=${place}`);

const config: Configuration = {
  appId: 'app.tincan.desktop',
  productName: 'Tincan',
  copyright: 'Tincan contributors, MIT License',
  directories: { output: isSmokeBuild ? 'smoke' : 'release', buildResources: 'build' },
  files: [
    'dist/electron/main.mjs',
    'dist/electron/host-process.mjs',
    'dist/electron/preload.cjs',
    'dist/renderer/**',
    'electron/tray.png',
    '!**/*.map',
    '!node_modules/**',
  ],
  extraResources: [
    { from: 'LICENSE', to: 'LICENSE.tincan.txt' },
    { from: noticesFile, to: 'THIRD-PARTY-NOTICES.txt' },
  ],
  // The version is package.json's and nothing else: no build number from the environment, no date.
  buildVersion: manifest.version,
  ...(isSmokeBuild ? { extraMetadata: { productName: smokeBuildName } } : {}),
  asar: true,
  npmRebuild: false,
  electronLanguages: [...['en', 'en-US', 'de', 'es', 'es-419', 'fr', 'pt_BR', 'pt-BR', 'ar', 'ja', 'zh_CN', 'zh-CN']],
  protocols: [{ name: 'Tincan code', schemes: ['tincan'] }],
  publish: feed === undefined ? null : { provider: 'generic', url: feed },
  beforePack: async () => writeNotices(),
  afterPack,
  win: {
    icon: 'build/icon.ico',
    target: [
      { target: 'nsis', arch: ['x64', 'arm64'] },
      { target: 'portable', arch: ['x64', 'arm64'] },
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the packager fills these in
    artifactName: 'Tincan-${version}-${os}-${arch}.${ext}',
  },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    runAfterFinish: false,
    include: 'build/installer.nsh',
  },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the packager fills these in
  portable: { artifactName: 'Tincan-${version}-portable-${arch}.${ext}' },
  mac: {
    icon: 'build/icon.icns',
    target: [
      { target: 'dmg', arch: ['universal'] },
      { target: 'zip', arch: ['universal'] },
    ],
    category: 'public.app-category.utilities',
    hardenedRuntime: true,
    gatekeeperAssess: false,
    entitlements: 'build/entitlements.mac.plist',
    entitlementsInherit: 'build/entitlements.mac.inherit.plist',
    extendInfo: {
      NSCameraUsageDescription: "Tincan reads the code on the other computer's screen with the camera.",
      NSLocalNetworkUsageDescription: 'Tincan sends files straight to the other computer on your network.',
      LSFileQuarantineEnabled: true,
      // Files may be dropped on the icon and opened with Tincan; it asks to be nobody's usual program.
      CFBundleDocumentTypes: [
        {
          CFBundleTypeName: 'Files and folders',
          CFBundleTypeRole: 'Viewer',
          LSHandlerRank: 'Alternate',
          LSItemContentTypes: ['public.data', 'public.folder'],
        },
      ],
    },
  },
  // No type of file here: Tincan would become what opens everything that nothing else opens. Links come from `protocols`.
  linux: {
    icon: 'build/icons',
    // The .deb brings an AppArmor profile, so Electron's sandbox works on Ubuntu 23.10 and later. An AppImage cannot. In the
    // .tar.gz the program says what to do there (linux-launcher.ts).
    target: ['deb', 'rpm', 'tar.gz'],
    category: 'Network',
    executableName: linuxProgram,
    syncDesktopName: true,
    synopsis: 'Files straight between two computers',
    desktop: { entry: { Name: 'Tincan', Keywords: 'file;transfer;send;share;', StartupWMClass: 'tincan' } },
  },
  deb: { fpm: sendToMenus },
  rpm: { fpm: sendToMenus },
};

export default config;
