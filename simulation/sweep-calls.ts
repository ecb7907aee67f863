// One scenario after the other, with one blow at one disk call each time.

import { calm } from './calm.ts';
import { errnosFor, type Strike } from './disk/disk-calls.ts';
import { enclose } from './guard.ts';
import { onWindows, replaces, type Scenario, scenarios } from './scenarios.ts';
import { Simulation } from './simulation.ts';
import { World } from './world.ts';

type Outcome = {
  readonly wrong: readonly string[];
  readonly names: readonly string[];
  readonly log: readonly string[];
};

export type SweepOptions = {
  readonly failuresMost: number;
  /** Every so many calls. */
  readonly every: number;
  /** Just at this one. */
  readonly only?: number | undefined;
};

/** Answers the exit code. */
export async function runSweep(
  wanted: readonly string[],
  { failuresMost, every, only }: SweepOptions,
): Promise<number> {
  let failures = 0;
  let runs = 0;
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const { names, wrong } = await strikeOnce(name, scenario);
    if (wrong.length > 0) console.log(`${name} without a blow: ${wrong.join(' | ')}`);
    if (names.length === 0) console.log(`${name}: nothing happens in it`);
    failures += wrong.length + (names.length === 0 ? 1 : 0);
    const before = runs;
    const last = Math.min(only ?? names.length, names.length);
    for (let at = only ?? 1; at <= last && failures < failuresMost; at += every) {
      for (const strike of strikesAt(at, names[at - 1]!)) {
        const outcome = await strikeOnce(name, scenario, strike);
        runs += 1;
        if (outcome.wrong.length === 0) continue;
        failures += 1;
        console.log(`${name}, call ${at} (${names[at - 1]}) ${nameOf(strike)}: ${outcome.wrong.join(' | ')}`);
        if (process.env.SWEEP_LOG) console.log(outcome.log.join('\n'));
      }
    }
    console.log(`${name}: ${names.length} calls, ${runs - before} blows`);
  }
  console.log(failures === 0 ? 'all passed' : `${failures} failed`);
  return failures === 0 ? 0 : 1;
}

function strikesAt(at: number, name: string): Strike[] {
  return [
    ...(['crash', 'kill'] as const).flatMap((is) => [
      { at, is, when: 'before' } as const,
      { at, is, when: 'after' } as const,
    ]),
    ...errnosFor(name).map((errno) => ({ at, is: 'error', errno }) as const),
  ];
}

function nameOf(strike: Strike): string {
  return strike.is === 'error' ? strike.errno : `${strike.is} ${strike.when}`;
}

async function strikeOnce(name: string, scenario: Scenario, strike?: Strike): Promise<Outcome> {
  const world = new World(Number(process.env.SWEEP_SEED ?? 1), process.env.SWEEP_LOG !== undefined);
  const release = enclose(world);
  let names: readonly string[] = [];
  try {
    const simulation = new Simulation(world);
    for (const { files } of simulation.computers) {
      files.isWindows = onWindows.has(name);
      // Each blow is a run of its own: how long a scanner takes is for the seeds.
      files.scanMs = () => world.chance.between(0, 60);
    }
    await simulation.begin();
    await world.pass(1_000, () => simulation.connections.isUp);
    const { calls } = simulation.computers[1];
    calls.count = 0;
    calls.isListing = true;
    calls.strike = strike;
    await scenario(simulation);
    calls.isListing = false;
    names = calls.names;
    if (world.wrong.length === 0) await calm(simulation);
    if (replaces.has(name))
      simulation.oracle.checkReplaced(simulation.computers[1], { mayRefuse: strike?.is === 'error' });
  } catch (error) {
    world.fail(`the simulation itself failed: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    release();
  }
  return { wrong: world.wrong, names, log: world.log };
}
