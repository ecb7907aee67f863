// Planted bugs: each one is a small change of the real code that the simulation must find.

import type { Substitution } from './substitutions.ts';

export type Mutant = Substitution & { readonly name: string; readonly why: string };

export const mutants: readonly Mutant[] = [
  {
    name: 'real-time',
    why: 'a timer of the process instead of the clock: the guard must refuse it',
    file: 'host/sink/receive-service.ts',
    from: '    live.set(transfer.record.id, transfer);\n',
    to: '    live.set(transfer.record.id, transfer);\n    setTimeout(() => undefined, 1);\n',
  },
];
