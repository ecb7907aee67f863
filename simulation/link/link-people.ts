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
export function pairInOrder(simulation: LinkSimulation): void {
  const { world } = simulation;
  const from = aSide(simulation);
  simulation.carry(from);
  world.after(world.chance.between(300, 20_000), () => simulation.carry(simulation.other(from)));
  world.after(world.chance.between(20_500, 30_000), () => {
    for (const side of [0, 1] as const) simulation.confirm(side, 'match');
  });
}

/** Both copied the other's invite and take it, and then both take the other's reply, at the same moment or not. */
export function pairCrosswise(simulation: LinkSimulation): void {
  const { world, isCalm } = simulation;
  const apartMs = isCalm ? 0.1 : world.chance.pick([0.1, 20, 600]);
  let taken = 0;
  const exchange = (kind: 'invite' | 'reply') => {
    const codes = ([0, 1] as const).map((side) => simulation.codeOf(side));
    if (codes.some((code) => code?.kind !== kind)) return;
    for (const side of [0, 1] as const) {
      world.after(world.chance.between(0, apartMs), () => {
        void simulation.take(side, codes[simulation.other(side)]).then((isTaken) => {
          if (isTaken) taken += 1;
          if (taken === 4) simulation.expectLinkSoon();
        });
      });
    }
  };
  exchange('invite');
  world.after(world.chance.between(700, 1_500), () => exchange('reply'));
  if (isCalm || !world.chance.hits(0.3)) return;
  world.after(world.chance.between(300, 2_500), () => press(simulation, 'newCode'));
}

/** Somebody clicks twice. */
function confirm(simulation: LinkSimulation): void {
  const { world, computers } = simulation;
  const side = aSide(simulation);
  const choice = () => (world.chance.hits(0.8) ? 'match' : 'skip');
  simulation.confirm(side, choice());
  if (!world.chance.hits(0.2)) return;
  const first = choice();
  world.after(world.chance.between(0, 300), () => {
    if (computers[side].link.view().at === 'linked') computers[side].link.confirmVerification(first);
  });
}

/** Just when something else is under way. */
function cutSoon(simulation: LinkSimulation): void {
  const { world } = simulation;
  pairInOrder(simulation);
  world.after(world.chance.between(300, 900), () => {
    cut(simulation, [0, 1]);
    if (world.chance.hits(0.5)) press(simulation, world.chance.pick(['newCode', 'disconnect'] as const));
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

/** Both are asked, and may have other ideas. */
function remember(simulation: LinkSimulation): void {
  const { world, computers } = simulation;
  const side = aSide(simulation);
  computers[side].link.remember(world.chance.hits(0.8) ? 'yes' : 'no');
  if (world.chance.hits(0.7)) {
    const other = computers[simulation.other(side)];
    world.after(world.chance.between(0, 5_000), () => other.link.remember(world.chance.hits(0.8) ? 'yes' : 'no'));
  }
}

function callRemembered(simulation: LinkSimulation): void {
  const { lan, link, name } = simulation.computers[aSide(simulation)];
  const id = lan.remembered.at(-1);
  if (id === undefined || link.view().at === 'linked') return;
  simulation.disturb();
  void link.callRemembered(id).then((isFound) => simulation.world.note(`${name} called: ${isFound}`));
}

function changeSettings(simulation: LinkSimulation): void {
  const { chance } = simulation.world;
  const { link, name } = simulation.computers[aSide(simulation)];
  link.configure({ deviceName: chance.pick([name, `${name} renamed`]), servers: [], relayOnly: false });
}

function report(simulation: LinkSimulation): void {
  const { link, name } = simulation.computers[aSide(simulation)];
  void link
    .report(simulation.world.chance.hits(0.5))
    .then((lines) => simulation.world.note(`${name} reports ${lines.length} lines`));
}

/** The moment that a screen changes: some states are over in a millisecond. */
export function actWhenScreenChanges(simulation: LinkSimulation): void {
  const { world, computers, wire } = simulation;
  if (simulation.isCalm || !world.chance.hits(0.04)) return;
  const what = world.chance.weighted([
    [4, 'cut'],
    [2, 'nudge'],
    [2, 'lanes'],
    [2, 'newCode'],
    [2, 'disconnect'],
    [1, 'pairAgain'],
  ] as const);
  world.count('act when something changes');
  world.after(world.chance.between(0, world.chance.pick([2, 60, 1_500])), () => {
    if (what === 'cut') {
      wire.cut([0, 1]);
      world.after(world.chance.between(10, 45_000), () => wire.mend());
    } else if (what === 'nudge')
      computers[aSide(simulation)].link.nudge(world.chance.pick(['woke', 'online'] as const));
    else if (what === 'lanes') computers[aSide(simulation)].wantLanes(world.chance.whole(1, 9));
    else press(simulation, what);
  });
}

export const linkActs: readonly LinkAct[] = [
  [14, 'pair in order', pairInOrder],
  [14, 'carry a code', carrySoon],
  [14, 'confirm', confirm],
  [5, 'pair crosswise', pairCrosswise],
  [3, 'cut while pairing', cutSoon],
  [9, 'remember', remember],
  [5, 'call', callRemembered],
  [2, 'settings', changeSettings],
  [2, 'report', report],
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
