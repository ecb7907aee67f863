// What a link that ends does to a receive that is being opened again: the host's answer comes when nobody waits for it any more.

import { downloads } from '../computer.ts';
import { slowDisk } from '../people.ts';
import type { Simulation } from '../simulation.ts';
import { type Situation, when } from './situation.ts';
import { disconnect, failing, press, trouble } from './transfer-acts.ts';

export const endingSituations: readonly Situation<Simulation>[] = [
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
