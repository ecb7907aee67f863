// One seed of the link from its beginning to its end: trouble, then a whole network and two patient people, then the judgement.

import { type RunOptions, type RunResult, runPlay } from '../run-seed.ts';
import { actWhenScreenChanges, linkActs } from './link-people.ts';
import { LinkSimulation } from './link-simulation.ts';

/** Longer than any schedule of the link: the last standby connection is promoted after 90 s. */
const healsWithinMs = 150_000;
const pairsWithinMs = 40_000;
const pairingTries = 4;

export function runLinkSeed(options: RunOptions): Promise<RunResult> {
  return runPlay((world) => {
    const simulation = new LinkSimulation(world);
    simulation.screenListeners.add(() => actWhenScreenChanges(simulation));
    return {
      begin: async () => void (await world.pass(1_000)),
      step: () => step(simulation),
      calm: () => calm(simulation),
      diskCalls: () => 0,
    };
  }, options);
}

async function step(simulation: LinkSimulation): Promise<void> {
  const { world } = simulation;
  const [, name, act] = world.chance.weighted(linkActs.map((each) => [each[0], each] as const));
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

async function calm(simulation: LinkSimulation): Promise<void> {
  const { world, wire, computers } = simulation;
  world.note('calm');
  simulation.isCalm = true;
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
    await pairAsTold(simulation);
    simulation.check();
  }
  if (world.wrong.length > 0) return;
  if (!simulation.isWhole) {
    world.fail(`no link: a ${computers[0].link.view().at}, b ${computers[1].link.view().at} (liveness)`);
    return;
  }
  const heard = computers.map((each) => each.heard.length);
  for (const side of [0, 1] as const) simulation.say(side);
  await world.pass(5_000);
  simulation.check();
  if (computers.some((each, at) => each.heard.length !== heard[at]! + 1))
    world.fail('a note does not arrive (liveness)');
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

/** What the screens ask for, done in order. */
async function pairAsTold(simulation: LinkSimulation): Promise<void> {
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
    simulation.carry(0);
    // However slow the people are.
    await world.pass(world.chance.between(1_000, 200_000));
    simulation.carry(1);
    await world.pass(pairsWithinMs, () => computers.every(({ link }) => link.view().at === 'linked'));
  }
  for (const side of [0, 1] as const) simulation.confirm(side, 'match');
  await world.pass(10_000, () => simulation.isWhole);
}
