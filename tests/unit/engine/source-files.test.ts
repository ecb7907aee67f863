// What a transfer opened on one link is closed before the next link opens it, however it ended.

import { expect, it } from 'vitest';
import { SourceFiles } from '../../../engine/send/source-files.ts';

function openFiles() {
  const calls: string[] = [];
  const reopened = Promise.withResolvers<void>();
  const files = new SourceFiles({
    open: async () => ({ title: '', totals: { files: 0, folders: 0, bytes: 0 }, skipped: [], skippedCount: 0 }),
    async reopen() {
      calls.push('reopen');
      await reopened.promise;
      return { title: '', totals: { files: 0, folders: 0, bytes: 0 } };
    },
    manifest: async () => ({ entries: [], next: null }),
    select: async () => undefined,
    read: () => Promise.reject(new Error('nobody reads')),
    sendDirect: () => Promise.reject(new Error('nobody reads')),
    digests: async () => [],
    knownHashes: async () => new Uint8Array(),
    keepRoot: async () => undefined,
    async close(keep) {
      calls.push(keep ? 'close' : 'forget');
    },
  });
  return { files, calls, reopened };
}

it('what waits to be opened again when the link ends is not opened after it', async () => {
  const { files, calls } = openFiles();
  const history = Promise.withResolvers<void>();
  files.putAway(true, () => history.promise);
  const again = files.reopen();
  files.interrupt();
  history.resolve();
  await files.closed();
  expect(await again).toBeUndefined();
  expect(calls).toEqual(['close']);
});

it('what is being opened when the link ends is closed before anybody hears that nothing is under way', async () => {
  const { files, calls, reopened } = openFiles();
  const again = files.reopen();
  await expect.poll(() => calls).toEqual(['reopen']);
  files.interrupt();
  let isClosed = false;
  const closed = files.closed().then(() => (isClosed = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isClosed).toBe(false);
  reopened.resolve();
  await closed;
  expect(calls).toEqual(['reopen', 'close']);
  expect(await again).toBeUndefined();
});

it('what is put away while it is being opened is closed as told', async () => {
  const { files, calls, reopened } = openFiles();
  const again = files.reopen();
  files.putAway(false, async () => void calls.push('history'));
  reopened.resolve();
  await files.closed();
  expect(await again).toBeUndefined();
  expect(calls.at(-1)).toBe('history');
  expect(calls).toContain('forget');
});

it('what fails to open after it was given up is not taken for the failure of what came after it', async () => {
  const { files, calls, reopened } = openFiles();
  const first = files.reopen();
  await expect.poll(() => calls).toEqual(['reopen']);
  files.interrupt();
  const failing = first.then(
    () => 'nothing',
    () => 'a failure',
  );
  reopened.reject(new Error('the disk does not answer'));
  expect(await failing).toBe('nothing');
  await files.closed();
  expect(calls).toEqual(['reopen', 'close']);
});
