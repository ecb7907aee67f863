// Two honest engines, whatever happens to them: no violation, no transfer that hangs, none that ends wrongly.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ride } from './seeded-ride.ts';

// Small blocks: a transfer of many costs next to nothing, and a thousand rides fit into the time of one.
vi.mock('../../../shared/wire/limits.ts', async (original) => ({
  ...(await original<object>()),
  blockBytes: 4_096,
  creditMaxBlocks: 4,
}));

const escaped: unknown[] = [];
const note = (error: unknown) => escaped.push(error);

beforeAll(() => {
  // The real one answers from other threads, in an order that no seed can bring back.
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_name, bytes) => {
    const hash = createHash('sha256')
      .update(bytes as Uint8Array)
      .digest();
    return new Uint8Array(hash).buffer;
  });
  process.on('unhandledRejection', note);
});
afterAll(() => {
  process.off('unhandledRejection', note);
});

// Other seeds, longer rides, or one seed with its log: RIDE_SEED=7 RIDES=1 RIDE_STEPS=80 RIDE_LOG=1.
// RIDE_LOG_DIR=DIR writes one file for each seed, so that two versions of the engine can be compared with `diff -r`.
const first = Number(process.env.RIDE_SEED ?? 1);
const steps = Number(process.env.RIDE_STEPS ?? 25);
const rides = Number(process.env.RIDES ?? 250);

it(`go well ${rides} times, from seed ${first}`, async () => {
  const failures: string[] = [];
  for (let seed = first; seed < first + rides && failures.length < 10; seed += 1) {
    const { wrong, log } = await ride(seed, steps);
    if (wrong.length > 0) failures.push(`seed ${seed}: ${wrong.join(' | ')}`);
    if (process.env.RIDE_LOG) console.log(log.join('\n'));
    if (process.env.RIDE_LOG_DIR) writeFileSync(path.join(process.env.RIDE_LOG_DIR, `${seed}.log`), log.join('\n'));
  }
  expect(failures).toEqual([]);
  expect(escaped).toEqual([]);
}, 3_600_000);
