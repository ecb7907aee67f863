// What is done to a packed app before it is signed: every fuse is set (one that this list does not know ends the build), and on
// Linux a script takes the place of the program.

import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FuseV1Options, FuseVersion, flipFuses as setFuses } from '@electron/fuses';
import { launcherScript, linuxProgram, realProgram } from './linux-launcher.ts';

export const fuses = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
} as const;

/** `TINCAN_SMOKE=1`: a package that a test driver can start and click in. It is never published. */
export const isSmokeBuild = process.env.TINCAN_SMOKE === '1';

type Packed = {
  readonly appOutDir: string;
  readonly electronPlatformName: string;
  readonly packager: { readonly appInfo: { readonly productFilename: string } };
};

export async function afterPack(packed: Packed): Promise<void> {
  await flipFuses(packed);
  if (packed.electronPlatformName === 'linux') addLauncher(packed.appOutDir);
}

function addLauncher(folder: string): void {
  const launcher = path.join(folder, linuxProgram);
  renameSync(launcher, path.join(folder, realProgram));
  writeFileSync(launcher, launcherScript(), { mode: 0o755 });
  // Whatever the umask of the build is.
  chmodSync(launcher, 0o755);
}

export async function flipFuses(packed: Packed): Promise<void> {
  if (isHalfOfUniversal(packed)) return;
  await setFuses(packedExecutable(packed), {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: packed.electronPlatformName === 'darwin',
    ...fuses,
    ...(isSmokeBuild ? { [FuseV1Options.EnableNodeCliInspectArguments]: true } : {}),
  });
}

/**
 * A universal macOS app is merged from one app for each processor, and the packager calls this for all three. Only the
 * merged one is shipped and signed. The folder's name is the packager's (macPackager.js, doUniversalPack).
 */
function isHalfOfUniversal({ appOutDir, electronPlatformName }: Packed): boolean {
  return electronPlatformName === 'darwin' && /-(x64|arm64)-temp$/.test(appOutDir);
}

function packedExecutable({ appOutDir, electronPlatformName, packager }: Packed): string {
  const name = packager.appInfo.productFilename;
  if (electronPlatformName === 'darwin') return path.join(appOutDir, `${name}.app`);
  return path.join(appOutDir, electronPlatformName === 'win32' ? `${name}.exe` : linuxProgram);
}
