// `npm run simulate -- --seeds N --minutes M`: runs many seeds and prints one hash for all of them, and for each that failed
// the command that runs it again.

import { parseArgs } from 'node:util';
import { linkMutants } from './link/link-mutants.ts';
import { mutants } from './mutants.ts';
import { substitute } from './substitutions.ts';

const { values } = parseArgs({
  options: {
    /** `transfers` or `link`. */
    what: { type: 'string', default: 'transfers' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '100' },
    steps: { type: 'string', default: '40' },
    minutes: { type: 'string' },
    twice: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    failures: { type: 'string', default: '5' },
    mutant: { type: 'string' },
    /** Numbers of the steps that are done, as a shrunk run prints them. */
    only: { type: 'string' },
    shrink: { type: 'boolean', default: false },
  },
});

const planted = [...mutants, ...linkMutants].filter(({ name }) => name === values.mutant);
if (values.mutant !== undefined && planted.length === 0) throw new Error(`there is no mutant ${values.mutant}`);
substitute(planted);
const { runCampaign } = await import('./campaign.ts');
const { runShrunk } = await import('./run-shrunk.ts');
const { what } = values;
if (what !== 'transfers' && what !== 'link') throw new Error(`there is no simulation of ${what}`);
const run =
  what === 'link' ? (await import('./link/run-link-seed.ts')).runLinkSeed : (await import('./run-seed.ts')).runSeed;
const only = values.only === undefined ? undefined : values.only.split(',').filter(Boolean).map(Number);
if (values.shrink)
  process.exit(await runShrunk({ run, what }, { seed: Number(values.seed), steps: Number(values.steps), only }));
process.exit(
  await runCampaign({
    run,
    what,
    first: Number(values.seed),
    seeds: Number(values.seeds),
    steps: Number(values.steps),
    minutes: values.minutes === undefined ? undefined : Number(values.minutes),
    isTwice: values.twice,
    only,
    isLogged: values.log,
    failuresMost: Number(values.failures),
  }),
);
