// What people do, and what goes wrong, at random: each with its weight, and counted.

import type { TransferView } from '../shared/model/transfer.ts';
import { type Computer, dataFolder, downloads } from './computer.ts';
import type { Act, Simulation } from './simulation.ts';

const side = ({ world, computers }: Simulation): Computer => world.chance.pick(computers);

function send(simulation: Simulation): void {
  const computer = side(simulation);
  // Dropped on the window, or picked in the page itself.
  if (simulation.world.chance.hits(0.75)) simulation.send(computer);
  else simulation.sendFromPage(computer);
}

function answer(simulation: Simulation): void {
  const { world } = simulation;
  const { page } = side(simulation);
  const [transfer] = page?.offers.keys() ?? [];
  if (page === undefined || transfer === undefined) return;
  if (world.chance.hits(0.75)) void page.accept(transfer);
  else page.decline(transfer);
}

function press(simulation: Simulation, button: 'pause' | 'resume' | 'cancel' | 'retry'): void {
  const { world, computers } = simulation;
  const computer = side(simulation);
  const ids = [...(computer.page?.views.keys() ?? [])];
  if (ids.length === 0) return;
  const transfer = world.chance.pick(ids);
  // Both people may have the same idea.
  for (const each of world.chance.hits(0.3) ? computers : [computer]) {
    if (each.page?.views.has(transfer) !== true) continue;
    world.note(`${each.name} presses ${button} ${transfer.slice(0, 6)}`);
    if (button === 'cancel') simulation.cancelled.add(transfer);
    each.page.engine.command({ do: button, transfer });
  }
}

/** Somebody who cannot wait: several buttons within a moment, of whatever is on the screen then. */
function pressSeveral(simulation: Simulation): void {
  const { world } = simulation;
  const withinMs = world.chance.pick([3, 30, 300, 3_000]);
  world.chance.pick([send, send, answer, answer, () => undefined])(simulation);
  for (let more = world.chance.whole(2, 7); more > 0; more -= 1) {
    const button = world.chance.pick(['pause', 'resume', 'cancel', 'retry', 'retry'] as const);
    world.after(world.chance.between(0, withinMs), () => press(simulation, button));
  }
}

/** The moment that a row changes: some states are over in a millisecond. */
export function actWhenRowChanges(simulation: Simulation, { id, direction, state, resumable }: TransferView): void {
  const { world, connections } = simulation;
  if (simulation.isCalm || !world.chance.hits(0.04)) return;
  const withinMs = world.chance.pick([1, 5, 100]);
  const what = world.chance.weighted([
    [3, 'cancel'],
    [state === 'failed' && resumable && direction === 'receive' ? 12 : 2, 'retry'],
    [1, 'pause'],
    [1, 'resume'],
    [4, 'standby'],
    [1, 'pair'],
  ] as const);
  world.count('act when something changes');
  world.after(world.chance.between(0, withinMs), () => {
    if (what === 'standby' || what === 'pair') return connections.connect(what === 'pair');
    for (const { page } of simulation.computers) {
      if (page?.views.has(id) !== true || !world.chance.hits(0.6)) continue;
      if (what === 'cancel') simulation.cancelled.add(id);
      page.engine.command({ do: what, transfer: id });
    }
  });
}

/** The line fails, or another takes over, just when something is under way. */
function flutter(simulation: Simulation): void {
  const { world, connections } = simulation;
  for (let more = world.chance.whole(1, 4); more > 0; more -= 1) {
    const isFresh = world.chance.hits(0.15);
    world.after(world.chance.between(0, 150), () => connections.connect(isFresh));
  }
}

async function discard(simulation: Simulation): Promise<void> {
  const { world } = simulation;
  const computer = side(simulation);
  const { page } = computer;
  const [one] = (await page?.ui.call('unfinished.list', {})) ?? [];
  if (one === undefined || computer.page !== page) return;
  world.note(`${computer.name} discards ${one.id.slice(0, 6)}`);
  simulation.cancelled.add(one.id);
  page?.engine.command({ do: 'discard', transfer: one.id });
  await page?.ui.call('unfinished.discard', { transfer: one.id });
}

function stop(simulation: Simulation, how: 'kill' | 'crash' | 'quit' | 'reload'): void {
  const { world, connections } = simulation;
  const computer = side(simulation);
  if (how !== 'reload' && computer.isOff) return;
  if (how !== 'quit') connections.computerGone();
  if (how === 'kill') computer.kill();
  if (how === 'crash') simulation.crash(computer);
  if (how === 'reload') computer.reload();
  if (how === 'quit') void computer.quit().catch((error: unknown) => world.fail(`quitting: ${String(error)}`));
  if (how === 'reload') connections.connect(true);
  else world.after(world.chance.between(0, 3_000), () => simulation.bringBack(computer));
}

/** For a while; then it is as before. */
function trouble(simulation: Simulation, begin: (computer: Computer) => () => void): void {
  const { world } = simulation;
  const computer = side(simulation);
  const end = begin(computer);
  const cancel = world.after(world.chance.between(100, 20_000), over);
  simulation.troubles.add(over);
  function over(): void {
    if (!simulation.troubles.delete(over)) return;
    cancel();
    end();
  }
}

export const fillDisk = (computer: Computer) => {
  const { device } = computer.files;
  const added = Math.max(0, computer.files.freeBytes - 2_000);
  device.usedBytes += added;
  return () => {
    device.usedBytes = Math.max(0, device.usedBytes - added);
  };
};

