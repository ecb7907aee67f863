// Hears of every step of the program's machines. The head of each gets a second function while it is loaded, on the same line, so
// that lines keep their numbers.

import type { Substitution } from '../substitutions.ts';
import { type Machine, machines } from './machines.ts';

export type Step = {
  readonly machine: Machine;
  /** The cells that it went through, as the coverage calls them. */
  readonly cells: readonly string[];
  /** Rows that something stands in now, and did not before. */
  readonly entered: readonly string[];
};

const told = '__machineStep';

export const stepReports: readonly Substitution[] = machines.map(({ name, file, head }) => {
  const [, next, inputs, step] = /^export function (\w+)\((.+)\): (\w+) \{$/.exec(head)!;
  const report = `(globalThis as any).${told}?.('${name}', state, event, step.state);`;
  const watched = `export function ${next}(${inputs}): ${step} { const step = ${next}Unwatched(state, event); ${report} return step; }`;
  return { file, from: head, to: `${watched} function ${next}Unwatched(${inputs}): ${step} {` };
});

export function cellName(row: string, column: string): string {
  return `${row} × ${column}`;
}

const byName = new Map(machines.map((machine) => [machine.name, machine]));
const listeners = new Set<(step: Step) => void>();

/** Answers how to stop. */
export function watchMachines(listener: (step: Step) => void): () => void {
  Object.assign(globalThis, { [told]: onStep });
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function onStep(name: string, from: never, event: never, to: never): void {
  const machine = byName.get(name)!;
  const cells = machine.concerned(from, event).map((row) => cellName(row, machine.column(event)));
  const left = [...machine.rows(from)];
  const entered = machine.rows(to).filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  for (const notify of [...listeners]) notify({ machine, cells, entered });
}
