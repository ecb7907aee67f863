// One seed of the link from its beginning to its end: trouble, then a whole network and two patient people, then the judgement.

import { type Play, type RunOptions, type RunResult, runPlay } from '../run-seed.ts';
import { actWhenScreenChanges, type LinkAct, linkActs, pairCrosswise } from './link-people.ts';
import { announcedMs, backSoonMs, LinkSimulation, noticedMs } from './link-simulation.ts';
import type { Side } from './wire.ts';

/** Longer than any schedule of the link: the last standby connection is promoted after 90 s. */
const healsWithinMs = 150_000;
const pairsWithinMs = 40_000;
const pairingTries = 2;
/** A beat of the heart is missed after 10 s, and looked for every three. */
const unheardShownMs = 20_000;
/** Whom nobody told promotes a standby connection 16 s after the link is known to be down, and the next one 24 s later. */
const backUntoldMs = 60_000;
/** Who both lost the link answers a call after a minute; calls come every ten seconds, and one in vain may go before. */
const backByCallMs = 120_000;

export function runLinkSeed(options: RunOptions): Promise<RunResult> {
  return runPlay((world) => {
    const simulation = new LinkSimulation(world);
    simulation.screenListeners.add(() => actWhenScreenChanges(simulation));
    return linkPlay(simulation, linkActs);
  }, options);
}

export function linkPlay(simulation: LinkSimulation, acts: readonly LinkAct[]): Play {
  return {
    begin: async () => void (await simulation.world.pass(1_000)),
    step: () => stepLink(simulation, acts),
    calm: () => calmLink(simulation),
    diskCalls: () => 0,
  };
}

async function stepLink(simulation: LinkSimulation, acts: readonly LinkAct[]): Promise<void> {
  const { world } = simulation;
  const [, name, act] = world.chance.weighted(acts.map((each) => [each[0], each] as const));
  world.note(`· ${name}`);
  world.count(name);
  act(simulation);
  simulation.check();
  await world.pass(
    world.chance.upTo([
      [20, 0],
      [30, 500],
      [40, 20_000],
      [10, 200_000],
    ]),
  );
  simulation.check();
}

async function calmLink(simulation: LinkSimulation): Promise<void> {
  const { world, wire, computers } = simulation;
  world.note('calm');
  simulation.isCalm = true;
  world.isBusy = false;
  // What was cut before is mended once more by its own end, which changes nothing.
  wire.mend();
  const mustHeal = simulation.mustHeal;
  await world.pass(healsWithinMs, () => simulation.isWhole);
  if (mustHeal && simulation.mustHeal && !simulation.isWhole) {
    const [a, b] = computers.map(({ link }) => link.view().at);
    world.fail(`the line is back and the link is not: a ${a}, b ${b} (liveness)`);
    return;
  }
  await world.pass(700_000, () => false);
  for (let tries = 0; !simulation.isWhole && tries < pairingTries && world.wrong.length === 0; tries += 1) {
    await pairAsTold(simulation, tries === 0);
    simulation.check();
  }
  if (world.wrong.length > 0) return;
  if (!simulation.isWhole) {
    world.fail(`no link: a ${computers[0].link.view().at}, b ${computers[1].link.view().at} (liveness)`);
    return;
  }
  await exchangeNotes(simulation);
  await disturbOnce(simulation);
  if (world.wrong.length > 0) return;
  simulation.disturb();
  computers[0].link.disconnect();
  await world.pass(60_000);
  for (const { name, link, rtc } of computers) {
    if (link.view().at !== 'pairing') world.fail(`${name} does not hear that the other side left: ${link.view().at}`);
    if (rtc.connections.size > 2) world.fail(`${name} keeps ${rtc.connections.size} connections after the end`);
  }
  for (const each of computers) each.close();
  await world.pass(5_000);
  for (const { name, rtc } of computers) {
    if (rtc.connections.size > 0) world.fail(`${name} leaves ${rtc.connections.size} connections open`);
  }
}

async function exchangeNotes(simulation: LinkSimulation): Promise<void> {
  const { world, computers } = simulation;
  const heard = computers.map((each) => each.heard.length);
  for (const side of [0, 1] as const) simulation.say(side);
  await world.pass(5_000);
  simulation.check();
  if (computers.some((each, at) => each.heard.length !== heard[at]! + 1))
    world.fail('a note does not arrive (liveness)');
  simulation.checkNotes();
}

