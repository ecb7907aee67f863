// Runs the situations one after the other, each with some seeds of its own.

import type { CampaignResult } from '../campaign.ts';
import { LinkSimulation } from '../link/link-simulation.ts';
import { linkPlay } from '../link/run-link-seed.ts';
import { type RunOptions, type RunResult, runPlay, transferPlay } from '../run-seed.ts';
import { Simulation } from '../simulation.ts';
import { endingSituations } from './ending-situations.ts';
import { harmSituations } from './harm-situations.ts';
import { linkSituations, quietLinkActs } from './link-situations.ts';
import { follow, type Situation } from './situation.ts';
import { quietActs } from './transfer-acts.ts';
import { transferSituations, usual } from './transfer-situations.ts';

type Named = {
  readonly name: string;
  readonly cells: readonly string[];
  run(options: RunOptions): Promise<RunResult>;
};

/** Each has seeds that no other has. */
const seedsApart = 1_000_000;
/** A run is a few moments that matter. */
const stepsMost = 24;

export const situations: readonly Named[] = [
  ...[...transferSituations, ...harmSituations].map(ofTransfers),
  ...linkSituations.map((each) => ({ ...each, run: (options: RunOptions) => runLink(each, options) })),
  // At the end: the number of a situation says what its seeds are.
  ...endingSituations.map(ofTransfers),
];

function ofTransfers(situation: Situation<Simulation>): Named {
  return { ...situation, run: (options) => runTransfers(situation, options) };
}

async function runTransfers(situation: Situation<Simulation>, options: RunOptions): Promise<RunResult> {
  let stop = () => {};
  const result = await runPlay((world) => {
    world.isBusy = situation.isBusy === true;
    world.isHeldForGood = situation.isHeldForGood === true;
    const simulation = new Simulation(world);
    stop = follow(world, simulation, [...usual, ...situation.rules], () => simulation.isCalm);
    const play = transferPlay(simulation, situation.acts ?? quietActs);
    return {
      ...play,
      async begin() {
        await play.begin();
        await world.pass(1_000, () => simulation.connections.isUp);
        await world.pass(300);
        for (const computer of simulation.computers) {
          if (situation.sizes === undefined) simulation.send(computer);
          else simulation.sendSized(computer, situation.sizes);
        }
      },
    };
  }, options);
  stop();
  return result;
}

async function runLink(situation: Situation<LinkSimulation>, options: RunOptions): Promise<RunResult> {
  let stop = () => {};
  const result = await runPlay((world) => {
    world.isBusy = situation.isBusy === true;
    const simulation = new LinkSimulation(world);
    stop = follow(world, simulation, situation.rules, () => simulation.isCalm);
    return linkPlay(simulation, quietLinkActs);
  }, options);
  stop();
  return result;
}

export type SituationsOptions = {
  /** Of each situation, at most. */
  readonly seeds: number;
  readonly first: number;
  /** Only those with this in their name. */
  readonly named: string;
  readonly isLogged: boolean;
  readonly failuresMost: number;
  /** Cells that were reached so far: a situation ends once it has all that it is for. */
  readonly reached: ReadonlySet<string> | undefined;
};

export async function runSituations({
  seeds,
  first,
  named,
  isLogged,
  failuresMost,
  reached,
}: SituationsOptions): Promise<Pick<CampaignResult, 'seeds' | 'failures'>> {
  const failures: string[] = [];
  let ran = 0;
  for (const [at, { name, cells, run }] of situations.entries()) {
    if (!name.includes(named) || failures.length >= failuresMost) continue;
    const isDone = () =>
      failures.length >= failuresMost ||
      (reached !== undefined && cells.length > 0 && cells.every((cell) => reached.has(cell)));
    const before = ran;
    for (let seed = first; seed < first + seeds && !isDone(); seed += 1) {
      const result = await run({ seed: at * seedsApart + seed, steps: stepsMost, isLogged });
      if (isLogged) console.log(result.log.join('\n'));
      ran += 1;
      if (result.wrong.length === 0) continue;
      failures.push(`${name} ${seed}`);
      console.log(`seed ${seed} of ${name} failed: ${result.wrong.join(' | ')}`);
      console.log(`  npm run simulate -- --situation '${name}' --seed ${seed} --seeds 1 --log`);
    }
    const missing = reached === undefined ? [] : cells.filter((cell) => !reached.has(cell));
    console.log(`${name}: ${ran - before} seeds${missing.length === 0 ? '' : `, not reached: ${missing.join(', ')}`}`);
  }
  console.log(failures.length === 0 ? 'all passed' : `${failures.length} failed`);
  return { seeds: ran, failures };
}
