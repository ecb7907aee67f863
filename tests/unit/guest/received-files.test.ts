// Saving what a guest page received into folders that the person picks.

import { afterEach, expect, it, vi } from 'vitest';
import { openReceivedFiles } from '../../../guest/received-files.ts';

afterEach(() => vi.unstubAllGlobals());

it('saves into folders one after the other: two saves into one folder would both find the same name free', async () => {
  vi.stubGlobal('showDirectoryPicker', async () => ({}));
  const saves: PromiseWithResolvers<void>[] = [];
  const call = vi.fn(() => {
    const save = Promise.withResolvers<void>();
    saves.push(save);
    return save.promise;
  });
  const received = openReceivedFiles({ call } as never, { save: () => undefined });
  const first = received.saveToFolder('a'.repeat(32));
  const second = received.saveToFolder('b'.repeat(32));
  await vi.waitFor(() => expect(call).toHaveBeenCalled());
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(call).toHaveBeenCalledTimes(1);
  saves[0]!.reject(new Error('the disk is full'));
  await expect(first).rejects.toThrow('the disk is full');
  await vi.waitFor(() => expect(call).toHaveBeenCalledTimes(2));
  saves[1]!.resolve();
  expect(await second).toBe(true);
});
