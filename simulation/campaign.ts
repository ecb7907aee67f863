// Many seeds, one after the other, and what they add up to.

import { createHash } from 'node:crypto';
import type { RunOptions, RunResult } from './run-seed.ts';

export type CampaignOptions = {
  readonly run: (options: RunOptions) => Promise<RunResult>;
  /** As the commands that are printed say it. */
  readonly what: string;
  readonly first: number;
  readonly seeds: number;
  readonly steps: number;
  /** Stops after so many real minutes. */
  readonly minutes: number | undefined;
  /** Every seed runs two times, and must leave the same trace. */
  readonly isTwice: boolean;
  readonly only: readonly number[] | undefined;
  readonly isLogged: boolean;
  readonly failuresMost: number;
};

export type CampaignResult = {
  readonly seeds: number;
  readonly virtualMinutes: number;
  /** Of one core: what else the machine does is not counted. */
  readonly coreMinutes: number;
  readonly failures: readonly string[];
};

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { run, what, first, seeds, steps, minutes, isTwice, only, isLogged, failuresMost } = options;
  const startedMs = performance.now();
  const startedCore = process.cpuUsage();
  const counters = new Map<string, number>();
  const traces = createHash('sha256');
  const failures: string[] = [];
  let [ran, virtualMs, events, diskCalls] = [0, 0, 0, 0];
  for (let seed = first; seed < first + seeds && failures.length < failuresMost; seed += 1) {
    if (minutes !== undefined && performance.now() - startedMs > minutes * 60_000) break;
    const result = await run({ seed, steps, only, isLogged });
    if (isLogged) console.log(result.log.join('\n'));
    const wrong = [...result.wrong];
    if (isTwice) {
      const again = await run({ seed, steps, only });
      if (again.trace !== result.trace) wrong.push('a second run left another trace');
    }
    ran += 1;
    virtualMs += result.virtualMs;
    events += result.events;
    diskCalls += result.diskCalls;
    traces.update(result.trace);
    for (const [name, count] of result.counters) counters.set(name, (counters.get(name) ?? 0) + count);
    if (wrong.length === 0) continue;
    failures.push(String(seed));
    console.log(`seed ${seed} failed: ${wrong.join(' | ')}`);
    console.log(`  npm run simulate -- --what ${what} --seed ${seed} --seeds 1 --steps ${steps} --log`);
    console.log(`  npm run simulate -- --what ${what} --seed ${seed} --steps ${steps} --shrink`);
  }
  for (const [name, count] of [...counters].sort()) console.log(`${String(count).padStart(9)} ${name}`);
  console.log(`${ran} seeds, ${events} events, ${diskCalls} disk calls`);
  const core = process.cpuUsage(startedCore);
  const coreMinutes = (core.user + core.system) / 60e6;
  const virtualMinutes = virtualMs / 60_000;
  console.log(
    `${virtualMinutes.toFixed(0)} virtual minutes in ${coreMinutes.toFixed(2)} minutes of a core: ${(virtualMinutes / coreMinutes).toFixed(0)} to 1`,
  );
  console.log(`trace ${traces.digest('hex')}`);
  console.log(failures.length === 0 ? 'all passed' : `${failures.length} failed: ${failures.join(' ')}`);
  return { seeds: ran, virtualMinutes, coreMinutes, failures };
}
