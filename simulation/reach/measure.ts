// What a set of runs reaches of the program: lines of engine/, link/ and host/, and cells of their tables.

import { substitute } from '../substitutions.ts';
import { beginCells, type MachineCells } from './cells.ts';
import { beginLineCoverage, type FileLines } from './line-coverage.ts';
import { outsideList } from './outside.ts';
import { stepReports } from './watch.ts';

const leastLinesShare = 0.85;

type Reached = {
  readonly summary: string[];
  /** What falls short. */
  readonly short: string[];
};

export type Measure = {
  /** Cells that a run went through, as `machine: state × event`. */
  readonly cells: ReadonlySet<string>;
  end(): Reached;
};

/** Must begin before the program is loaded. */
export function beginMeasure(): Measure {
  substitute(stepReports);
  const endLines = beginLineCoverage();
  const cells = beginCells();
  return {
    cells: cells.reached,
    end() {
      const reached: Reached = { summary: [], short: [] };
      printLines(endLines(), reached);
      printCells(cells.sum(), reached);
      return reached;
    },
  };
}

function printLines(files: readonly FileLines[], { summary, short }: Reached): void {
  console.log('\nlines that no run reached');
  for (const { file, lines, missing } of files) {
    if (missing.length > 0) console.log(`${percent(lines - missing.length, lines)} ${file}: ${rangesOf(missing)}`);
  }
  console.log('not counted:');
  for (const line of outsideList()) console.log(`      ${line}`);
  for (const room of ['engine/', 'link/', 'host/', '']) {
    const inside = files.filter(({ file }) => file.startsWith(room));
    const lines = inside.reduce((sum, each) => sum + each.lines, 0);
    const reached = lines - inside.reduce((sum, { missing }) => sum + missing.length, 0);
    const line = `lines of ${room || 'all three'}: ${percent(reached, lines).trim()}, ${reached} of ${lines}`;
    summary.push(line);
    if (reached < leastLinesShare * lines) short.push(line);
  }
}

function printCells(machines: readonly MachineCells[], { summary, short }: Reached): void {
  console.log('\ncells of the tables, state × event');
  const sum = { reached: 0, all: 0, unreachable: 0 };
  for (const { name, all, reached, unreachable, missing, wronglyUnreachable } of machines) {
    const open = all - unreachable.length;
    sum.reached += reached;
    sum.all += open;
    sum.unreachable += unreachable.length;
    console.log(`${percent(reached, open)} ${name}: ${reached} of ${open}; ${unreachable.length} cannot be reached`);
    for (const cell of missing) console.log(`      missing: ${cell}`);
    for (const cell of wronglyUnreachable) console.log(`      reached, and said to be unreachable: ${cell}`);
    for (const cell of [...missing, ...wronglyUnreachable]) short.push(`${name}: ${cell}`);
  }
  const { reached, all, unreachable } = sum;
  summary.push(
    `cells: ${percent(reached, all).trim()}, ${reached} of ${all}; ${unreachable} cannot be reached (reach/unreachable.ts says why)`,
  );
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1).padStart(5)} %`;
}

/** `3-5 9`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(' ');
}
