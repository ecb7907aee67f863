// Two whole Tincans, each in a home of its own, with the servers that their people would have typed in.

import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../shared/ipc/settings.ts';
import type { RouteView } from '../../shared/model/link-view.ts';
import { type Instance, startInstance, temporaryFolder } from '../e2e/instance.ts';
import { settleDigits, sha256Of, treeOf, waitForState } from '../e2e/pairing.ts';
import type { Homes } from './homes.ts';
import type { Side } from './namespaces.ts';

type HomeSettings = Pick<Settings, 'internet' | 'servers'> & Partial<Settings>;

/** Of each file that `sendBothWays` sends. */
export const fileBytes = 3_000_000;

/** What the person of each home set. */
export type SettingsOf = (homes: Homes, side: Side) => HomeSettings;

export function openApps(homes: Homes, settingsOf: SettingsOf): Promise<[Instance, Instance]> {
  const open = (name: string, side: Side) => {
    const folder = temporaryFolder(name);
    mkdirSync(path.join(folder, 'data'));
    writeFileSync(
      path.join(folder, 'data', 'settings.json'),
      JSON.stringify({ ...settingsOf(homes, side), language: 'en' }),
    );
    return startInstance({ name, folder, namespace: homes.name(side) });
  };
  return Promise.all([open('anna', 'a'), open('ben', 'b')]);
}

/** What the line's details say, which come a moment after the link. */
export async function untilRoute(instance: Instance, kind: RouteView['kind']): Promise<string> {
  const line = instance.page.locator(`[data-testid="route"][data-route="${kind}"]`);
  await line.waitFor({ timeout: 15_000 });
  return line.innerText();
}

/** From linked to the same bytes on the other disk, both ways. */
export async function exchangeFiles(anna: Instance, ben: Instance): Promise<void> {
  await settleDigits(anna, ben);
  await sendBothWays(anna, ben);
}

export async function sendBothWays(anna: Instance, ben: Instance): Promise<void> {
  await sendFile(anna, ben);
  await sendFile(ben, anna);
}

async function sendFile(from: Instance, to: Instance): Promise<void> {
  const name = `from ${from.name}.bin`;
  const source = path.join(temporaryFolder('source'), name);
  writeFileSync(source, randomBytes(fileBytes));
  await from.at('file-input').setInputFiles(source);
  await to.at('accept').click();
  await Promise.all([waitForState(from, 'send', 'done'), waitForState(to, 'receive', 'done')]);
  assert.deepEqual(await treeOf(to.downloadDir), [name]);
  assert.equal(await sha256Of(path.join(to.downloadDir, name)), await sha256Of(source));
}