/** A destination and what is in it are mostly reached through handles. */
export const failSome = (computer: Computer, share: number, where: string) => {
  computer.calls.errorShare = share;
  computer.calls.errorsIn = where === downloads ? [downloads, '/proc/self/fd/'] : [where];
  return () => {
    computer.calls.errorShare = 0;
  };
};

const forbid = (computer: Computer) => {
  const { inode } = computer.files.place(downloads, true);
  if (inode === undefined) return () => undefined;
  computer.act(() => computer.files.setMode(inode, 0o555));
  return () => computer.files.setMode(inode, 0o755);
};

export const moveDestination = (computer: Computer) => {
  const { files } = computer;
  computer.act(() => {
    files.rename(downloads, `${downloads}-moved`);
    files.syncAll();
    computer.movedMs = computer.nowMs;
  });
  return () => putBack(computer);
};

/** Something may have been made in its place meanwhile. */
export function putBack(computer: Computer): void {
  const { files } = computer;
  computer.act(() => {
    if (files.place(`${downloads}-moved`, false).inode === undefined) return;
    if (files.place(downloads, false).inode !== undefined) files.rename(downloads, `${downloads}-other`);
    files.rename(`${downloads}-moved`, downloads);
    files.syncAll();
    computer.movedMs = undefined;
  });
  // Windows refuses while somebody looks into a file of it.
  if (files.isWindows && files.place(`${downloads}-moved`, false).inode !== undefined)
    computer.after(200, () => putBack(computer));
}

const readOnly = (computer: Computer) => {
  computer.files.device.isReadOnly = true;
  return () => {
    computer.files.device.isReadOnly = false;
  };
};

export const slowDisk = (computer: Computer) => {
  computer.calls.isSlow = true;
  return () => {
    computer.calls.isSlow = false;
  };
};

/** The medium changes a bit of a journal. */
function damageJournal(simulation: Simulation): void {
  const { world } = simulation;
  const computer = side(simulation);
  const { files } = computer;
  simulation.damaged.add(computer);
  const stagings = [...(files.place(downloads, true).inode?.entries ?? [])].filter(([name]) =>
    name.startsWith('.tincan-'),
  );
  const journal = stagings.map(([, folder]) => folder.entries.get('blocks')).find((each) => each !== undefined);
  if (journal === undefined || journal.size === 0) return;
  journal.damage(world.chance.whole(0, journal.size), 1 << world.chance.whole(0, 8));
}

/** Or of what a sender remembers of its blocks. */
export function damageHashes(simulation: Simulation): void {
  const { world, computers } = simulation;
  for (const { files } of computers) {
    const folder = files.place(`${dataFolder}/sends`, true).inode;
    for (const [name, hashes] of folder?.entries ?? []) {
      if (!name.endsWith('.hashes') || hashes.size === 0) continue;
      simulation.areHashesDamaged = true;
      hashes.damage(world.chance.whole(0, hashes.size), 1 << world.chance.whole(0, 8));
    }
  }
}

export const acts: readonly Act[] = [
  [22, 'send', send],
  [30, 'answer', answer],
  [8, 'pressSeveral', pressSeveral],
  [5, 'flutter', flutter],
  [8, 'pause', (simulation) => press(simulation, 'pause')],
  [14, 'resume', (simulation) => press(simulation, 'resume')],
  [4, 'cancel', (simulation) => press(simulation, 'cancel')],
  [8, 'retry', (simulation) => press(simulation, 'retry')],
  [
    2,
    'discard',
    (simulation) =>
      void discard(simulation).catch((error: unknown) => simulation.world.note(`discard: ${String(error)}`)),
  ],
  [10, 'lane', ({ connections }) => connections.addLane()],
  [8, 'lane dies', ({ connections }) => connections.killLane()],
  [8, 'lane retires', ({ connections }) => connections.retireLane()],
  [7, 'stall', ({ connections }) => connections.stall()],
  [6, 'slow channel', ({ connections }) => connections.slowOne()],
  [5, 'bit flips', ({ connections }) => connections.flipBit()],
  [4, 'cut', ({ connections }) => connections.cut('both')],
  [3, 'half-open', ({ connections }) => connections.cut('one')],
  [8, 'standby', ({ connections }) => connections.connect(false)],
  [4, 'pair', ({ connections }) => connections.connect(true)],
  [2, 'disconnect', (simulation) => simulation.disconnect(side(simulation))],
  [4, 'kill', (simulation) => stop(simulation, 'kill')],
  [5, 'power cut', (simulation) => stop(simulation, 'crash')],
  [2, 'quit', (simulation) => stop(simulation, 'quit')],
  [3, 'reload', (simulation) => stop(simulation, 'reload')],
  [4, 'source changes', (simulation) => simulation.disturbSource(side(simulation))],
  [4, 'disk full', (simulation) => trouble(simulation, fillDisk)],
  [5, 'disk errors', (simulation) => trouble(simulation, (computer) => failSome(computer, 0.05, ''))],
  [
    4,
    'errors in the destination',
    (simulation) => trouble(simulation, (computer) => failSome(computer, 0.2, downloads)),
  ],
  [
    2,
    'errors in the data folder',
    (simulation) => trouble(simulation, (computer) => failSome(computer, 0.3, dataFolder)),
  ],
  [2, 'destination forbidden', (simulation) => trouble(simulation, forbid)],
  [2, 'destination moved', (simulation) => trouble(simulation, moveDestination)],
  [1, 'read-only', (simulation) => trouble(simulation, readOnly)],
  [4, 'slow disk', (simulation) => trouble(simulation, slowDisk)],
  [2, 'journal damaged', damageJournal],
];
