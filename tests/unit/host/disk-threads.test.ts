// Work that travels to a thread as text and comes back with an answer or the disk's own word.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ThreadFs } from '../../../host/disk/disk.ts';
import { openDiskThreads } from '../../../host/disk/disk-threads.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-threads-'));
  writeFileSync(path.join(folder, 'x'), 'seven b');
});
afterEach(() => rmSync(folder, { recursive: true }));

const sizeOf = (fs: ThreadFs, name: string) => ({ size: fs.lstatSync(name).size });
const endOrSize = (fs: ThreadFs, name: string) => {
  if (name === 'end') process.exit(1);
  return { size: fs.lstatSync(name).size };
};

it('answers each batch, however many wait', async () => {
  const threads = openDiskThreads(sizeOf, 2);
  const answers = await Promise.all(Array.from({ length: 20 }, () => threads.do(path.join(folder, 'x'))));
  await threads.close();
  expect(new Set(answers.map(({ size }) => size))).toEqual(new Set([7]));
});

it('gives back the errno of what went wrong, and goes on', async () => {
  const threads = openDiskThreads(sizeOf, 1);
  const bad = threads.do(path.join(folder, 'nothing'));
  const good = threads.do(path.join(folder, 'x'));
  await expect(bad).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(good).resolves.toEqual({ size: 7 });
  await threads.close();
});

it('a thread that ends takes its batch with it and no other', async () => {
  const threads = openDiskThreads(endOrSize, 1);
  const bad = threads.do('end');
  const good = threads.do(path.join(folder, 'x'));
  await expect(bad).rejects.toThrow('ended');
  await expect(good).resolves.toEqual({ size: 7 });
  await threads.close();
});

it.each(['do', 'start'] as const)('where the system gives no thread it says so, and closes: %s', async (first) => {
  const workers = createRequire(import.meta.url)('node:worker_threads') as { Worker: unknown };
  const { Worker } = workers;
  const exchange = (worker: unknown) => {
    workers.Worker = worker;
    syncBuiltinESMExports();
  };
  exchange(function refuse() {
    throw Object.assign(new Error('no thread'), { code: 'ERR_WORKER_INIT_FAILED' });
  });
  const threads = openDiskThreads(sizeOf, 2);
  try {
    if (first === 'start') threads.start();
    const asked = [0, 1, 2].map(() => threads.do(path.join(folder, 'x')));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes).toMatchObject(asked.map(() => ({ status: 'rejected', reason: { message: 'no thread' } })));
  } finally {
    exchange(Worker);
  }
  await expect(threads.do(path.join(folder, 'x'))).resolves.toEqual({ size: 7 });
  await threads.close();
});

it('closes once what was asked for is done, and takes nothing more', async () => {
  const threads = openDiskThreads(sizeOf, 1);
  const asked = [0, 1, 2].map(() => threads.do(path.join(folder, 'x')));
  await threads.close();
  expect(await Promise.all(asked)).toHaveLength(3);
  await expect(threads.do(path.join(folder, 'x'))).rejects.toThrow('have ended');
});

it('that was started before there is anything to do takes the first batch, is started once, and holds nothing up', async () => {
  const ids = openDiskThreads(() => ({ thread: process.getBuiltinModule('node:worker_threads').threadId }), 2);
  ids.start();
  ids.start();
  const first = await ids.do(null);
  ids.start();
  expect(await ids.do(null)).toEqual(first);
  await ids.close();
  ids.start();
  // Nobody waits for one that was never used.
  const unused = openDiskThreads(sizeOf, 1);
  unused.start();
  await unused.close();
});
