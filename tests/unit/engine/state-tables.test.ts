// The tables in docs/STATES.md against the real runners: every input in every state. After a change on purpose,
// WRITE_STATE_TABLES=1 writes the tables anew.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Machine, receiveMachine, sendMachine, sessionMachine } from './state-machines.ts';

const path = new URL('../../../docs/STATES.md', import.meta.url);
const isWriting = process.env.WRITE_STATE_TABLES === '1';
let document = readFileSync(path, 'utf8');

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
  if (isWriting) writeFileSync(path, document);
});

/** Rows are inputs, columns are states. */
function splitTable(title: string): { before: string; rows: string[]; after: string } {
  const start = document.indexOf(`\n### ${title}\n`);
  const first = document.indexOf('\n|', start) + 1;
  const end = first + document.slice(first).search(/\n(?!\|)/);
  return { before: document.slice(0, first), rows: document.slice(first, end).split('\n'), after: document.slice(end) };
}

describe.each([
  ['Session', sessionMachine],
  ['Outgoing transfer', sendMachine],
  ['Incoming transfer', receiveMachine],
] as const)('%s', (title, machine: Machine) => {
  it('does in every state what the document says', async () => {
    const states = Object.entries(machine.states);
    const real = [`| | ${states.map(([name]) => `\`${name}\``).join(' | ')} |`, `|${'---|'.repeat(states.length + 1)}`];
    for (const input of machine.inputs) {
      const cells = await Promise.all(states.map(([, how]) => machine.cell(how, input)));
      const shown = cells.map((cell) => (cell === '·' || cell === '✕' ? cell : `\`${cell}\``));
      real.push(`| ${input} | ${shown.join(' | ')} |`);
    }
    const { before, rows, after } = splitTable(title);
    if (isWriting) document = `${before}${real.join('\n')}${after}`;
    else expect(rows).toEqual(real);
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
