// Which cells of the tables the real machines went through. Each machine tells what is given to it: its head gets one call more
// while it is loaded, on the same line, so that lines keep their numbers.

import type { Substitution } from '../substitutions.ts';
import { type Machine, machines } from './machines.ts';
import { unreachableBecause } from './unreachable.ts';

export type MachineCells = {
  readonly name: string;
  readonly all: number;
  readonly reached: number;
  readonly unreachable: readonly string[];
  readonly missing: readonly string[];
  /** Said to be unreachable, and reached. */
  readonly wronglyUnreachable: readonly string[];
};

const told = '__cell';

export const cellReports: readonly Substitution[] = machines.map(({ name, file, head }) => ({
  file,
  from: head,
  to: `${head} (globalThis as any).${told}?.('${name}', state, event);`,
}));

/** Answers what to call at the end. */
export function beginCells(): () => readonly MachineCells[] {
  const reached = new Map<string, Set<string>>();
  const byName = new Map(machines.map((machine) => [machine.name, machine]));
  Object.assign(globalThis, {
    [told]: (name: string, state: never, event: never) => {
      const cells = reached.get(name) ?? new Set();
      reached.set(name, cells);
      for (const [row, column] of byName.get(name)!.cells(state, event)) cells.add(cellName(row, column));
    },
  });
  return () => machines.map((machine) => cellsOf(machine, reached.get(machine.name) ?? new Set()));
}

function cellsOf({ name, states, events }: Machine, reached: ReadonlySet<string>): MachineCells {
  const unreachable: string[] = [];
  const missing: string[] = [];
  const wronglyUnreachable: string[] = [];
  for (const state of states) {
    for (const event of events) {
      const cell = cellName(state, event);
      const isUnreachable = unreachableBecause(name, state, event) !== undefined;
      if (reached.has(cell) && isUnreachable) wronglyUnreachable.push(cell);
      else if (isUnreachable) unreachable.push(cell);
      else if (!reached.has(cell)) missing.push(cell);
    }
  }
  return { name, all: states.length * events.length, reached: reached.size, unreachable, missing, wronglyUnreachable };
}

function cellName(state: string, event: string): string {
  return `${state} × ${event}`;
}
