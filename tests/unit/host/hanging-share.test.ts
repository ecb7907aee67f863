// A share that hangs answers neither yes nor no. Only what is kept there waits for it.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Disk } from '../../../host/disk/disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { keptViewsAtOnce } from '../../../shared/wire/limits.ts';
import { arrive } from './receive-steps.ts';
import { openTestHost } from './test-host.ts';

it.each(['claims', 'discard'] as const)('keeps nobody from %s of what is kept elsewhere', async (what) => {
  const { answer, away, here, test } = await keptOnAShare();
  const work =
    what === 'claims'
      ? test.host.engine['unfinished.claims']({})
      : test.host.ui['unfinished.discard']({ transfer: here.transfer });
  const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'late'));
  expect(await Promise.race([Promise.resolve<unknown>(work).then(() => 'answered'), late])).toBe('answered');
  const known = (await test.host.engine['unfinished.claims']({})).map(({ id, isDiscarded }) => ({ id, isDiscarded }));
  expect(known).toContainEqual({ id: away.transfer, isDiscarded: undefined });
  expect(known).toContainEqual({ id: here.transfer, isDiscarded: what === 'discard' ? true : undefined });
  answer();
  await test.close();
});

it('is asked by few calls at once, however often the list is', async () => {
  const { answer, asked, test } = await keptOnAShare();
  const lists = Array.from({ length: 3 * keptViewsAtOnce }, () => test.host.ui['unfinished.list']({}));
  await vi.waitFor(() => expect(asked()).toBeGreaterThan(0));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked()).toBeLessThanOrEqual(keptViewsAtOnce);
  answer();
  for (const list of await Promise.all(lists)) expect(list).toHaveLength(2);
  await test.close();
});

/** Two transfers of an earlier link: one on a share that hangs from now on, one not. */
async function keptOnAShare() {
  const real = openRealDisk();
  const answering = Promise.withResolvers<void>();
  let [share, asked] = ['', 0];
  const disk: Disk = {
    ...real,
    async open(file, ...how) {
      if (share !== '' && String(file).startsWith(share)) {
        asked += 1;
        await answering.promise;
      }
      return real.open(file, ...how);
    },
  };
  const test = await openTestHost({ disk });
  const away = await arrive(test.host, { away: 100 });
  const staging = readdirSync(test.downloads).find((name) => name.startsWith('.tincan-'))!;
  const here = await arrive(test.host, { here: 100 });
  for (const { transfer } of [away, here]) await test.host.engine['receive.close']({ transfer, keep: true });
  share = path.join(test.downloads, staging);
  return { answer: () => answering.resolve(), asked: () => asked, away, here, test };
}
