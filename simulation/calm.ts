// The end of a run: nothing goes wrong any more, and people do whatever the screens offer them. Then everything that may
// finish does, within a bounded time, and what is thrown away leaves nothing behind.

import type { FaultCode } from '../shared/model/fault.ts';
import type { TransferView } from '../shared/model/transfer.ts';
import { type Computer, dataFolder, downloads } from './computer.ts';
import { filesBelow } from './oracle.ts';
import { putBack } from './people.ts';
import type { Simulation } from './simulation.ts';

const over: ReadonlySet<string> = new Set(['done', 'declined', 'cancelled', 'failed']);
const rounds = 4;
const roundMs = 180_000;

export async function calm(simulation: Simulation): Promise<void> {
  const { world, computers, connections, troubles } = simulation;
  world.note('calm');
  simulation.isCalm = true;
  world.isBusy = false;
  for (const end of [...troubles]) end();
  // A disk that was read-only took no name back.
  for (const computer of computers) putBack(computer);
  connections.mend();
  for (const { calls } of computers) calls.strike = undefined;
  // What people and troubles had begun comes to its end.
  await world.pass(4_000);
  for (let round = 0; round < rounds && world.wrong.length === 0; round += 1) {
    for (const computer of computers) void computer.start();
    const isStarted = await world.pass(60_000, () => {
      // A scanner that had the settings open for too long lets go of them, and the person starts it again.
      for (const computer of computers) if (computer.files.isWindows && computer.isOff) void computer.start();
      return computers.every(({ isRunning }) => isRunning);
    });
    if (!isStarted) return world.fail('a computer does not start though nothing is wrong with it any more');
    for (const { page } of computers) page!.isAgreeable = true;
    // First over the link that there is, if there is one: a row's buttons are about that link.
    if (round > 0 || !connections.isUp) connections.connect(true);
    else connections.takeOver();
    await world.pass(60_000, () => connections.isUp);
    for (const computer of computers) pressOn(simulation, computer);
    // What both still have begins by itself, however far they are from each other.
    await world.pass(3_000);
    await world.pass(roundMs, () => computers.every(isStill));
    await world.pass(500);
    simulation.oracle.check(computers);
    if (connections.isUp) judgeBoth(simulation);
    // A link that is down has one too.
    if (connections.isUp && computers.every(({ page }) => ![...page!.views.values()].some(hasButton))) break;
  }
  if (world.wrong.length > 0) return;
  const kept = await mustFinish(simulation);
  for (const computer of computers) judgeRows(simulation, computer, kept);
  if (world.wrong.length > 0) return;
  await throwAway(simulation);
  for (const computer of computers) simulation.oracle.checkAll(computer, true);
}

function isStill({ page }: Computer): boolean {
  return page !== undefined && page.offers.size === 0 && [...page.views.values()].every(({ state }) => over.has(state));
}

/** A person may press on. */
function hasButton({ state, pause }: TransferView): boolean {
  return state === 'failed' || (state === 'paused' && pause === 'us');
}

/** Yes to every offer, on with every row that has a button for it. */
function pressOn({ cancelled }: Simulation, { page }: Computer): void {
  for (const transfer of [...page!.offers.keys()]) void page!.accept(transfer);
  for (const { id, state, resumable } of page!.views.values()) {
    if (cancelled.has(id)) continue;
    if (state === 'failed' && resumable) page!.engine.command({ do: 'retry', transfer: id });
    if (state === 'paused') page!.engine.command({ do: 'resume', transfer: id });
  }
}

function judgeRows(simulation: Simulation, { name, page }: Computer, kept: ReadonlySet<string>): void {
  const { world, cancelled, computers } = simulation;
  for (const view of page!.views.values()) {
    const row = `${name} ${view.direction} ${view.id.slice(0, 6)}`;
    if (isSwappedAway(view, computers)) continue;
    if (!over.has(view.state)) world.fail(`${row} hangs: ${view.state} ${view.pause ?? ''} (liveness)`);
    else if (view.state === 'failed' && !cancelled.has(view.id) && !mayFail(view, kept, simulation)) {
      world.fail(`${row} failed: ${view.fault?.code}${view.resumable ? ', resumable' : ''} (liveness)`);
    }
  }
}

/** What is over for one of them is over for both, as long as each hears the other. */
function judgeBoth({ world, computers }: Simulation): void {
  if (isSwapped(computers)) return;
  const [ours, theirs] = computers.map(({ page }) => page!.views);
  for (const [id, { state }] of ours!) {
    const other = theirs!.get(id)?.state;
    if (other !== undefined && over.has(state) !== over.has(other))
      world.fail(`${id.slice(0, 6)} is over for one of them only: a ${state}, b ${other} (liveness)`);
  }
}

