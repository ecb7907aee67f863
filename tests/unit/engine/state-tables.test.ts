// The engine's tables in docs/STATES.md against the real runners: every input in every state.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectStateTable } from '../state-document.ts';
import { type Machine, receiveMachine, sendMachine, sessionMachine } from './state-machines.ts';

beforeAll(() => {
  // The real one answers from other threads, so that nobody knows when a machine has come to rest.
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_name, bytes) => {
    const hash = createHash('sha256')
      .update(bytes as Uint8Array)
      .digest();
    return new Uint8Array(hash).buffer;
  });
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe.each([
  ['Session', sessionMachine],
  ['Outgoing transfer', sendMachine],
  ['Incoming transfer', receiveMachine],
] as const)('%s', (title, machine: Machine) => {
  it('does in every state what the document says', async () => {
    const states = Object.entries(machine.states);
    const table = new Map<string, string[]>();
    for (const input of machine.inputs) {
      const cells = await Promise.all(states.map(([, how]) => machine.cell(how, input)));
      const shown = cells.map((cell) => (cell === '·' || cell === '✕' ? cell : `\`${cell}\``));
      table.set(input, shown);
    }
    expectStateTable(
      title,
      states.map(([name]) => name),
      table,
    );
  }, 30_000);

  it('is brought into every state that the document names', async () => {
    for (const [name, how] of Object.entries(machine.states)) {
      if (how.length === 0) continue;
      const last = how.at(-1)!;
      if (last === 'kept') continue;
      expect([name, await machine.cell(how.slice(0, -1), last)]).toEqual([name, name]);
    }
  }, 30_000);
});
