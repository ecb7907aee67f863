// All planted bugs, and what each changes.

import { linkMutants } from './link/link-mutants.ts';
import { type Mutant, mutants } from './mutants.ts';
import type { Substitution } from './substitutions.ts';

export const allMutants: readonly Mutant[] = [...mutants, ...linkMutants];

/** Throws for a name that there is not. */
export function plantedBy(name: string | undefined): readonly Substitution[] {
  if (name === undefined) return [];
  const mutant = allMutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  return mutant.and === undefined ? [mutant] : [mutant, mutant.and];
}
