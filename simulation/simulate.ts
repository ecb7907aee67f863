// `npm run simulate -- --seeds N --minutes M`: runs many seeds and prints one hash for all of them, and for each that failed
// the command that runs it again.

import { parseArgs } from 'node:util';
import { plantedBy } from './planted.ts';
import { substitute } from './substitutions.ts';

const { values } = parseArgs({
  options: {
    /** `transfers`, `link`, or `whole`: transfers over the real link. */
    what: { type: 'string', default: 'transfers' },
    seed: { type: 'string', default: '1' },
    /** 100, and 250 of each simulation in the fixed set. */
    seeds: { type: 'string' },
    steps: { type: 'string', default: '40' },
    minutes: { type: 'string' },
    twice: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    failures: { type: 'string', default: '5' },
    mutant: { type: 'string' },
    /** Runs the situations with this in their name; an empty one runs them all. */
    situation: { type: 'string' },
    /** Numbers of the steps that are done, as a shrunk run prints them. */
    only: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    /** The fixed set: both simulations and the sweep, and what they reach of the program. */
    coverage: { type: 'boolean', default: false },
    /** The same, and which planted bugs it finds: everything that is known of the simulation, in one go. */
    all: { type: 'boolean', default: false },
    /** With these, the sweep strikes at every so many disk calls. */
    every: { type: 'string', default: '4' },
  },
});

if (values.coverage || values.all) {
  const { runWholeSet } = await import('./whole-set.ts');
  const [seeds, steps, every] = [Number(values.seeds ?? 250), Number(values.steps), Number(values.every)];
  process.exit(await runWholeSet({ seeds, steps, every, hasMutants: values.all }));
}

const planted = plantedBy(values.mutant);

if (values.situation !== undefined) {
  const { stepReports } = await import('./reach/watch.ts');
  substitute([...planted, ...stepReports]);
  const { beginCells } = await import('./reach/cells.ts');
  const { runSituations } = await import('./situations/run-situations.ts');
  const { failures } = await runSituations({
    ...{ seeds: Number(values.seeds ?? 100), first: Number(values.seed), named: values.situation },
    failuresMost: Number(values.failures),
    ...{ isLogged: values.log, reached: values.log || planted.length > 0 ? undefined : beginCells().reached },
  });
  process.exit(failures.length === 0 ? 0 : 1);
}

substitute(planted);
const { runCampaign } = await import('./campaign.ts');
const { runShrunk } = await import('./run-shrunk.ts');
const { runSeed, runWholeSeed } = await import('./run-seed.ts');
const { runLinkSeed } = await import('./link/run-link-seed.ts');
const { what } = values;
const runs = new Map([
  ['transfers', runSeed],
  ['link', runLinkSeed],
  ['whole', runWholeSeed],
]);
const run = runs.get(what);
if (run === undefined) throw new Error(`there is no simulation of ${what}`);
const only = values.only === undefined ? undefined : values.only.split(',').filter(Boolean).map(Number);
if (values.shrink)
  process.exit(await runShrunk({ run, what }, { seed: Number(values.seed), steps: Number(values.steps), only }));
const { failures } = await runCampaign({
  run,
  what,
  first: Number(values.seed),
  seeds: Number(values.seeds ?? 100),
  steps: Number(values.steps),
  minutes: values.minutes === undefined ? undefined : Number(values.minutes),
  isTwice: values.twice,
  only,
  isLogged: values.log,
  failuresMost: Number(values.failures),
});
process.exit(failures.length === 0 ? 0 : 1);
