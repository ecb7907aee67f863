// What a person discards of an earlier run: the other side has the other half of it, and hears of that on a later link of this run.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resumeClaimsMax } from '../../../shared/wire/limits.ts';
import { openTestHost, type TestHost } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const secret = 'a'.repeat(64);
const claims = () => test.host.engine['unfinished.claims']({});

/** Kept by the host, as after a link that ended. */
async function unfinished(): Promise<string> {
  const file = path.join(test.folder, 'outside', 'a.txt');
  writeFileSync(file, 'a');
  const transfer = randomBytes(16).toString('hex');
  const items = (await test.host.stagePaths([file])).map(({ id }) => id);
  await test.host.engine['send.open']({ transfer, secret, items, peerName: 'p' });
  await test.host.engine['send.close']({ transfer, keep: true });
  return transfer;
}

it('is claimed as discarded, for as long as this run lasts', async () => {
  const transfer = await unfinished();
  await test.restart();
  expect(await claims()).toEqual([{ id: transfer, secret, direction: 'send' }]);
  await test.host.ui['unfinished.discard']({ transfer });
  expect(await test.host.ui['unfinished.list']({})).toEqual([]);
  expect(await claims()).toEqual([{ id: transfer, secret, direction: 'send', isDiscarded: true }]);
  await test.restart();
  expect(await claims()).toEqual([]);
});

it('is claimed behind what is kept, and the newest of very many', async () => {
  const ids: string[] = [];
  for (let at = 0; at <= resumeClaimsMax; at += 1) ids.push(await unfinished());
  for (const transfer of ids) await test.host.ui['unfinished.discard']({ transfer });
  const kept = await unfinished();
  const claimed = (await claims()).map(({ id }) => id);
  expect(claimed).toEqual([kept, ...ids.slice(1).reverse()]);
});

it('is not claimed where nothing was kept', async () => {
  await test.host.ui['unfinished.discard']({ transfer: 'ab'.repeat(16) });
  expect(await claims()).toEqual([]);
});
