// What people and networks do to a link just when a machine enters a state.

import { type LinkAct, linkActs, pairCrosswise, pairInOrder } from '../link/link-people.ts';
import type { LinkSimulation } from '../link/link-simulation.ts';
import type { Side } from '../link/wire.ts';
import { type Situation, when } from './situation.ts';

const sides: readonly Side[] = [0, 1];
const aSide = ({ world }: LinkSimulation): Side => (world.chance.hits(0.5) ? 0 : 1);
const linkOf = (simulation: LinkSimulation) => simulation.computers[aSide(simulation)].link;

function cut(leastMs: number, mostMs: number, which: 'both' | 'one' = 'both') {
  return (simulation: LinkSimulation): void => {
    const { world, wire } = simulation;
    wire.cut(which === 'both' ? sides : [aSide(simulation)]);
    world.after(world.chance.between(leastMs, mostMs), () => wire.mend());
  };
}

/** One connection of those that work, not the network. */
function loseOneFor(...ms: readonly number[]) {
  return ({ world, computers }: LinkSimulation): void => {
    const up = [...computers[0].rtc.connections].filter(({ iceConnectionState }) => iceConnectionState === 'connected');
    if (up.length > 0) world.chance.pick(up).lose(world.chance.pick(ms));
  };
}

const loseOne = loseOneFor(600, 8_000, 15_000, 40_000);

function press(button: 'newCode' | 'pairAgain' | 'disconnect') {
  return (simulation: LinkSimulation): void => {
    simulation.disturb();
    linkOf(simulation)[button]();
  };
}

function reload(simulation: LinkSimulation): void {
  simulation.disturb();
  simulation.computers[aSide(simulation)].reload();
}

function changeSettings(simulation: LinkSimulation): void {
  const { chance } = simulation.world;
  linkOf(simulation).configure({ deviceName: `renamed ${chance.whole(0, 1e6)}`, servers: [], relayOnly: false });
}

function nudge(simulation: LinkSimulation): void {
  linkOf(simulation).nudge(simulation.world.chance.pick(['addresses', 'woke', 'online'] as const));
}

function addressesChange(simulation: LinkSimulation): void {
  linkOf(simulation).nudge('addresses');
}

function move(simulation: LinkSimulation): void {
  const { world, wire, computers } = simulation;
  const side = aSide(simulation);
  simulation.moved(side);
  wire.changeAddress(side, world.chance.whole(30, 250));
  world.after(world.chance.between(0, 300), () => computers[side].link.nudge('addresses'));
}

function want(least: number, most: number) {
  return ({ world, computers }: LinkSimulation): void => {
    for (const computer of computers) computer.wantLanes(world.chance.whole(least, most));
  };
}

/** Fewer are wanted, and at once as many as before: what the two sides say about it crosses. */
function wantFewAndMany(withinMs: number) {
  return (simulation: LinkSimulation): void => {
    const { world, computers } = simulation;
    want(1, 1)(simulation);
    const computer = computers[aSide(simulation)];
    world.after(world.chance.between(0, withinMs), () => computer.wantLanes(9));
  };
}

/** Fewer, more, and fewer again, before the other side can answer. */
function giveBackTwice(simulation: LinkSimulation): void {
  const { world, computers } = simulation;
  want(1, 1)(simulation);
  for (const [atMs, count] of [
    [0.1, 9],
    [0.2, 1],
  ] as const)
    world.after(atMs, () => {
      for (const computer of computers) computer.wantLanes(count);
    });
}

/** Something else has all the cores of both. */
function holdUpHashes(leastMs: number, mostMs: number) {
  return ({ world }: LinkSimulation): void => {
    world.hashesWaitUntilMs = world.nowMs + world.chance.between(leastMs, mostMs);
  };
}

/** Replies too: none travels by itself. */
function useCameras(simulation: LinkSimulation): void {
  simulation.cameraShare = 1;
  for (const { lan } of simulation.computers) lan.deliversReplies = false;
}

/** The same, and the line is cut in between, until just about when its end would be noticed. */
function cutWhileGivenBack(simulation: LinkSimulation): void {
  const { world, wire } = simulation;
  wantFewAndMany(4_000)(simulation);
  world.after(world.chance.between(0, 400), () => {
    wire.cut(sides);
    world.after(world.chance.between(4_700, 5_700), () => wire.mend());
  });
}

