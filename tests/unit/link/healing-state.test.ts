// When candidates are fed again and spares are spent.

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
      ...step.effects.map((effect) => `${at} ${effect.do}${effect.do === 'feed' ? ` ${effect.generation}` : ''}`),
    );
  }
  return { state, log };
}

const ticks = (from: number, to: number): HealingEvent[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ is: 'tick', nowMs: (from + at) * 1000 }));

describe('healing', () => {
  it('feeds a waiting reply every ten seconds, with a generation that only rises, and spends nothing', () => {
    const { log } = run([{ is: 'wait', nowMs: 0 }, ...ticks(1, 120)]);
    expect(log).toEqual(Array.from({ length: 12 }, (_, at) => `${(at + 1) * 10} feed ${at + 1}`));
  });

  it('feeds at once when the link goes down, then spends spares at 16, 40 and 90 seconds', () => {
    const { log } = run([{ is: 'down', nowMs: 0 }, ...ticks(1, 300)]);
    expect(log[0]).toBe('0 feed 1');
    expect(log.filter((line) => line.endsWith('spend-spare'))).toEqual([
      '16 spend-spare',
      '40 spend-spare',
      '90 spend-spare',
    ]);
    expect(log.filter((line) => line.includes('feed'))).toHaveLength(31);
  });

  it('never uses a generation twice, across ups and downs', () => {
    const cut = (at: number): HealingEvent[] => [
      { is: 'down', nowMs: at * 1000 },
      ...ticks(at + 1, at + 30),
      { is: 'up' },
    ];
    const { log } = run([...cut(0), ...cut(100), ...cut(200)]);
    const generations = log.filter((line) => line.includes('feed')).map((line) => Number(line.split(' ')[2]));
    expect(generations).toEqual(generations.toSorted((a, b) => a - b));
    expect(new Set(generations).size).toBe(generations.length);
  });

  it('feeds and spends at once when nudged while down, and keeps its schedule', () => {
    const { log } = run([{ is: 'down', nowMs: 0 }, { is: 'nudge', nowMs: 3000 }, ...ticks(4, 17)]);
    expect(log).toEqual(['0 feed 1', '3 feed 2', '3 spend-spare', '13 feed 3', '16 spend-spare']);
  });

  it('only feeds when nudged while waiting, and rests when nudged while up', () => {
    expect(
      run([
        { is: 'wait', nowMs: 0 },
        { is: 'nudge', nowMs: 2000 },
      ]).log,
    ).toEqual(['2 feed 1']);
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
    expect(log.filter((line) => line.endsWith('spend-spare'))).toEqual(['16 spend-spare', '76 spend-spare']);
  });
});
