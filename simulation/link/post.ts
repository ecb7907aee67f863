// What one thread posts to another: in its order, at once, or some time later where the computer is busy.

import type { World } from '../world.ts';

export type Post = (task: () => void) => void;

export function openPost(world: World, isAlive: () => boolean): Post {
  let under = 0;
  let arrivesMs = 0;
  return (task) => {
    if (under === 0 && !world.isBusy) return task();
    const laterMs = world.isBusy ? world.chance.between(0, world.chance.pick([0.2, 5, 100, 2_000])) : 0;
    arrivesMs = Math.max(arrivesMs, world.nowMs + laterMs);
    under += 1;
    world.after(arrivesMs - world.nowMs, () => {
      under -= 1;
      if (isAlive()) task();
    });
  };
}
