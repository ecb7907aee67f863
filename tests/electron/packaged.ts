// Where the packager put the program of an unpacked package, on this system.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../e2e/instance.ts';

const places: Readonly<Record<string, readonly string[]>> = {
  linux: ['linux-unpacked/tincan', 'linux-arm64-unpacked/tincan'],
  darwin: ['mac-universal', 'mac-arm64', 'mac'].map((folder) => `${folder}/Tincan.app/Contents/MacOS/Tincan`),
  win32: ['win-unpacked/Tincan.exe', 'win-arm64-unpacked/Tincan.exe'],
};

/** `variable` names the packager's output folder. Where the runtime is required, a missing package is an error. */
export function packagedProgram(variable: string): string | undefined {
  const folder = process.env[variable];
  const program =
    folder && (places[process.platform] ?? []).map((place) => path.resolve(root, folder, place)).find(existsSync);
  if (program) return program;
  const missing = `${variable} names no folder with a package`;
  if (folder !== undefined) throw new Error(`${missing}: ${folder}`);
  console.warn(`SKIPPED, not passed: ${missing}`);
  return undefined;
}
