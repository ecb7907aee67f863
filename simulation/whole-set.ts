// The fixed set in one process: seeds of each simulation and the sweep, what they reach of the program, how often each fault struck;
// then the planted bugs, each in a process of its own; and all of its numbers once more at the end.

import { spawnSync } from 'node:child_process';
import { beginMeasure } from './reach/measure.ts';
import { root } from './substitutions.ts';

export type WholeSetOptions = {
  /** Of each simulation. */
  readonly seeds: number;
  readonly steps: number;
  /** The sweep strikes at every so many disk calls. */
  readonly every: number;
  readonly hasMutants: boolean;
};

/** A situation that has all its cells ends before. */
const situationSeeds = 150;

/** Answers the exit code. */
export async function runWholeSet({ seeds, steps, every, hasMutants }: WholeSetOptions): Promise<number> {
  const measure = beginMeasure();
  const { runCampaign } = await import('./campaign.ts');
  const { runSweep } = await import('./sweep-calls.ts');
  const { runSeed, runWholeSeed } = await import('./run-seed.ts');
  const { runLinkSeed } = await import('./link/run-link-seed.ts');
  const { runSituations } = await import('./situations/run-situations.ts');
  const summary: string[] = [];
  const sum = { virtualMinutes: 0, coreMinutes: 0 };
  let isGood = true;
  for (const [what, run] of Object.entries({ transfers: runSeed, link: runLinkSeed, whole: runWholeSeed })) {
    console.log(`\n${what}`);
    const { failures, virtualMinutes, coreMinutes } = await runCampaign({
      ...{ run, what, first: 1, seeds, steps, minutes: undefined },
      ...{ isTwice: false, only: undefined, isLogged: false, failuresMost: 20 },
    });
    isGood &&= failures.length === 0;
    sum.virtualMinutes += virtualMinutes;
    sum.coreMinutes += coreMinutes;
    const ratio = (virtualMinutes / coreMinutes).toFixed(0);
    const perSecond = (seeds / coreMinutes / 60).toFixed(1);
    summary.push(
      `${what}: ${seeds} seeds, ${failures.length} failed, ${ratio} virtual minutes a minute of a core, ${perSecond} seeds a second`,
    );
  }
  summary.push(`all three: ${(sum.virtualMinutes / sum.coreMinutes).toFixed(0)} virtual minutes a minute of a core`);
  console.log('\nsweep');
  const isSwept = (await runSweep([], { failuresMost: 20, every })) === 0;
  summary.push(`sweep at every ${every} calls: ${isSwept ? 'all passed' : 'failed'}`);
  console.log('\nsituations');
  const situated = await runSituations({
    seeds: situationSeeds,
    first: 1,
    named: '',
    isLogged: false,
    failuresMost: 20,
    reached: measure.cells,
  });
  isGood &&= situated.failures.length === 0;
  summary.push(`situations: ${situated.seeds} seeds, ${situated.failures.length} failed`);
  const reached = measure.end();
  summary.push(...reached.summary);
  isGood &&= isSwept && reached.short.length === 0;
  if (hasMutants) {
    console.log('\nplanted bugs');
    const { status, found } = killMutants();
    summary.push(found);
    isGood &&= status === 0;
  }
  console.log(`\n${summary.join('\n')}`);
  for (const each of reached.short) console.log(`falls short: ${each}`);
  return isGood ? 0 : 1;
}

function killMutants(): { readonly status: number | null; readonly found: string } {
  const { status, stdout } = spawnSync(process.execPath, ['simulation/kill-mutants.ts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  console.log(stdout);
  return { status, found: `planted bugs: ${/^\d+ of \d+ found.*$/m.exec(stdout)?.[0] ?? 'not counted'}` };
}
