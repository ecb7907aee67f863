// What must be true after a ride: nothing hangs, nothing failed that could have gone on, nothing is there twice, or different.

import type { MemoryFile } from './memory-files.ts';
import type { Computer } from './simulated-computer.ts';

export type Ridden = {
  readonly log: readonly string[];
  readonly sides: readonly [Computer, Computer];
  readonly sent: ReadonlyMap<string, readonly MemoryFile[]>;
};

const over: ReadonlySet<string> = new Set(['done', 'declined', 'cancelled', 'failed']);

export function isOver(state: string): boolean {
  return over.has(state);
}

/** Everything that should not be. */
export function* judge({ log, sides, sent }: Ridden): Generator<string> {
  yield* log.filter((line) => line.includes('VIOLATION'));
  for (const [at, side] of sides.entries()) {
    const other = sides[1 - at]!;
    yield* side.disk.publishedTwice.map((id) => `${side.name} published ${id.slice(0, 4)} twice`);
    for (const [id, { state, direction, fault, resumable }] of side.views) {
      const row = `${side.name} ${direction} ${id.slice(0, 4)}`;
      if (!isOver(state)) yield `${row} hangs: ${state}`;
      // An offer that nobody answered goes with the link; what was begun is kept on both sides, and comes back.
      const isKept =
        (direction === 'send' ? side : other).disk.sends.has(id) &&
        (direction === 'send' ? other : side).disk.receives.has(id);
      if (state === 'failed' && (isKept || fault?.code !== 'peer-left'))
        yield `${row} failed: ${fault?.code} ${resumable ? 'resumable' : ''}`;
      const isThere = other.disk.published.has(id);
      if (state === 'done' && direction === 'send' && !isThere) yield `${row} is done and not there`;
      if (state === 'cancelled' && direction === 'receive' && side.disk.published.has(id))
        yield `${row} was cancelled and is there`;
    }
    for (const [id, files] of side.disk.published) {
      for (const { path, bytes } of sent.get(id)!) {
        const came = files.get(path.join('/'));
        if (came !== undefined && (bytes === 'missing' || Buffer.compare(came, bytes) !== 0))
          yield `${side.name} ${id.slice(0, 4)} ${path.join('/')} differs`;
      }
      if (other.disk.sends.has(id)) yield `${other.name} still keeps ${id.slice(0, 4)}, which arrived`;
    }
  }
}
