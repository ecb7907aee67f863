// Is anybody there: by a clock that a test turns.

import { describe, expect, it } from 'vitest';
import { startHeartbeat } from '../../../engine/session/heartbeat.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { heartbeatEveryMs, heartbeatSuspectMs } from '../../../shared/wire/limits.ts';

function handClock(): Clock & { turn(ms: number): void } {
  let now = 0;
  let due: { at: number; task: () => void }[] = [];
  return {
    now: () => now,
    wallClockMs: () => now,
    after(ms, task) {
      const one = { at: now + ms, task };
      due.push(one);
      return () => {
        due = due.filter((each) => each !== one);
      };
    },
    turn(ms) {
      for (const end = now + ms; ; ) {
        const next = due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        now = next?.at ?? end;
        if (next === undefined) return;
        due = due.filter((each) => each !== next);
        next.task();
      }
    },
  };
}

function beat() {
  const clock = handClock();
  const pings: number[] = [];
  const channel = { isDrained: true };
  const told: (readonly [string, number?])[] = [];
  const heart = startHeartbeat(
    clock,
    { ping: (n) => pings.push(n), isDrained: () => channel.isDrained },
    (at, roundTripMs) => told.push(roundTripMs === undefined ? [at] : [at, roundTripMs]),
  );
  return { clock, pings, told, heart, channel };
}

describe('the heartbeat', () => {
  it('C9 calls a silent peer suspect, once, and goes on asking', () => {
    const { clock, pings, told } = beat();
    clock.turn(heartbeatSuspectMs * 5);
    expect(told).toEqual([['suspect']]);
    expect(pings.length).toBeGreaterThanOrEqual(Math.floor((heartbeatSuspectMs * 5) / heartbeatEveryMs));
  });

  it('C9 takes any word for a sign of life', () => {
    const { clock, told, heart } = beat();
    for (let time = 0; time < 20; time += 1) {
      clock.turn(heartbeatSuspectMs / 2);
      heart.heard();
    }
    expect(told).toEqual([]);
  });

  it('C9 learns nothing from an answer to a question that it did not ask', () => {
    const { clock, pings, told, heart } = beat();
    clock.turn(heartbeatEveryMs);
    heart.pong(pings.at(-1)! + 7);
    expect(told).toEqual([]);
    clock.turn(heartbeatEveryMs);
    clock.turn(40);
    heart.pong(pings.at(-1)!);
    expect(told).toEqual([['alive', 40]]);
    heart.pong(pings.at(-1)!);
    expect(told).toHaveLength(1);
  });

  it('C9 asks once and no more while that waits unsent, and does not measure by how long it waited', () => {
    const { clock, pings, told, heart, channel } = beat();
    channel.isDrained = false;
    clock.turn(heartbeatEveryMs * 1_000);
    expect(pings).toEqual([0]);
    channel.isDrained = true;
    heart.heard();
    heart.pong(0);
    expect(told).toEqual([['suspect'], ['alive']]);
    clock.turn(heartbeatEveryMs + 40);
    heart.pong(pings.at(-1)!);
    expect(told.at(-1)).toEqual(['alive', 40]);
  });

  it('says so when the peer is back, and is silent once it is stopped', () => {
    const { clock, pings, told, heart } = beat();
    clock.turn(heartbeatSuspectMs * 2);
    heart.heard();
    expect(told).toEqual([['suspect'], ['alive']]);
    heart.stop();
    const before = pings.length;
    clock.turn(heartbeatSuspectMs * 2);
    expect([pings.length, told.length]).toEqual([before, 2]);
  });
});
