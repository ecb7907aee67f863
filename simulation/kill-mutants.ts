// Plants every bug of `mutants.ts` and `link/link-mutants.ts`, one at a time, in a process of its own, and says which ones the fixed
// set finds, and with what. `node simulation/kill-mutants.ts [NAME…]`. What found a bug is written down (`found-by.json`), and tried first.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';
import { allMutants } from './planted.ts';
import { root } from './substitutions.ts';

/** Arguments of Node. */
type Run = readonly string[];
type Found = { readonly run: Run; readonly what: string };

const notesFile = fileURLToPath(new URL('found-by.json', import.meta.url));
const foundBy = JSON.parse(readFileSync(notesFile, 'utf8')) as Record<string, Run>;

const simulate = 'simulation/simulate.ts';
const sweepOf = 'simulation/sweep.ts';
const seeds = (what: string, count: number): Run => [
  ...[simulate, '--what', what, '--seeds', String(count), '--failures', '1'],
];
const situations = (count: number): Run => [simulate, '--situation', '', '--seeds', String(count), '--failures', '1'];
const sweep = (every: number): Run => [sweepOf, '--failures', '1', '--every', String(every)];

/** The fixed set. A bug is found when one of these fails; what is short comes first. */
function fixedSet({ file }: Mutant): readonly Run[] {
  if (file.startsWith('link/')) return [seeds('link', 250), situations(40)];
  const isOnDisk = file.startsWith('host/sink/') || file.startsWith('host/disk/');
  const short = isOnDisk ? [sweep(16), seeds('transfers', 40)] : [seeds('transfers', 40), sweep(16)];
  return [...short, situations(40), seeds('transfers', 250), sweep(4)];
}

const longestMs = 3_600_000;

/** What it printed, where it failed. */
function failureOf(run: Run): string | undefined {
  const { status, stdout, stderr } = spawnSync(process.execPath, run, {
    cwd: root,
    encoding: 'utf8',
    timeout: longestMs,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) return undefined;
  const line = stdout
    .split('\n')
    .find((each) => /^seed .* failed: |, call \d+ .*: | without a blow: |: nothing happens in it$/.test(each));
  // On a busy machine a run that is only slow must not count as one that failed.
  if (line === undefined) throw new Error(`${run.join(' ')}: ${status ?? 'timed out'} ${stderr.slice(0, 400)}`);
  return line;
}

/** Just what failed, and nothing before it. */
function narrowed(run: Run, line: string): Run {
  if (run[0] === sweepOf) {
    const [, scenario, at = '1'] = /^([a-z-]+),?:? (?:call (\d+)|without a blow|nothing)/.exec(line) ?? [];
    return [sweepOf, scenario!, '--at', at];
  }
  const [, seed, situation] = /^seed (\d+)(?: of (.*?))? failed: /.exec(line) ?? [];
  const of = situation === undefined ? ['--what', run[run.indexOf('--what') + 1]!] : ['--situation', situation];
  return [simulate, ...of, '--seed', seed!, '--seeds', '1'];
}

/** The part of the fixed set that it is of: a change of the program moves the place by a few calls, or to another seed. */
function around(run: Run): Run {
  if (run[0] === sweepOf) return [sweepOf, run[1]!, '--failures', '1', '--every', '4'];
  const [what, of] = [run[1]!, run[2]!];
  return [simulate, what, of, '--seeds', what === '--situation' ? '40' : '250', '--failures', '1'];
}

function find(mutant: Mutant): Found | undefined {
  const before = foundBy[mutant.name];
  const soonest = before === undefined ? [] : [before, around(before)];
  for (const run of [...soonest, ...fixedSet(mutant)]) {
    const what = failureOf([...run, '--mutant', mutant.name]);
    if (what === undefined) continue;
    const short = narrowed(run, what);
    // Or it is no sign of the bug.
    const without = failureOf(short);
    if (without !== undefined) throw new Error(`${short.join(' ')} fails without a bug: ${without}`);
    return { run: short, what };
  }
  return undefined;
}

/** Another list of names may run meanwhile. */
function note(found: string, run: Run): void {
  const before = JSON.parse(readFileSync(notesFile, 'utf8')) as Record<string, Run>;
  if (JSON.stringify(before[found]) === JSON.stringify(run)) return;
  const notes = { ...before, [found]: run };
  const known = allMutants.flatMap(({ name }) => (notes[name] === undefined ? [] : [[name, notes[name]] as const]));
  const lines = known.map(([name, how]) => `  ${JSON.stringify(name)}: ${JSON.stringify(how)}`);
  writeFileSync(notesFile, `{\n${lines.join(',\n')}\n}\n`);
}

const wanted = process.argv.slice(2);
const chosen = allMutants.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const survivors: string[] = [];

for (const mutant of chosen) {
  const found = find(mutant);
  if (found === undefined) survivors.push(mutant.name);
  else note(mutant.name, found.run);
  const how = found === undefined ? 'SURVIVED' : `${found.run.slice(1).join(' ')}: ${found.what.slice(0, 200)}`;
  console.log(`${mutant.name}: ${mutant.why}\n    ${how}`);
}

const killed = chosen.length - survivors.length;
console.log(`${killed} of ${chosen.length} found (${((100 * killed) / chosen.length).toFixed(0)} %)`);
if (survivors.length > 0) console.log(`not found: ${survivors.join(' ')}`);
process.exit(killed < 0.95 * chosen.length ? 1 : 0);
