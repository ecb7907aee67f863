// For a few fixed scenarios: the power goes, or the program is killed, before and after every single disk call of the
// receiver, and every call fails with every error that it may give, until there is no call left.
// `node simulation/sweep.ts [SCENARIO…]`

import { parseArgs } from 'node:util';
import { mutants } from './mutants.ts';
import { substitute } from './substitutions.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutant: { type: 'string' },
    failures: { type: 'string', default: '20' },
    /** Every so many calls only. */
    every: { type: 'string', default: '1' },
  },
});
substitute(mutants.filter(({ name }) => name === values.mutant));
const { runSweep } = await import('./sweep-calls.ts');
process.exit(await runSweep(positionals, Number(values.failures), Number(values.every)));
