// Loaded into the hosts that a bench starts: how late a timer of 10 ms fires, since the last question. A question is the signal
// SIGUSR2; the answer is a line in the file that TINCAN_BENCH_LOOP_FILE names.

import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const everyMs = 10;
const file = process.env.TINCAN_BENCH_LOOP_FILE;

if (isMainThread && file !== undefined) {
  let late: number[] = [];
  let lastAt = performance.now();
  setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - lastAt - everyMs));
    lastAt = now;
  }, everyMs).unref();
  process.on('SIGUSR2', () => {
    const sorted = late.toSorted((a, b) => a - b);
    late = [];
    const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
    appendFileSync(file, `${JSON.stringify({ p99Ms, maxMs: sorted.at(-1) ?? 0, samples: sorted.length })}\n`);
  });
}