/** Somebody put another folder in the destination's place, and what is held lies in the old one: it waits for a person. */
function isSwappedAway({ state, pause }: TransferView, computers: Simulation['computers']): boolean {
  return isSwapped(computers) && state === 'paused' && (pause === 'disk' || pause === 'peer');
}

function isSwapped(computers: Simulation['computers']): boolean {
  return computers.some(({ files }) => files.place(`${downloads}-other`, false).inode !== undefined);
}

/**
 * Nobody answered before the link ended, there is nothing left to send, or a disk refused before anything was received. A hash of
 * something that is gone by now cannot be made again where the remembered one is damaged. Of empty files nothing is kept to go on with.
 */
function mayFail(
  { id, fault, resumable }: TransferView,
  kept: ReadonlySet<string>,
  { areHashesDamaged, areRootsChanged, computers }: Simulation,
): boolean {
  const isDoneThere = computers.some(({ page }) => page!.views.get(id)?.state === 'done');
  if (areRootsChanged && fault?.code === 'hash-mismatch' && !(resumable && (kept.has(id) || isDoneThere))) return true;
  if (areHashesDamaged && (fault?.code === 'hash-mismatch' || fault?.code === 'peer-failed')) return true;
  if (fault === undefined || kept.has(id)) return false;
  return !never.has(fault.code);
}

/** Both sides have what they need to go on, unless somebody put another folder in the destination's place. */
async function mustFinish({ world, computers }: Simulation): Promise<ReadonlySet<string>> {
  if (isSwapped(computers)) return new Set();
  const [ours, theirs] = computers.map(({ page }) => {
    const ids = new Set<string>();
    void page!.ui.call('unfinished.list', {}).then((list) => {
      for (const { id } of list) ids.add(id);
    });
    return ids;
  });
  await world.pass(5_000);
  return new Set([...ours!].filter((id) => theirs!.has(id)));
}

/** Between two honest sides these are nobody's fault but ours. */
const never: ReadonlySet<FaultCode> = new Set([
  'internal',
  'block-damaged',
  'hash-mismatch',
  'peer-violation',
  'manifest-invalid',
  'bridge-invalid',
  'bridge-closed',
  'bridge-busy',
]);

/** People discard whatever is still listed, and start once more. Nothing of it stays. */
async function throwAway(simulation: Simulation): Promise<void> {
  const { world, computers } = simulation;
  for (const computer of computers) {
    if (!(await inTime(simulation, `${computer.name} discards`, discardAll(simulation, computer)))) return;
  }
  for (const computer of computers) {
    const restart = computer.quit().then(() => computer.start());
    if (!(await inTime(simulation, `${computer.name} restarts`, restart))) return;
  }
  await world.pass(5_000);
  for (const computer of computers) checkEmpty(simulation, computer);
}

async function inTime({ world }: Simulation, what: string, work: Promise<unknown>): Promise<boolean> {
  let isDone = false;
  work.then(
    () => {
      isDone = true;
    },
    (error: unknown) => world.fail(`${what}: ${String(error)}`),
  );
  await world.pass(60_000, () => isDone);
  if (!isDone && world.wrong.length === 0) world.fail(`${what}: that does not end`);
  return isDone;
}

async function discardAll({ world }: Simulation, { page, name }: Computer): Promise<void> {
  for (const { id } of await page!.ui.call('unfinished.list', {})) {
    world.note(`${name} discards ${id.slice(0, 6)} at the end`);
    world.count('left unfinished');
    await page!.ui.call('unfinished.discard', { transfer: id });
  }
}

function checkEmpty({ world }: Simulation, computer: Computer): void {
  const { files, name } = computer;
  // A copy beside its name on another disk, and an old file that has neither its own name nor a plain one.
  const ours = filesBelow(computer, downloads).filter((each) =>
    /\/\.tincan-| \(replaced [0-9a-f]{8}\)/.test(each.name),
  );
  if (ours.length > 0) world.fail(`${name} leaves ${ours.map((each) => each.name).join(' ')} behind (I5)`);
  const staging = [...(files.place(downloads, true).inode?.entries.keys() ?? [])].filter((each) =>
    each.startsWith('.tincan-'),
  );
  if (staging.length > 0) world.fail(`${name} leaves ${staging.join(' ')} behind (I5)`);
  // What lies in a folder that was moved away is remembered until the folder is back.
  if (files.place(`${downloads}-other`, true).inode !== undefined) return;
  const records = files.place(`${dataFolder}/receives`, true).inode?.entries.keys() ?? [];
  const left = [...records].filter((entry) => !entry.endsWith('.damaged'));
  const kept = new Set(left.filter((entry) => entry.endsWith('.json')).map((entry) => entry.slice(0, 32)));
  for (const entry of left) {
    if (entry.endsWith('.tmp') || !kept.has(entry.slice(0, 32))) world.fail(`${name} leaves ${entry} behind (I5)`);
  }
}
