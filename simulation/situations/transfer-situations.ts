// What people and disks do to transfers just when a machine enters a state.

import { dataFolder, downloads } from '../computer.ts';
import { damageHashes, fillDisk, moveDestination, slowDisk } from '../people.ts';
import type { Simulation } from '../simulation.ts';
import { type Situation, when } from './situation.ts';
import {
  accept,
  decline,
  disconnect,
  failing,
  insist,
  losePower,
  pair,
  press,
  probe,
  standby,
  trouble,
} from './transfer-acts.ts';

/** Something is sent over a slow disk, and both pair again while it is under way. */
const keptSend = [
  when('receive-state starting', [0, 0], trouble(2_000, slowDisk), 0.9),
  when('send-state sending', [0, 150], pair, 0.9),
];

/** In each situation. */
export const usual = [when('receive-state asking', [1, 200], accept, 0.8)];

export const transferSituations: readonly Situation<Simulation>[] = [
  {
    name: 'a send that is prepared',
    cells: ['retried', 'cancelled', 'control-changed', 'parked'].map((event) => `send-state: preparing × ${event}`),
    rules: [
      when('somebody sends', [0, 0], trouble(400, slowDisk)),
      when('somebody sends', [0, 60], press('retry', 'send')),
      when('somebody sends', [0, 90], press('cancel', 'send'), 0.4),
      when('somebody sends', [0, 60], standby, 0.4),
      when('somebody sends', [0, 60], disconnect, 0.2),
    ],
  },
  {
    name: 'an accept that the sender did not hear',
    cells: [
      ...['asked-again', 'broke', 'retried', 'cancelled'].map((event) => `send-state: resuming × ${event}`),
      'send-state: failed × asked-again',
    ],
    rules: [
      when('receive-state starting', [0, 0], trouble(600, slowDisk), 0.5),
      when('receive-state starting', [0, 3], standby, 0.4),
      when('receive-state starting', [0, 300], trouble(300, failing(0.6, downloads)), 0.4),
      when('receive-state receiving', [0, 1], standby, 0.4),
      when('receive-state receiving', [0, 1], pair, 0.5),
      when('receive-state starting', [0, 20], trouble(100, failing(0.9, downloads)), 0.4),
      when('receive-state failed', [0, 1], standby, 0.3),
      when('receive-state failed', [0, 60], insist(60, press('retry', 'receive'))),
      when('session-state open', [0, 5], insist(20, press('retry', 'receive'))),
      when('send-state resuming', [0, 5], press('retry', 'send')),
      when('send-state resuming', [0, 5], press('cancel', 'send'), 0.1),
    ],
  },
  {
    name: 'a receiver that asks for what its sender cancels',
    cells: ['send-state: cancelled × asked-again', 'receive-state: failed × cancelled'],
    rules: [
      when('receive-state receiving', [0, 30], trouble(200, failing(0.8, downloads))),
      when('receive-state failed', [0, 3], press('cancel', 'send')),
      when('receive-state failed', [0, 30], press('cancel', 'receive'), 0.3),
      when('receive-state failed', [10, 200], press('retry', 'receive'), 0.8),
    ],
  },
  {
    name: 'a receiver that asks for what its sender cannot open',
    cells: ['receive-state: failed × not-again'],
    rules: [
      when('receive-state receiving', [0, 30], trouble(200, failing(0.8, downloads))),
      when('receive-state failed', [0, 60], press('retry', 'receive'), 0.9),
      when('send-state reopening', [0, 0], trouble(60, failing(0.9, dataFolder)), 0.9),
    ],
  },
  {
    name: 'a failed send that is opened again',
    cells: [
      ...['retried', 'asked-again', 'cancelled', 'parked'].map((event) => `send-state: reopening × ${event}`),
      ...['retried', 'asked-again'].map((event) => `send-state: resuming (accepted) × ${event}`),
    ],
    rules: [
      when('send-state sending', [0, 60], trouble(300, failing(0.7, downloads)), 0.7),
      when('send-state failed', [0, 50], press('retry', 'send')),
      when('receive-state failed', [0, 50], insist(40, press('retry', 'receive'))),
      when('send-state reopening', [0, 0], trouble(400, slowDisk)),
      when('send-state reopening', [0, 40], press('retry', 'send')),
      when('send-state reopening', [0, 20], insist(40, press('retry', 'receive'))),
      when('send-state reopening', [0, 20], press('cancel', 'send'), 0.3),
      when('send-state reopening', [0, 20], disconnect, 0.2),
      when('send-state reopening', [0, 20], pair, 0.2),
      when('send-state resuming (accepted)', [0, 10], press('retry', 'send')),
      when('send-state resuming (accepted)', [0, 3], insist(10, press('retry', 'receive'))),
    ],
  },
  {
    name: 'something happens while it is published',
    cells: [
      ...['continued', 'cancelled', 'parked'].map((event) => `receive-state: verifying × ${event}`),
      ...['published', 'continued', 'cancelled', 'broke', 'parked'].map(
        (event) => `receive-state: verifying (called off) × ${event}`,
      ),
      'send-state: verifying × cancelled',
    ],
    rules: [
      when('send-state verifying', [0, 3], press('cancel', 'send'), 0.4),
      when('receive-state verifying', [0, 0], trouble(2_000, slowDisk), 0.8),
      when('receive-state verifying', [0, 60], press('cancel', 'receive'), 0.4),
      when('receive-state verifying', [0, 20], standby),
      when('receive-state verifying', [0, 60], pair, 0.2),
      when('receive-state verifying', [0, 60], disconnect, 0.2),
      when('receive-state verifying', [0, 20], trouble(200, failing(0.4, downloads)), 0.3),
      when('receive-state verifying (called off)', [0, 20], press('cancel', 'receive')),
      when('receive-state verifying (called off)', [0, 5], trouble(600, failing(0.9, downloads)), 0.5),
      when('receive-state verifying (called off)', [0, 20], standby, 0.5),
      when('receive-state verifying (called off)', [0, 40], pair, 0.25),
      when('receive-state verifying (called off)', [0, 40], disconnect, 0.25),
    ],
  },
  {
    name: 'a disk that does not take what is proven',
    cells: ['continued', 'cancelled', 'broke', 'parked'].map((event) => `receive-state: ready × ${event}`),
    rules: [
      when('receive-state verifying', [0, 0], trouble(3_000, fillDisk), 0.4),
      when('receive-state verifying', [0, 0], trouble(3_000, moveDestination), 0.4),
      when('receive-state verifying', [0, 0], trouble(3_000, failing(0.5, downloads)), 0.4),
      when('receive-state ready', [0, 300], press('cancel', 'receive'), 0.2),
      when('receive-state ready', [0, 300], press('cancel', 'send'), 0.2),
      when('receive-state ready', [0, 300], standby, 0.4),
      when('receive-state ready', [0, 600], press('retry', 'receive'), 0.5),
      when('receive-state ready', [0, 500], pair, 0.2),
      when('receive-state ready', [0, 500], disconnect, 0.2),
    ],
  },
  {
    name: 'a yes that comes when something else has happened',
    cells: ['receive-state: cancelled × accepted', 'receive-state: failed (nothing kept) × accepted'],
    rules: [
      when('receive-state asking', [0, 0], trouble(2_000, slowDisk), 0.8),
      when('receive-state asking', [0, 2], accept, 1),
      when('receive-state asking', [1, 300], press('cancel', 'send'), 0.3),
      when('receive-state asking', [1, 300], disconnect, 0.3),
      when('receive-state asking', [1, 60], pair, 0.4),
      when('receive-state listing', [0, 5], standby, 0.5),
    ],
  },
  {
    name: 'a list that is lost on its way',
    cells: ['continued', 'cancelled', 'broke', 'parked'].map(
      (event) => `receive-state: listing (offer lost) × ${event}`,
    ),
    rules: [
      when('somebody sends', [0, 300], standby),
      when('receive-state listing', [0, 0], trouble(1_500, slowDisk), 0.8),
      when('receive-state listing', [0, 5], standby, 0.8),
      when('receive-state listing', [0, 30], trouble(300, failing(0.6, downloads)), 0.4),
      when('receive-state listing (offer lost)', [0, 0], trouble(600, failing(0.9, downloads)), 0.4),
      when('receive-state listing (offer lost)', [0, 5], standby),
      when('receive-state listing (offer lost)', [0, 5], press('cancel', 'send'), 0.2),
      when('receive-state listing (offer lost)', [0, 5], press('cancel', 'receive'), 0.2),
      when('receive-state listing (offer lost)', [0, 5], pair, 0.2),
      when('receive-state listing (offer lost)', [0, 5], disconnect, 0.2),
    ],
  },
  {
    name: 'kept transfers on a new link',
    cells: [
      ...['reopen-failed', 'retried', 'control-changed', 'cancelled', 'parked'].map(
        (event) => `send-state: preparing (kept) × ${event}`,
      ),
    ],
    rules: [
      ...keptSend,
      when('call send.reopen', [0, 0], trouble(60, failing(0.8, dataFolder)), 0.2),
      when('call send.reopen', [0, 10], press('retry', 'send'), 0.3),
      when('call send.reopen', [0, 10], press('cancel', 'send'), 0.1),
      when('call send.reopen', [0, 0], trouble(400, slowDisk), 0.4),
      when('call send.reopen', [0, 3], standby, 0.4),
      when('call send.reopen', [0, 10], disconnect, 0.1),
      when('call send.reopen', [0, 10], pair, 0.1),
    ],
  },
  {
    name: 'kept transfers that the other side does not know',
    cells: ['send-state: resuming (accepted) × declined'],
    rules: [...keptSend, when('session-state open', [0, 100], trouble(300, failing(0.5, dataFolder)), 0.5)],
  },
  {
    name: 'remembered hashes that are wrong',
    cells: ['send-state: verifying × root-refused'],
    rules: [when('send-state sending', [20, 400], pair), when('session-state open', [0, 0], damageHashes, 0.8)],
  },
  {
    name: 'the power goes while blocks are written',
    cells: [],
    rules: [
      when('receive-state starting', [0, 0], trouble(4_000, slowDisk), 0.9),
      when('receive-state receiving', [0, 1_500], losePower, 0.6),
      when('receive-state receiving', [0, 300], losePower, 0.4),
    ],
  },
  {
    name: 'a no that nobody hears',
    cells: ['continued', 'broke'].map((event) => `receive-state: declined × ${event}`),
    rules: [
      when('receive-state asking', [0, 60], decline, 0.5),
      when('receive-state declined', [0, 0], trouble(300, failing(0.9, dataFolder)), 0.4),
      when('receive-state declined', [0, 1], standby),
    ],
  },
  {
    name: 'something that is over is called off',
    cells: ['receive-state: failed (nothing kept) × cancelled'],
    rules: [
      when('receive-state asking', [0, 60], disconnect, 0.3),
      when('receive-state failed (nothing kept)', [0, 20], press('cancel', 'receive')),
    ],
  },
  {
    name: 'an end while words and blocks are on their way',
    cells: ['session-state: ended × authorized'],
    rules: [
      when('session-state unauthorized', [0, 40], disconnect, 0.2),
      when('receive-state receiving', [0, 30], disconnect, 0.5),
    ],
  },
  {
    name: 'a word that comes before its turn',
    cells: ['adopted', 'message'].map((event) => `session-state: unauthorized (hello held) × ${event}`),
    rules: [
      when('session-state unauthorized (hello held)', [0, 1], probe),
      when('session-state unauthorized (hello held)', [0, 3], pair, 0.3),
      when('session-state open', [500, 3_000], pair, 0.5),
    ],
  },
];
