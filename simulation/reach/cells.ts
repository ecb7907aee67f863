// Which cells of the tables the real machines went through.

import { type Machine, machines } from './machines.ts';
import { unreachableBecause } from './unreachable.ts';
import { cellName, watchMachines } from './watch.ts';

export type MachineCells = {
  readonly name: string;
  readonly all: number;
  readonly reached: number;
  readonly unreachable: readonly string[];
  readonly missing: readonly string[];
  /** Said to be unreachable, and reached. */
  readonly wronglyUnreachable: readonly string[];
};

export type Cells = {
  /** Of `machine: state × event`. */
  readonly reached: ReadonlySet<string>;
  sum(): readonly MachineCells[];
};

export function beginCells(): Cells {
  const reached = new Set<string>();
  watchMachines(({ machine, cells }) => {
    for (const cell of cells) reached.add(`${machine.name}: ${cell}`);
  });
  return { reached, sum: () => machines.map((machine) => cellsOf(machine, reached)) };
}

function cellsOf({ name, states, events }: Machine, reached: ReadonlySet<string>): MachineCells {
  const unreachable: string[] = [];
  const missing: string[] = [];
  const wronglyUnreachable: string[] = [];
  let count = 0;
  for (const state of states) {
    for (const event of events) {
      const cell = cellName(state, event);
      const isReached = reached.has(`${name}: ${cell}`);
      const isUnreachable = unreachableBecause(name, state, event) !== undefined;
      if (isReached && isUnreachable) wronglyUnreachable.push(cell);
      else if (isReached) count += 1;
      else (isUnreachable ? unreachable : missing).push(cell);
    }
  }
  return { name, all: states.length * events.length, reached: count, unreachable, missing, wronglyUnreachable };
}
