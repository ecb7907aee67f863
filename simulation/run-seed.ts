// One seed from its beginning to its end: trouble, then calm, then the judgement.

import { calm } from './calm.ts';
import { enclose } from './guard.ts';
import { acts } from './people.ts';
import { Simulation } from './simulation.ts';
import { World } from './world.ts';

export type RunOptions = { readonly seed: number; readonly steps: number; readonly isLogged?: boolean };

export type RunResult = {
  readonly seed: number;
  readonly trace: string;
  readonly wrong: readonly string[];
  readonly log: readonly string[];
  readonly counters: ReadonlyMap<string, number>;
  readonly virtualMs: number;
  readonly events: number;
  readonly diskCalls: number;
};

export async function runSeed({ seed, steps, isLogged = false }: RunOptions): Promise<RunResult> {
  const world = new World(seed, isLogged);
  const release = enclose(world);
  let diskCalls = 0;
  try {
    const simulation = new Simulation(world);
    await simulation.begin();
    const count = world.chance.whole(3, steps);
    for (let step = 0; step < count && world.wrong.length === 0; step += 1) await simulation.step(acts);
    if (world.wrong.length === 0) await calm(simulation);
    diskCalls = simulation.computers.reduce((sum, { calls }) => sum + calls.count, 0);
  } catch (error) {
    world.fail(`the simulation itself failed: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    release();
  }
  const { wrong, log, counters, nowMs, events } = world;
  return { seed, trace: world.traceHash(), wrong, log, counters, virtualMs: nowMs, events, diskCalls };
}