/** As many as before are wanted, and the line is cut for just so long that nobody notices. */
function cutUnnoticed(simulation: LinkSimulation): void {
  const { world, wire } = simulation;
  want(9, 9)(simulation);
  wire.cut(sides);
  world.after(world.chance.between(4_500, 5_000), () => wire.mend());
}

/** A link that is open ends. */
function leave(simulation: LinkSimulation): void {
  if (simulation.isSettled(0)) press('disconnect')(simulation);
}

/** As somebody does whose click is on its way while the screen changes. */
function click(choice: 'match' | 'skip') {
  return (simulation: LinkSimulation): void => linkOf(simulation).confirmVerification(choice);
}

function remember(simulation: LinkSimulation): void {
  linkOf(simulation).remember(simulation.world.chance.hits(0.6) ? 'yes' : 'no');
}

/** Copies what both show, and takes each code on the other side. */
function carryBoth(simulation: LinkSimulation): void {
  const codes = sides.map((side) => simulation.codeOf(side));
  for (const side of sides) void simulation.take(side, codes[simulation.other(side)]);
}

/** Somebody pastes what was pasted before. */
function takeAgain(simulation: LinkSimulation): void {
  for (const side of sides) void simulation.take(side, simulation.lastInvites[simulation.other(side)]);
}

/** Somebody answers two codes of one computer, and takes the other's answer as well: the second reply comes while a connection is up. */
function answerTwoCodes(simulation: LinkSimulation): void {
  const { world, computers } = simulation;
  const side = aSide(simulation);
  const other = simulation.other(side);
  const [older, theirs] = [simulation.codeOf(side), simulation.codeOf(other)];
  if (older?.kind !== 'invite' || theirs?.kind !== 'invite') return;
  computers[side].link.configure({ deviceName: `renamed ${world.nowMs}`, servers: [], relayOnly: false });
  const take = (taker: Side, code: typeof older | undefined) =>
    world.after(world.chance.between(0, 600), () => void simulation.take(taker, code));
  world.after(900, () => {
    const newer = simulation.codeOf(side);
    take(other, older);
    world.after(1_500, () => {
      take(side, simulation.codeOf(other));
      take(side, theirs);
      take(other, newer);
    });
    world.after(3_000, () => {
      take(side, simulation.codeOf(other));
      take(other, simulation.codeOf(side));
    });
  });
}

/** For a while a firewall knows only what it knows. */
function loseNew({ world, wire }: LinkSimulation): void {
  wire.loseNew();
  world.after(world.chance.between(20_000, 60_000), () => wire.mend());
}

/** Between what the rules do. */
export const quietLinkActs: readonly LinkAct[] = [
  [40, 'pair in order', pairInOrder],
  [20, 'pair crosswise', pairCrosswise],
  ...linkActs.filter(([, name]) =>
    ['carry a code', 'confirm', 'remember', 'note', 'pair again', 'lanes'].includes(name),
  ),
];

const laneCells = [
  ...['retired-there', 'empty-here'].map((event) => `opening × ${event}`),
  'used × empty-here',
  ...['connection', 'deadline', 'link-up', 'link-down'].map((event) => `retiring × ${event}`),
  ...['want', 'link-up', 'link-down', 'close'].map((event) => `making (called off) × ${event}`),
  ...['peer-wants', 'retired-there', 'empty-here', 'channel-closed'].map((event) => `used (cut) × ${event}`),
  ...['answered', 'up-there', 'retired-there', 'wanted-again', 'empty-here', 'empty-there'].map(
    (event) => `none × ${event}`,
  ),
].map((cell) => `lanes-state: ${cell}`);

/** Both see that it is the right one. */
const confirms = [
  when('verification-state asking', [0, 2_000], click('match'), 0.9),
  when('verification-state asking', [0, 2_000], click('match'), 0.9),
];

