// For a few fixed scenarios: the power goes, or the program is killed, before and after every single disk call of the
// receiver, and every call fails with every error that it may give, until there is no call left.
// `node simulation/sweep.ts [SCENARIO…]`

import { parseArgs } from 'node:util';
import { plantedBy } from './planted.ts';
import { substitute } from './substitutions.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutant: { type: 'string' },
    failures: { type: 'string', default: '20' },
    /** Every so many calls only. */
    every: { type: 'string', default: '1' },
    /** At this one only. */
    at: { type: 'string' },
  },
});
substitute(plantedBy(values.mutant));
const { runSweep } = await import('./sweep-calls.ts');
process.exit(
  await runSweep(positionals, {
    failuresMost: Number(values.failures),
    every: Number(values.every),
    only: values.at === undefined ? undefined : Number(values.at),
  }),
);
