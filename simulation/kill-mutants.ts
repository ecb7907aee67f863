// Plants every bug of `mutants.ts`, one at a time, in a process of its own, and says which ones the fixed set of seeds finds.
// `node simulation/kill-mutants.ts [NAME…]`

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { linkMutants } from './link/link-mutants.ts';
import { type Mutant, mutants } from './mutants.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

type Attempt = readonly string[];

const seeds = (what: string, count: number): Attempt => [
  ...['simulation/simulate.ts', '--what', what, '--seeds', String(count), '--failures', '1'],
];
const situation = (named: string, count: number): Attempt => [
  ...['simulation/simulate.ts', '--situation', named, '--seeds', String(count)],
];
const sweep = (every: number): Attempt => ['simulation/sweep.ts', '--failures', '1', '--every', String(every)];

/** A mutant is found when one of these fails. What is short comes first, and then what finds most bugs of that place. */
function attemptsFor({ file, scenario }: Mutant): readonly Attempt[] {
  const most = Number(process.env.SEEDS ?? 250);
  if (file.startsWith('link/'))
    return [seeds('link', 30), seeds('link', most), situation('two codes that come up together', 150)];
  const isOnDisk = file.startsWith('host/sink/') || file.startsWith('host/disk/');
  const soonest: readonly Attempt[] =
    scenario === undefined ? [] : [['simulation/sweep.ts', scenario, '--failures', '1']];
  const short = isOnDisk ? [sweep(16), seeds('transfers', 40)] : [seeds('transfers', 40), sweep(16)];
  return [...soonest, ...short, situation('the power goes', 150), seeds('transfers', most), sweep(4)];
}

const longestMs = 3_600_000;

const wanted = process.argv.slice(2);
const chosen = [...mutants, ...linkMutants].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const survivors: string[] = [];

for (const mutant of chosen) {
  const { name, why } = mutant;
  let outcome: string | undefined;
  for (const args of attemptsFor(mutant)) outcome ??= attempt([...args, '--mutant', name]);
  if (outcome === undefined) survivors.push(name);
  console.log(`${name}: ${why}\n    ${outcome ?? 'SURVIVED'}`);
}

/** What was wrong, or nothing. */
function attempt(args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: longestMs,
  });
  if (status === 0) return undefined;
  const found = stdout.split('\n').find((line) => /^seed |, call | without a blow: /.test(line));
  // On a busy machine a run that is only slow must not count as one that failed.
  if (found === undefined) throw new Error(`${args.join(' ')}: ${status ?? 'timed out'} ${stderr.slice(0, 400)}`);
  return found.slice(0, 200);
}

const killed = chosen.length - survivors.length;
console.log(`${killed} of ${chosen.length} found (${((100 * killed) / chosen.length).toFixed(0)} %)`);
if (survivors.length > 0) console.log(`not found: ${survivors.join(' ')}`);
process.exit(killed < 0.95 * chosen.length ? 1 : 0);
