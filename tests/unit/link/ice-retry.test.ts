// The candidates of a reply that waits, added again in virtual time.

import { describe, expect, it } from 'vitest';
import { startIceRetry } from '../../../link/ice-retry.ts';
import { healingTickMs, publicRetryMaxMs } from '../../../shared/wire/limits.ts';
import { FakeNetwork } from './fake-network.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Firefox gives a connection up when nobody answered for this long. */
const firefoxGivesUpMs = 11_500;

function waiting() {
  const clock = new VirtualClock();
  const connection = new FakeNetwork().open();
  const atMs: number[] = [];
  connection.retryCandidates = async (generation, scope) => {
    atMs.push(clock.now());
    connection.retries.push({ generation, scope });
  };
  const retry = startIceRetry(connection, clock);
  retry.wait();
  return { clock, connection, atMs, retry };
}

describe('a reply that waits', () => {
  it('adds its candidates again well before Firefox gives the connection up, for as long as it takes', () => {
    const { clock, connection, atMs } = waiting();
    clock.advance(30 * 60_000);
    const gaps = [0, ...atMs].map((at, index, all) => (index === 0 ? 0 : at - all[index - 1]!));
    expect(Math.max(...gaps, clock.now() - atMs.at(-1)!)).toBeLessThan(firefoxGivesUpMs - 3_000);
    expect(connection.retries.map(({ generation }) => generation)).toEqual(atMs.map((_, at) => at + 1));
  });

  it('asks only near addresses once nobody answered for long, and all again after a nudge', () => {
    const { clock, connection, retry } = waiting();
    clock.advance(publicRetryMaxMs);
    expect(new Set(connection.retries.map(({ scope }) => scope))).toEqual(new Set(['all']));
    clock.advance(60_000);
    expect(connection.retries.at(-1)?.scope).toBe('near');
    retry.nudge();
    expect(connection.retries.at(-1)?.scope).toBe('all');
  });

  it('stops when it is closed', () => {
    const { clock, connection, retry } = waiting();
    retry.close();
    clock.advance(60_000 + healingTickMs);
    expect(connection.retries).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