/** One thing happens to a link that is whole, and nothing else: what becomes of it is known. */
async function disturbOnce(simulation: LinkSimulation): Promise<void> {
  const { world, wire, computers } = simulation;
  const what = world.chance.pick([
    'nothing',
    'moves',
    'moves, and nobody says so',
    'data is lost',
    'is cut for long',
    'both move',
  ] as const);
  if (what === 'nothing' || (what.startsWith('moves') && wire.hasFirewall.includes(true))) return;
  world.note(`· at the end: ${what}`);
  world.count(`at the end: ${what}`);
  for (const each of computers) each.wantLanes(world.chance.whole(1, 5));
  await world.pass(announcedMs + 5_000);
  if (!simulation.isWhole) return world.fail('a link that nobody touches goes down');
  if (what === 'both move') return bothMove(simulation);
  if (what === 'data is lost') {
    wire.loseData();
    await world.pass(unheardShownMs);
    for (const { name, link } of computers) {
      if (link.view().at === 'linked') world.fail(`${name} heard nothing for ${unheardShownMs} ms, and shows a link`);
    }
    wire.mend();
    await world.pass(backSoonMs, () => simulation.isWhole);
  } else if (what === 'is cut for long') {
    wire.cut([0, 1]);
    // Two standby connections were promoted in vain by then, and the next one is due much later: the link itself has to come back.
    await world.pass(world.chance.between(57_000, 70_000));
    wire.mend();
    await world.pass(backSoonMs);
  } else {
    const side: Side = world.chance.hits(0.5) ? 0 : 1;
    wire.changeAddress(side, world.chance.whole(30, 250));
    if (what === 'moves') {
      await world.pass(world.chance.between(0, 2_000));
      computers[side].link.nudge('addresses');
    }
    await world.pass(what === 'moves' ? backSoonMs : backUntoldMs);
  }
  await judgeBack(simulation, what);
}

/** Neither is found where the other one knows it: only those who remember each other find each other again. */
async function bothMove(simulation: LinkSimulation): Promise<void> {
  const { world, wire, computers } = simulation;
  for (const { link } of computers) link.remember('yes');
  await world.pass(5_000);
  if (!simulation.findByCall()) return;
  world.count('at the end: both move, and remember each other');
  for (const side of [0, 1] as const) {
    wire.changeAddress(side, world.chance.whole(30, 250));
    if (world.chance.hits(0.5))
      world.after(world.chance.between(0, 2_000), () => computers[side].link.nudge('addresses'));
  }
  await world.pass(noticedMs);
  await world.pass(backByCallMs, () => simulation.isWhole);
  await judgeBack(simulation, 'both move');
}

async function judgeBack(simulation: LinkSimulation, what: string): Promise<void> {
  const { world } = simulation;
  if (!simulation.isWhole) world.fail(`at the end: ${what}, and the link is not back (liveness)`);
  if (world.wrong.length > 0) return;
  await world.pass(50_000);
  simulation.check();
  if (world.wrong.length === 0) await exchangeNotes(simulation);
}

/** What the screens ask for, done in order. */
async function pairAsTold(simulation: LinkSimulation, mayCross: boolean): Promise<void> {
  const { world, computers } = simulation;
  if (!computers.every(({ link }) => link.view().at === 'linked')) {
    await world.pass(healsWithinMs, () => computers.every(({ link }) => link.view().at === 'linked'));
  }
  if (!computers.every(({ link }) => link.view().at === 'linked')) {
    for (const { link } of computers) {
      // One side still shows a link that the other one left long ago.
      if (link.view().at === 'linked') link.disconnect();
      else if (link.view().at === 'reconnecting') link.pairAgain();
      else link.newCode();
    }
    await world.pass(5_000);
    if (mayCross && world.chance.hits(0.4)) pairCrosswise(simulation);
    else simulation.carry(0);
    // However slow the people are.
    await world.pass(world.chance.between(1_000, 200_000));
    simulation.carry(1);
    await world.pass(pairsWithinMs, () => computers.every(({ link }) => link.view().at === 'linked'));
  }
  for (const side of [0, 1] as const) simulation.confirm(side, 'match');
  await world.pass(10_000, () => simulation.isWhole);
}
