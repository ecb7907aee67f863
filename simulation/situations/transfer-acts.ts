// What the rules of situations do to transfers, and what a person does between.

import { type Computer, downloads } from '../computer.ts';
import { damageHashes, failSome, moveDestination } from '../people.ts';
import type { Act, Simulation } from '../simulation.ts';

type Button = 'pause' | 'resume' | 'cancel' | 'retry';

/** On the rows of those who send, or of those who receive. */
export function press(button: Button, direction: 'send' | 'receive') {
  return (simulation: Simulation): void => {
    for (const [transfer, { from, to }] of simulation.oracle.sent) {
      if (button === 'cancel') simulation.cancelled.add(transfer);
      (direction === 'send' ? from : to).page?.engine.command({ do: button, transfer });
    }
  };
}

/** Several times within a moment. */
export function insist(withinMs: number, act: (simulation: Simulation) => void) {
  return (simulation: Simulation): void => {
    const { world } = simulation;
    for (let more = 5; more > 0; more -= 1) {
      world.after(world.chance.between(0, withinMs), () => {
        if (!simulation.isCalm) act(simulation);
      });
    }
  };
}

/** On both disks. */
export function trouble(forMs: number, begin: (computer: Computer) => () => void) {
  return ({ world, computers, troubles }: Simulation): void => {
    for (const computer of computers) {
      const end = begin(computer);
      const over = () => {
        if (troubles.delete(over)) end();
      };
      troubles.add(over);
      world.after(world.chance.between(forMs / 2, forMs), over);
    }
  };
}

export const failing = (share: number, where: string) => (computer: Computer) => failSome(computer, share, where);
export const standby = ({ connections }: Simulation): void => connections.connect(false);
export const pair = ({ connections }: Simulation): void => connections.connect(true);
export const disconnect = ({ connections, world }: Simulation): void => connections.end(world.chance.whole(0, 2));
export const accept = ({ computers }: Simulation): void => {
  for (const { page } of computers) for (const transfer of page?.offers.keys() ?? []) void page?.accept(transfer);
};
export const decline = ({ computers }: Simulation): void => {
  for (const { page } of computers) for (const transfer of page?.offers.keys() ?? []) page?.decline(transfer);
};
export const probe = ({ computers }: Simulation): void => {
  for (const { page } of computers) page?.engine.command({ do: 'nudge' });
};

/** Of whoever receives something now. */
export function losePower(simulation: Simulation): void {
  const { world, computers, connections } = simulation;
  const receiving = ({ page }: Computer) =>
    [...(page?.views.values() ?? [])].some(({ state }) => state === 'receiving');
  const computer = computers.find(receiving);
  if (computer === undefined || computer.isOff) return;
  connections.computerGone();
  simulation.crash(computer);
  world.after(world.chance.between(0, 1_000), () => simulation.bringBack(computer));
}

/** What was picked gets other content of the same length, now and then under its old time. */
export function rewrite({ computers, sources, world }: Simulation): void {
  for (const computer of computers) computer.act(() => sources.get(computer)!.rewrite(world.chance.hits(0.5)));
}

export function disturbSources(simulation: Simulation): void {
  for (const computer of simulation.computers) simulation.disturbSource(computer);
}

export const reload = ({ computers, connections, world }: Simulation): void => {
  world.chance.pick(computers).reload();
  connections.connect(true);
};
export const addLane = ({ connections }: Simulation): void => connections.addLane();
export const killLane = ({ connections }: Simulation): void => connections.killLane();
export const cut = ({ connections }: Simulation): void => connections.cut('both');
export const flipBit = ({ connections }: Simulation): void => connections.flipBit();

export function pairBeforeDamage(simulation: Simulation): void {
  if (!simulation.areHashesDamaged) pair(simulation);
}

/** Only once: who finds them wrong twice begins anew. */
export function damageHashesOnce(simulation: Simulation): void {
  if (!simulation.areHashesDamaged) damageHashes(simulation);
}

/** A side whose memory fails says that the whole is something else. */
export function changeRoot(simulation: Simulation): void {
  simulation.areRootsChanged = true;
  simulation.connections.changeRoot();
}

/** The person moves the destination away, and makes another folder of its name. */
export const replaceDestination = (computer: Computer) => {
  const end = moveDestination(computer);
  computer.act(() => {
    computer.files.makeFolders(downloads, 0o755);
    computer.files.syncAll();
  });
  return end;
};

/** Between what the rules do. */
export const quietActs: readonly Act[] = [
  [30, 'send', (simulation) => simulation.send(simulation.world.chance.pick(simulation.computers))],
  [40, 'answer', accept],
  [10, 'resume', (simulation) => press('resume', 'receive')(simulation)],
  [10, 'resume', (simulation) => press('resume', 'send')(simulation)],
  [10, 'retry', (simulation) => press('retry', simulation.world.chance.pick(['send', 'receive']))(simulation)],
  [6, 'pair', pair],
  [6, 'standby', standby],
];

/** The same of people who never pair again. */
export const faithfulActs = quietActs.filter(([, name]) => name !== 'pair');
