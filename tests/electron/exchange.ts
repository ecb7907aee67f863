// Two Tincans pair by paste and each sends the other a file; the hashes are compared. The same steps run in a packaged
// app and, so that they are tried everywhere, in the browser shell.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { type Instance, temporaryFolder } from '../e2e/instance.ts';
import { link, sha256Of, waitForState } from '../e2e/pairing.ts';

const fileBytes = 12_000_000;

export type Pick = (from: Instance, file: string) => Promise<void>;

export async function exchangeFiles(anna: Instance, ben: Instance, pick: Pick): Promise<void> {
  await link(anna, ben);
  for (const [from, to] of [
    [anna, ben],
    [ben, anna],
  ] as const) {
    const source = path.join(temporaryFolder('source'), `from ${from.name}.bin`);
    writeFileSync(source, randomBytes(fileBytes));
    await pick(from, source);
    await to.at('offer').waitFor();
    await to.at('accept').click();
    await Promise.all([waitForState(from, 'send', 'done'), waitForState(to, 'receive', 'done')]);
    expect(await sha256Of(path.join(to.downloadDir, path.basename(source)))).toBe(await sha256Of(source));
  }
  await Promise.all([anna.screenshot('exchanged'), ben.screenshot('exchanged')]);
}
