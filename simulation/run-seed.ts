// One seed from its beginning to its end: trouble, then calm, then the judgement.

import { calm } from './calm.ts';
import { enclose } from './guard.ts';
import { acts, actWhenRowChanges } from './people.ts';
import { type Act, type Paces, Simulation } from './simulation.ts';
import { RealLink } from './whole/real-link.ts';
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

/** What a seed plays with. Chance begins anew before each step, so that one that is left out changes nothing in the others. */
export interface Play {
  begin(): Promise<void>;
  step(): Promise<void>;
  /** Nothing goes wrong any more: everything that may end well does. */
  calm(): Promise<void>;
  diskCalls(): number;
}

export async function runPlay(
  open: (world: World) => Play,
  { seed, steps, only, isLogged = false }: RunOptions,
): Promise<RunResult> {
  const world = new World(seed, isLogged);
  const release = enclose(world);
  const done: number[] = [];
  let diskCalls = 0;
  try {
    const play = open(world);
    await play.begin();
    const count = world.chance.whole(3, steps);
    for (let step = 0; step < count && world.wrong.length === 0; step += 1) {
      if (only?.includes(step) === false) continue;
      world.chance.restart(seed, step);
      done.push(step);
      await play.step();
    }
    world.chance.restart(seed, steps);
    if (world.wrong.length === 0) await play.calm();
    diskCalls = play.diskCalls();
  } catch (error) {
    world.fail(`the simulation itself failed: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    release();
  }
  const { wrong, log, counters, nowMs, events } = world;
  return { seed, trace: world.traceHash(), done, wrong, log, counters, virtualMs: nowMs, events, diskCalls };
}

export function runSeed(options: RunOptions): Promise<RunResult> {
  return runPlay((world) => playOf(new Simulation(world)), options);
}

/** Two people who wait for a link to come up are slower than hands. */
const linkPaces: Paces = [
  [20, 0],
  [40, 500],
  [35, 10_000],
  [5, 300_000],
];

/** The same, with the real link between the two. */
export function runWholeSeed(options: RunOptions): Promise<RunResult> {
  return runPlay((world) => playOf(new Simulation(world, (...both) => new RealLink(...both)), linkPaces), options);
}

function playOf(simulation: Simulation, paces?: Paces): Play {
  simulation.rowListeners.add((view) => actWhenRowChanges(simulation, view));
  return transferPlay(simulation, acts, paces);
}

export function transferPlay(simulation: Simulation, people: readonly Act[], paces?: Paces): Play {
  return {
    begin: () => simulation.begin(),
    step: () => simulation.step(people, paces),
    calm: () => calm(simulation),
    diskCalls: () => simulation.computers.reduce((sum, { calls }) => sum + calls.count, 0),
  };
}
