// What a link that ends does to a transfer that is being opened: the host's answer comes when nobody waits for it any more.

import { dataFolder, documents, downloads } from '../computer.ts';
import { slowDisk } from '../people.ts';
import type { Simulation } from '../simulation.ts';
import { type Situation, when } from './situation.ts';
import { disconnect, failing, pair, press, trouble } from './transfer-acts.ts';

export const endingSituations: readonly Situation<Simulation>[] = [
  {
    name: 'a link that ends while a failed send is opened again',
    cells: ['send-state: failed × reopen-failed'],
    rules: [
      when('send-state sending', [0, 60], trouble(300, failing(0.7, downloads)), 0.8),
      when('send-state failed', [0, 300], press('retry', 'send'), 0.9),
      when('send-state reopening', [0, 0], trouble(400, slowDisk), 0.9),
      when('send-state reopening', [0, 0], trouble(900, failing(0.9, dataFolder)), 0.9),
      when('send-state reopening', [0, 60], disconnect, 0.8),
    ],
  },
  {
    name: 'a link that ends while a send is opened',
    cells: ['send-state: failed × broke'],
    rules: [
      when('somebody sends', [0, 0], trouble(600, slowDisk), 0.9),
      when('somebody sends', [0, 5], trouble(600, failing(0.7, dataFolder)), 0.6),
      when('somebody sends', [0, 5], trouble(600, failing(0.7, documents)), 0.6),
      when('call send.open', [0, 60], disconnect, 0.6),
      when('call send.open', [0, 60], pair, 0.2),
    ],
  },
  {
    name: 'a link that ends while a receive is opened again',
    cells: ['receive-state: failed × broke'],
    rules: [
      when('receive-state receiving', [0, 60], trouble(300, failing(0.7, downloads)), 0.9),
      when('receive-state failed', [0, 0], trouble(2_000, slowDisk), 0.9),
      when('receive-state failed', [300, 500], press('retry', 'receive'), 0.9),
      when('receive-state failed', [300, 510], trouble(900, failing(0.9, downloads)), 0.7),
      when('call receive.reopen', [0, 60], disconnect, 0.6),
    ],
  },
];