const laneRules = [
  ...confirms,
  when('linked-state confirmed', [0, 3_000], want(3, 9), 0.9),
  when('lanes-state making', [0, 100], want(1, 3), 0.1),
  when('lanes-state making', [0, 2_000], move, 0.05),
  when('lanes-state making (called off)', [0, 300], want(3, 9), 0.4),
  when('lanes-state making (called off)', [0, 300], move, 0.1),
  when('lanes-state making (called off)', [0, 300], cut(5_000, 12_000), 0.1),
  when('lanes-state making (called off)', [0, 300], press('disconnect'), 0.1),
  when('lanes-state opening', [0, 150], want(1, 3), 0.1),
  when('lanes-state opening', [0, 100], loseOne, 0.1),
  when('lanes-state opening', [0, 100], press('disconnect'), 0.03),
  when('lanes-state used', [0, 10_000], want(1, 3), 0.3),
  when('lanes-state used', [0, 3_000], loseOne, 0.4),
  when('lanes-state used (cut)', [0, 3_000], want(1, 3), 0.6),
  when('lanes-state used (cut)', [0, 6_000], want(4, 9), 0.4),
  when('lanes-state used (cut)', [0, 4_000], reload, 0.1),
  when('lanes-state used (cut)', [0, 9_000], move, 0.1),
  when('lanes-state retiring', [0, 100], want(4, 9), 0.4),
  when('lanes-state retiring', [0, 50], loseOne, 0.3),
  when('lanes-state retiring', [0, 50], cut(5_500, 12_000), 0.15),
  when('lanes-state retiring', [0, 50], move, 0.15),
];

