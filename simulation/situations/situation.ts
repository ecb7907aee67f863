// A situation is a cell of a table, or several, that chance alone seldom reaches: a short run with the real code, in which people and
// networks do something just when a machine enters a state. What follows is the program's own doing.

import { watchMachines } from '../reach/watch.ts';
import type { World } from '../world.ts';

export type Rule<Play> = {
  /** A row that a machine stands in from then on, `send-state reopening`; or a moment that the simulation tells of. */
  readonly on: string;
  /** After a time between these. */
  readonly afterMs: readonly [least: number, most: number];
  /** So often out of one. */
  readonly share: number;
  readonly act: (play: Play) => void;
};

export type Situation<Play> = {
  readonly name: string;
  /** What it is for, as `machine: state × event`. */
  readonly cells: readonly string[];
  readonly isBusy?: true;
  /** Nothing in it takes from a receiver what it holds. */
  readonly isHeldForGood?: true;
  /** Both begin with a folder of files of these sizes, and not with whatever comes to their minds. */
  readonly sizes?: readonly number[];
  /** What people do between, where it is not the usual. */
  readonly acts?: readonly (readonly [weight: number, name: string, act: (play: Play) => void])[];
  readonly rules: readonly Rule<Play>[];
};

/** Then a run goes on by itself: rules may set each other off. */
const actsMost = 400;

export function when<Play>(
  on: string,
  afterMs: Rule<Play>['afterMs'],
  act: (play: Play) => void,
  share = 0.6,
): Rule<Play> {
  return { on, afterMs, share, act };
}

/** Answers how to stop. */
export function follow<Play>(
  world: World,
  play: Play,
  rules: readonly Rule<Play>[],
  isOver: () => boolean,
): () => void {
  let left = actsMost;
  const onMoment = (what: string) => {
    for (const { on, afterMs, share, act } of rules) {
      if (on !== what || isOver() || left <= 0 || !world.chance.hits(share)) continue;
      left -= 1;
      world.after(world.chance.between(...afterMs), () => {
        if (isOver() || world.wrong.length > 0) return;
        world.count(`at ${on}`);
        act(play);
      });
    }
  };
  world.moments.add(onMoment);
  const stop = watchMachines(({ machine, entered }) => {
    for (const row of entered) world.moment(`${machine.name} ${row}`);
  });
  return () => {
    stop();
    world.moments.delete(onMoment);
  };
}
