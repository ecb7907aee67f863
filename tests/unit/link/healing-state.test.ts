// When candidates are added again and standby connections are promoted.

import { describe, expect, it } from 'vitest';
import { type HealingEvent, nextHealing, startHealing } from '../../../link/healing-state.ts';

function run(events: readonly HealingEvent[]) {
  let state = startHealing;
  const log: string[] = [];
  for (const event of events) {
    const step = nextHealing(state, event);
    state = step.state;
    const at = 'nowMs' in event ? event.nowMs / 1000 : '-';
    log.push(
      ...step.effects.map(
        (effect) =>
          `${at} ${effect.do === 'retry-candidates' ? 'retry' : 'promote'}${effect.do === 'retry-candidates' ? ` ${effect.generation}` : ''}`,
      ),
    );
  }
  return { state, log };
}

const ticks = (from: number, to: number): HealingEvent[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ is: 'tick', nowMs: (from + at) * 1000 }));

describe('healing', () => {
  it('adds candidates again before Firefox gives the connection up', () => {
    const firefoxGivesUpMs = 11_500;
    for (const first of ['wait', 'down'] as const) {
      const { log } = run([{ is: first, nowMs: 0 }, ...ticks(1, 120)]);
      const atMs = [
        0,
        ...log.filter((line) => line.includes('retry')).map((line) => 1000 * Number(line.split(' ')[0])),
      ];
      const gaps = atMs.slice(1).map((at, index) => at - atMs[index]!);
      expect(Math.max(...gaps)).toBeLessThan(firefoxGivesUpMs - 3_000);
    }
  });

  it('asks public addresses for 45 minutes, longer than a reply takes that is carried late, and then only near ones', () => {
    const scopes = (events: readonly HealingEvent[]) => {
      let state = startHealing;
      return events.flatMap((event) => {
        const step = nextHealing(state, event);
        state = step.state;
        return step.effects.flatMap((effect) => (effect.do === 'retry-candidates' ? [effect.scope] : []));
      });
    };
    const waiting: HealingEvent = { is: 'wait', nowMs: 0 };
    expect(new Set(scopes([waiting, ...ticks(1, 45 * 60)]))).toEqual(new Set(['all']));
    expect(new Set(scopes([waiting, ...ticks(45 * 60 + 1, 50 * 60)]))).toEqual(new Set(['near']));
    const woke: HealingEvent = { is: 'nudge', nowMs: 50 * 60_000 };
    expect(new Set(scopes([waiting, woke, ...ticks(50 * 60 + 1, 60 * 60)]))).toEqual(new Set(['all']));
    expect(new Set(scopes([{ is: 'down', nowMs: 0 }, ...ticks(45 * 60 + 1, 50 * 60)]))).toEqual(new Set(['all']));
  });

  it('adds the candidates of a waiting reply every seven seconds, with a generation that only rises, and promotes nothing', () => {
    const { log } = run([{ is: 'wait', nowMs: 0 }, ...ticks(1, 120)]);
    expect(log).toEqual(Array.from({ length: 17 }, (_, at) => `${(at + 1) * 7} retry ${at + 1}`));
  });

  it('adds candidates at once when the link goes down, then promotes standby connections at 16, 40 and 90 seconds', () => {
    const { log } = run([{ is: 'down', nowMs: 0 }, ...ticks(1, 300)]);
    expect(log[0]).toBe('0 retry 1');
    expect(log.filter((line) => line.endsWith('promote'))).toEqual(['16 promote', '40 promote', '90 promote']);
    expect(log.filter((line) => line.includes('retry'))).toHaveLength(43);
  });

  it('never uses a generation twice, across ups and downs', () => {
    const cut = (at: number): HealingEvent[] => [
      { is: 'down', nowMs: at * 1000 },
      ...ticks(at + 1, at + 30),
      { is: 'up' },
    ];
    const { log } = run([...cut(0), ...cut(100), ...cut(200)]);
    const generations = log.filter((line) => line.includes('retry')).map((line) => Number(line.split(' ')[2]));
    expect(generations).toEqual(generations.toSorted((a, b) => a - b));
    expect(new Set(generations).size).toBe(generations.length);
  });

  it('adds candidates and promotes at once when nudged while down, and keeps its schedule', () => {
    const { log } = run([{ is: 'down', nowMs: 0 }, { is: 'nudge', nowMs: 3000 }, ...ticks(4, 17)]);
    expect(log).toEqual(['0 retry 1', '3 retry 2', '3 promote', '10 retry 3', '16 promote', '17 retry 4']);
  });

  it('only adds candidates when nudged while waiting, and rests when nudged while up', () => {
    expect(
      run([
        { is: 'wait', nowMs: 0 },
        { is: 'nudge', nowMs: 2000 },
      ]).log,
    ).toEqual(['2 retry 1']);
    expect(run([{ is: 'nudge', nowMs: 0 }, ...ticks(1, 50)]).log).toEqual([]);
  });

  it('starts a fresh schedule with every new outage', () => {
    const { log } = run([
      { is: 'down', nowMs: 0 },
      ...ticks(1, 20),
      { is: 'up' },
      { is: 'down', nowMs: 60_000 },
      ...ticks(61, 80),
    ]);
    expect(log.filter((line) => line.endsWith('promote'))).toEqual(['16 promote', '76 promote']);
  });
});