export const linkSituations: readonly Situation<LinkSimulation>[] = [
  {
    name: 'while certificates are compared',
    isBusy: true,
    cells: [
      ...['channel-closed', 'tick', 'nudge', 'close'].map((event) => `linked-state: securing × ${event}`),
      ...['secured', 'connection', 'channel-closed', 'tick', 'nudge', 'close'].map(
        (event) => `linked-state: securing (down) × ${event}`,
      ),
    ],
    rules: [
      when('pairing-state won', [0, 3_000], nudge, 0.8),
      when('pairing-state won', [0, 60], cut(100, 15_000), 0.3),
      when('pairing-state won', [0, 0.5], cut(5_500, 9_000), 0.4),
      when('pairing-state won', [0, 3_000], reload, 0.2),
      when('pairing-state won', [0, 3_000], press('disconnect'), 0.2),
      when('linked-state securing (down)', [0, 3_000], nudge),
      when('linked-state securing (down)', [0, 3_000], press('newCode'), 0.2),
    ],
  },
  {
    name: 'digits that come late or never',
    cells: [
      ...['starting × deadline', 'awaiting-commit × deadline', 'awaiting-nonce × deadline', 'awaiting-commit × close'],
      ...['awaiting-nonce × close', 'counting × close'],
    ]
      .map((cell) => `verification-state: ${cell}`)
      .concat(
        ['verifying × verification-failed', 'verifying (down) × verified', 'verifying (down) × control-open'].map(
          (cell) => `linked-state: ${cell}`,
        ),
        'linked-state: verifying (down) × signal',
      ),
    isBusy: true,
    rules: [
      when('pairing-state won', [0, 20], cut(11_000, 45_000), 0.3),
      when('linked-state verifying', [0, 20], cut(26_000, 40_000), 0.3),
      when('linked-state verifying', [0, 400], cut(5_000, 30_000, 'one'), 0.3),
      when('linked-state verifying', [0, 30], press('disconnect'), 0.2),
      when('verification-state counting', [0, 5], press('disconnect'), 0.3),
      when('verification-state awaiting-nonce', [0, 30], press('newCode'), 0.2),
      when('verification-state asking', [0, 2_000], click('match')),
      when('verification-state asking', [0, 3_000], cut(6_000, 15_000, 'one'), 0.4),
      when('verification-state asking', [0, 3_000], cut(6_000, 15_000), 0.3),
      when('linked-state verifying (down)', [0, 2], click('match')),
      when('linked-state verifying (down)', [0, 2], click('match')),
      when('linked-state verifying (down)', [0, 4_000], click('match')),
    ],
  },
  {
    name: 'a computer that moves while the digits are compared',
    cells: ['addresses-changed', 'announced'].map((event) => `standby-state: none × ${event}`),
    rules: [
      when('verification-state asking', [0, 1_000], click('match'), 0.7),
      when('verification-state waiting-for-peer', [150, 500], cut(9_000, 15_000, 'one'), 0.8),
      when('linked-state verifying (down)', [0, 300], addressesChange, 0.4),
      when('linked-state verifying (down)', [300, 3_000], click('match'), 0.9),
      when('linked-state verifying (down)', [300, 3_000], click('match'), 0.9),
    ],
  },
  {
    name: 'a line that carries one way only',
    cells: ['linked-state: confirmed (down) × signal'],
    rules: [
      when('linked-state confirmed', [0, 4_000], cut(6_000, 14_000, 'one'), 0.8),
      when('linked-state confirmed (down)', [0, 2_000], want(1, 9)),
      when('linked-state confirmed (down)', [0, 2_000], remember),
    ],
  },
  {
    name: 'two codes that come up together',
    cells: [
      ...['new-code', 'addresses-changed', 'made', 'take invite', 'take reply', 'up'].map(
        (event) => `pairing-state: deciding × ${event}`,
      ),
      'pairing-state: inviter making × addresses-changed',
      ...['new-code', 'addresses-changed', 'decide'].map((event) => `pairing-state: inviter up × ${event}`),
      ...['new-code', 'addresses-changed'].map((event) => `pairing-state: replier up × ${event}`),
    ],
    rules: [
      when('pairing-state inviter making', [0, 5], changeSettings, 0.3),
      when('pairing-state replier waiting', [5, 900], carryBoth, 0.4),
      when('pairing-state inviter waiting', [0, 2_000], pairCrosswise, 0.4),
      when('pairing-state inviter waiting', [0, 2_000], answerTwoCodes, 0.4),
      when('pairing-state deciding', [0, 200], press('newCode'), 0.3),
      when('pairing-state deciding', [0, 200], changeSettings),
      when('pairing-state deciding', [0, 350], takeAgain),
      when('pairing-state deciding', [0, 350], carryBoth),
      when('pairing-state deciding', [0, 350], carryBoth),
    ],
  },
  {
    name: 'two people who remember each other, or not',
    cells: ['closed × heard', 'declined × refused', 'declined × heard'].map((cell) => `remember-state: ${cell}`),
    rules: [
      when('verification-state asking', [0, 2_000], click('match')),
      when('verification-state asking', [0, 2_000], click('match')),
      when('verification-state asking', [0, 2_000], click('skip'), 0.4),
      when('remember-state open', [0, 2_000], remember),
      when('remember-state asked', [0, 2_000], remember),
      when('remember-state waiting', [0, 2_000], remember),
      when('remember-state declined', [0, 2_000], remember, 0.9),
      when('remember-state declined', [0, 4_000], remember, 0.9),
    ],
  },
  {
    name: 'two people who remember each other while one connection takes over from another',
    cells: [
      ...['open', 'waiting', 'asked', 'agreed', 'declined'].map((state) => `${state} × switched`),
      ...['asked', 'agreed'].map((state) => `${state} × heard`),
    ].map((cell) => `remember-state: ${cell}`),
    rules: [
      ...confirms,
      when('remember-state open', [4_000, 12_000], remember),
      when('remember-state asked', [0, 6_000], remember),
      ...['open', 'waiting', 'asked', 'agreed', 'declined'].map((state) =>
        when(`remember-state ${state}`, [0, 5_000], loseOneFor(12_000, 40_000), 0.6),
      ),
    ],
  },
  { name: 'lanes that come and go', cells: laneCells, rules: laneRules },
  { name: 'lanes that come and go on busy computers', isBusy: true, cells: laneCells, rules: laneRules },
  {
    name: 'a lane that is lost',
    cells: ['opening × empty-there', 'used (cut) × closed-there'].map((cell) => `lanes-state: ${cell}`),
    rules: [
      ...confirms,
      when('linked-state confirmed', [0, 3_000], want(4, 9), 0.9),
      when('lanes-state used', [0, 8_000], loseOneFor(9_000, 40_000), 0.3),
      when('lanes-state used (cut)', [0, 300], wantFewAndMany(300), 0.15),
    ],
  },
  {
    name: 'a lane that is given back while the line is cut',
    isBusy: true,
    cells: ['used × closed-there', 'used (cut) × empty-there'].map((cell) => `lanes-state: ${cell}`),
    rules: [
      ...confirms,
      when('linked-state confirmed', [0, 3_000], want(4, 9), 0.9),
      when('lanes-state used', [0, 6_000], cutWhileGivenBack, 0.1),
      when('lanes-state used', [0, 6_000], want(1, 1), 0.1),
      when('lanes-state retiring', [0, 500], cutUnnoticed, 0.3),
    ],
  },
  {
    name: 'a lane that is made while another connection takes over',
    isBusy: true,
    cells: ['lanes-state: making (called off) × closed-there'],
    rules: [
      ...confirms,
      when('linked-state confirmed', [10_000, 60_000], want(4, 9), 0.9),
      when('linked-state confirmed', [60_000, 90_000], want(1, 1), 0.9),
      when('linked-state confirmed', [90_000, 120_000], want(4, 9), 0.9),
      when('lanes-state making', [100, 4_000], addressesChange, 0.2),
    ],
  },
  {
    name: 'standby connections in haste',
    isBusy: true,
    cells: [
      ...['addresses-changed', 'promotion-over'].map((event) => `making × ${event}`),
      'proven × close',
      'ready (theirs unknown) × checks-arrived',
      'closed × not-completed',
    ].map((cell) => `standby-state: ${cell}`),
    rules: [
      ...confirms,
      when('linked-state confirmed', [0, 2_000], addressesChange, 0.5),
      when('standby-state making', [0, 300], addressesChange, 0.2),
      when('standby-state making', [0, 300], press('disconnect'), 0.05),
      when('standby-state ready (theirs unknown)', [0, 60], move, 0.2),
      when('standby-state ready', [0, 10_000], move, 0.1),
      when('standby-state ready', [0, 10_000], loseNew, 0.2),
      when('standby-state ready', [0, 10_000], addressesChange, 0.4),
      when('standby-state promoted', [0, 5], press('disconnect'), 0.08),
      when('standby-state promoted', [0, 1_500], press('disconnect'), 0.05),
      when('standby-state promoted', [100, 8_000], press('disconnect'), 0.15),
      when('standby-state promoted', [0, 3_000], addressesChange, 0.4),
      when('standby-state promoted', [16_500, 19_500], addressesChange, 0.6),
      when('standby-state proven', [0, 5], press('disconnect'), 0.3),
    ],
  },
  {
    name: 'a link that ends while another connection is proven',
    isBusy: true,
    cells: ['standby-state: closed × proven'],
    rules: [
      ...confirms,
      when('standby-state ready', [0, 10_000], addressesChange, 0.3),
      when('a connection is secured', [0, 500], leave, 0.3),
    ],
  },
  {
    name: 'two standby connections at once',
    isBusy: true,
    cells: ['standby-state: ready (theirs unknown) × promotion-over'],
    rules: [
      ...confirms,
      when('standby-state ready', [0, 10_000], addressesChange, 0.2),
      when('standby-state promoted', [0, 200], addressesChange, 0.5),
    ],
  },
  {
    name: 'codes of two cameras, and hashes that take until nobody waits',
    isBusy: true,
    cells: ['asking', 'waiting-for-peer'].map((state) => `verification-state: ${state} × deadline`),
    rules: [
      // Before the first code is carried.
      when('pairing-state inviter waiting', [0, 0], useCameras, 0.5),
      when('pairing-state inviter waiting', [0, 2_000], pairInOrder, 0.4),
      when('verification-state awaiting-reveal', [0, 0], holdUpHashes(29_000, 32_000), 1),
    ],
  },
  {
    name: 'a lane that was lost, and is given back, wanted and given back',
    cells: ['lanes-state: opening × retired-there'],
    rules: [
      ...confirms,
      when('linked-state confirmed', [0, 3_000], want(4, 9), 0.9),
      when('lanes-state used', [0, 8_000], loseOneFor(9_000, 40_000), 0.3),
      when('lanes-state used (cut)', [0, 300], giveBackTwice, 0.3),
    ],
  },
];
