// What people do with a link, and what their networks do, at random: each with its weight, and counted.

import type { LinkSimulation } from './link-simulation.ts';
import type { Side } from './wire.ts';

export type LinkAct = readonly [weight: number, name: string, act: (simulation: LinkSimulation) => void];

const aSide = ({ world }: LinkSimulation): Side => (world.chance.hits(0.5) ? 0 : 1);

/** A code is carried at once, or after a coffee. */
function carrySoon(simulation: LinkSimulation): void {
  const { world } = simulation;
  const from = aSide(simulation);
  const ms = world.chance.hits(0.2) ? world.chance.between(0, 400_000) : world.chance.between(0, 5_000);
  world.after(ms, () => simulation.carry(from));
}

/** A person who reads what is on the screen and does it: invite there, reply back, digits on both sides. */
function pairInOrder(simulation: LinkSimulation): void {
  const { world } = simulation;
  const from = aSide(simulation);
  simulation.carry(from);
  world.after(world.chance.between(300, 20_000), () => simulation.carry(simulation.other(from)));
  world.after(world.chance.between(20_500, 30_000), () => {
    for (const side of [0, 1] as const) simulation.confirm(side, 'match');
  });
}

function cut(simulation: LinkSimulation, sides: readonly Side[]): void {
  const { world, wire } = simulation;
  wire.cut(sides);
  world.after(world.chance.hits(0.7) ? world.chance.between(50, 30_000) : world.chance.between(0, 600_000), () =>
    wire.mend(),
  );
}

function changeAddress(simulation: LinkSimulation): void {
  const { world, wire, computers } = simulation;
  const side = aSide(simulation);
  simulation.moved(side);
  wire.changeAddress(side, world.chance.whole(30, 250));
  // The machine's own watcher tells, sooner or later.
  world.after(world.chance.between(0, 4_000), () => {
    computers[side].link.nudge('addresses');
    simulation.expectBackSoon();
  });
}

function press(simulation: LinkSimulation, button: 'newCode' | 'pairAgain' | 'disconnect'): void {
  simulation.disturb();
  simulation.computers[aSide(simulation)].link[button]();
}

function reload(simulation: LinkSimulation): void {
  simulation.disturb();
  simulation.computers[aSide(simulation)].reload();
}

export const linkActs: readonly LinkAct[] = [
  [14, 'pair in order', pairInOrder],
  [14, 'carry a code', carrySoon],
  [
    14,
    'confirm',
    (simulation) => simulation.confirm(aSide(simulation), simulation.world.chance.hits(0.8) ? 'match' : 'skip'),
  ],
  [12, 'note', (simulation) => simulation.say(aSide(simulation))],
  [6, 'new code', (simulation) => press(simulation, 'newCode')],
  [6, 'pair again', (simulation) => press(simulation, 'pairAgain')],
  [4, 'disconnect', (simulation) => press(simulation, 'disconnect')],
  [4, 'reload', reload],
  [9, 'cut', (simulation) => cut(simulation, [0, 1])],
  [6, 'half-open', (simulation) => cut(simulation, [aSide(simulation)])],
  [7, 'address changes', changeAddress],
  [
    4,
    'nudge',
    (simulation) =>
      simulation.computers[aSide(simulation)].link.nudge(
        simulation.world.chance.pick(['addresses', 'woke', 'online'] as const),
      ),
  ],
  [10, 'lanes', (simulation) => simulation.computers[aSide(simulation)].wantLanes(simulation.world.chance.whole(1, 9))],
];
