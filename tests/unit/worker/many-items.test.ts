// Thousands of files that were picked by hand, and one more than a transfer takes.

import { expect, it } from 'vitest';
import { type HostClient, openHostDisk } from '../../../renderer/worker/host-disk.ts';
import { engineCalls } from '../../../shared/ipc/contract.ts';
import { manifestMaxEntries } from '../../../shared/wire/limits.ts';

const secret = 'cd'.repeat(32);
const picked = (count: number) => Array.from({ length: count }, (_, at) => at.toString(16).padStart(24, '0'));

function openWith(items: readonly string[]) {
  const host = {
    call: async (name: 'send.open', input: unknown) => engineCalls[name].input.parse(input).items.length,
  } as unknown as HostClient;
  return openHostDisk(host).source('ab'.repeat(16), { is: 'items', items, secret }).open('Ben');
}

it('go to the host together, as many as a transfer takes', async () => {
  expect(await openWith(picked(20_000))).toBe(20_000);
  expect(await openWith(picked(manifestMaxEntries))).toBe(manifestMaxEntries);
});

it('are refused for their number where they are more', async () => {
  await expect(openWith(picked(manifestMaxEntries + 1))).rejects.toMatchObject({ code: 'manifest-too-large' });
});
