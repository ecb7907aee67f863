// What the coverage of the simulation is counted with, against the program: the machines it looks at, and the cells that it gives up.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { engineCalls } from '../../../shared/ipc/contract.ts';
import { allMutants, plantedBy } from '../../../simulation/planted.ts';
import { machines } from '../../../simulation/reach/machines.ts';
import { outsideBecause } from '../../../simulation/reach/outside.ts';
import { namesIn, rules, unreachableBecause } from '../../../simulation/reach/unreachable.ts';
import { endingSituations } from '../../../simulation/situations/ending-situations.ts';
import { harmSituations } from '../../../simulation/situations/harm-situations.ts';
import { linkSituations } from '../../../simulation/situations/link-situations.ts';
import { transferSituations } from '../../../simulation/situations/transfer-situations.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('a planted bug', () => {
  it.each(allMutants.map(({ name }) => name))('%s has its place', (name) => {
    for (const { file, from, to } of plantedBy(name)) {
      expect(readFileSync(root + file, 'utf8').split(from)).toHaveLength(2);
      expect(to).not.toBe(from);
    }
  });

  it('that was found before is one that there is', () => {
    const foundBy = JSON.parse(readFileSync(`${root}simulation/found-by.json`, 'utf8')) as Record<string, unknown>;
    expect(allMutants.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(foundBy)));
  });
});

describe('a situation', () => {
  const rows = new Set(machines.flatMap(({ name, states }) => states.map((state) => `${name} ${state}`)));
  const calls = Object.keys(engineCalls).map((call) => `call ${call}`);
  const moments = ['somebody sends', 'a connection is secured', ...calls];
  const cells = new Map<string, string | undefined>(
    machines.flatMap(({ name, states, events }) =>
      states.flatMap((state) =>
        events.map((event) => [`${name}: ${state} × ${event}`, unreachableBecause(name, state, event)] as const),
      ),
    ),
  );

  it.each(
    [...transferSituations, ...harmSituations, ...linkSituations, ...endingSituations].map(
      (situation) => [situation.name, situation] as const,
    ),
  )('%s waits for states that there are, and is for cells that can be reached', (_, situation) => {
    for (const { on } of situation.rules) expect([...rows, ...moments]).toContain(on);
    for (const cell of situation.cells) {
      expect([...cells.keys()]).toContain(cell);
      expect(cells.get(cell), cell).toBeUndefined();
    }
  });
});

describe('the coverage of the simulation', () => {
  it.each(machines.map((machine) => [machine.name, machine] as const))(
    'looks at %s where it begins',
    (_, { file, head }) => {
      expect(readFileSync(root + file, 'utf8').split(head)).toHaveLength(2);
    },
  );

  it('gives up only cells that there are, each for one reason', () => {
    const byName = new Map(machines.map((machine) => [machine.name, machine]));
    for (const [name, states, events] of rules) {
      const machine = byName.get(name);
      expect(machine?.states, name).toEqual(expect.arrayContaining([...namesIn(states)]));
      expect(machine?.events, name).toEqual(expect.arrayContaining([...namesIn(events)]));
    }
    for (const [name, { states, events }] of byName) {
      const given = states.flatMap((state) => events.filter((event) => unreachableBecause(name, state, event)));
      expect(given.length, name).toBeLessThan(states.length * events.length);
    }
  });

  it('knows which files stay outside', () => {
    expect(outsideBecause('host/disk/real-disk.ts')).toContain('simulated disk');
    expect(outsideBecause('host/disk/atomic-file.ts')).toBeUndefined();
  });
});
