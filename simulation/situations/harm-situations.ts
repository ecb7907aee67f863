// Situations in which a fault of the program would do harm, and which chance alone seldom brings about: several of the planted
// bugs are seen only here. Cells of the tables are not what they are for.

import { documents, downloads } from '../computer.ts';
import { slowDisk } from '../people.ts';
import type { Simulation } from '../simulation.ts';
import { type Situation, when } from './situation.ts';
import {
  addLane,
  changeRoot,
  cut,
  damageHashesOnce,
  disturbSources,
  failing,
  faithfulActs,
  flipBit,
  insist,
  killLane,
  pair,
  pairBeforeDamage,
  press,
  reload,
  replaceDestination,
  rewrite,
  standby,
  trouble,
} from './transfer-acts.ts';

/** Many blocks, so that something happens in the middle of them. */
const manyBlocks = [60_000, 20_000, 9_000, 300];

export const harmSituations: readonly Situation<Simulation>[] = [
  {
    name: 'bits that change on their way',
    cells: [],
    sizes: manyBlocks,
    rules: [
      when('receive-state receiving', [0, 30], flipBit, 1),
      when('receive-state receiving', [0, 200], flipBit, 1),
    ],
  },
  {
    name: 'files that change while they are read',
    cells: [],
    sizes: manyBlocks,
    rules: [
      when('send-state sending', [0, 0], trouble(800, slowDisk), 0.5),
      when('send-state sending', [1, 60], rewrite, 0.7),
      when('send-state sending', [1, 400], rewrite, 0.4),
      when('send-state sending', [0, 100], disturbSources, 0.3),
    ],
  },
  {
    name: 'files that were changed before they are read',
    cells: [],
    sizes: manyBlocks,
    rules: [when('receive-state asking', [0, 1], disturbSources, 0.8), when('send-state sending', [0, 20], pair, 0.3)],
  },
  {
    name: 'files that cannot be opened all at once',
    cells: [],
    sizes: [12_000, 13_000, 14_000, 15_000, 16_000, 17_000, 18_000],
    rules: [
      when('send-state sending', [0, 0], trouble(200, failing(0.4, documents)), 0.9),
      when('send-state sending', [0, 20], disturbSources, 0.5),
      when('send-state sending', [0, 20], disturbSources, 0.5),
    ],
  },
  {
    name: 'a lane that dies while the disk is slow',
    cells: [],
    sizes: manyBlocks,
    rules: [
      when('receive-state starting', [0, 0], trouble(8_000, slowDisk), 1),
      when('receive-state receiving', [0, 30], addLane, 1),
      when('receive-state receiving', [0, 30], addLane, 1),
      when('receive-state receiving', [30, 600], killLane, 0.9),
      when('receive-state receiving', [30, 900], killLane, 0.9),
    ],
  },
  {
    name: 'something ends in the middle of a block, and begins again',
    cells: [],
    sizes: manyBlocks,
    rules: [
      when('receive-state receiving', [1, 60], trouble(100, failing(0.7, downloads)), 0.8),
      when('receive-state failed', [0, 60], insist(100, press('retry', 'receive')), 0.9),
      when('send-state failed', [0, 200], press('retry', 'send'), 0.7),
    ],
  },
  {
    name: 'a page that is reloaded while its transfer is put in place',
    cells: [],
    sizes: [9_000, 300],
    rules: [
      when('receive-state verifying', [0, 0], trouble(3_000, slowDisk), 0.9),
      when('receive-state verifying', [0, 300], reload, 0.8),
    ],
  },
  {
    name: 'an end that is said over a line that is cut',
    cells: [],
    sizes: manyBlocks,
    rules: [
      when('send-state sending', [0, 40], cut, 0.6),
      when('send-state sending', [40, 80], press('cancel', 'send'), 0.6),
      when('send-state sending', [40, 80], press('cancel', 'receive'), 0.3),
      when('send-state cancelled', [0, 60], standby, 0.9),
      when('receive-state cancelled', [0, 60], standby, 0.9),
    ],
  },
  {
    name: 'a sender that is wrong about the whole',
    cells: [],
    sizes: [9_000, 300],
    rules: [
      when('send-state sending', [0, 0], changeRoot, 0.7),
      when('send-state failed', [50, 400], press('retry', 'send'), 0.9),
    ],
  },
  {
    name: 'remembered hashes that are wrong on disks that are well',
    cells: [],
    isHeldForGood: true,
    acts: faithfulActs,
    sizes: manyBlocks,
    rules: [
      when('send-state sending', [20, 400], pairBeforeDamage),
      when('session-state open', [0, 0], damageHashesOnce, 0.8),
      when('receive-state failed', [50, 400], press('retry', 'receive'), 0.9),
    ],
  },
  {
    name: "another folder in the destination's place",
    cells: [],
    sizes: manyBlocks,
    rules: [
      when('receive-state receiving', [0, 60], trouble(60_000, replaceDestination), 0.9),
      when('receive-state receiving', [60, 100], cut, 1),
      when('receive-state receiving', [10_500, 15_000], standby, 1),
    ],
  },
  {
    name: 'a name that is reserved, on a disk that refuses the rest',
    cells: [],
    sizes: [5_000, 300],
    rules: [
      // The second folder of its name, for the first one is there.
      when('receive-state verifying', [0, 0], trouble(400, failing(0.6, ' (2)')), 0.9),
    ],
  },
  {
    name: 'lists that cross with the connection that takes over',
    cells: [],
    rules: [
      when('receive-state listing', [0, 0], trouble(1_500, slowDisk), 0.9),
      when('receive-state listing', [0, 400], standby, 0.9),
      when('receive-state listing', [0, 400], standby, 0.9),
      when('receive-state listing (offer lost)', [0, 200], standby, 0.5),
    ],
  },
];
