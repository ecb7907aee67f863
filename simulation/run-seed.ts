// One seed from its beginning to its end: trouble, then calm, then the judgement.

import { calm } from './calm.ts';
import { enclose } from './guard.ts';
import { acts } from './people.ts';
import { Simulation } from './simulation.ts';
import { World } from './world.ts';

export type RunOptions = {
  readonly seed: number;
  /** At most so many. */
  readonly steps: number;
  /** Numbers of those that are done; the others are left out. Without it all are done. */
  readonly only?: readonly number[] | undefined;
  readonly isLogged?: boolean;
};

export type RunResult = {
  readonly seed: number;
  readonly trace: string;
  /** Numbers of the steps that were done. */
  readonly done: readonly number[];
  readonly wrong: readonly string[];
  readonly log: readonly string[];
  readonly counters: ReadonlyMap<string, number>;
  readonly virtualMs: number;
  readonly events: number;
  readonly diskCalls: number;
};

export async function runSeed({ seed, steps, only, isLogged = false }: RunOptions): Promise<RunResult> {
  const world = new World(seed, isLogged);
  const release = enclose(world);
  const done: number[] = [];
  let diskCalls = 0;
  try {
    const simulation = new Simulation(world);
    await simulation.begin();
    const count = world.chance.whole(3, steps);
    for (let step = 0; step < count && world.wrong.length === 0; step += 1) {
      if (only?.includes(step) === false) continue;
      // What is left out changes nothing in the steps that are done.
      world.chance.restart(seed, step);
      done.push(step);
      await simulation.step(acts);
    }
    if (world.wrong.length === 0) await calm(simulation);
    diskCalls = simulation.computers.reduce((sum, { calls }) => sum + calls.count, 0);
  } catch (error) {
    world.fail(`the simulation itself failed: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    release();
  }
  const { wrong, log, counters, nowMs, events } = world;
  return { seed, trace: world.traceHash(), done, wrong, log, counters, virtualMs: nowMs, events, diskCalls };
}
