// Whatever a peer says, in whatever order connections come to be: lanes and standby connections stay within their bounds,
// every connection is dropped exactly once, and after the end none is left.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LanesEvent, type LanesState, nextLanes, startLanesState } from '../../../link/lanes-state.ts';
import { nextStandby, type StandbyEvent, type StandbyState, startStandbyState } from '../../../link/standby-state.ts';
import { lanesMax, standbyConnectionsMax } from '../../../shared/wire/limits.ts';

const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'ab'.repeat(32), candidates: [] };

/** Connections under way and open, as a browser would count them. */
class Connections {
  readonly making: number[] = [];
  readonly open = new Set<number>();
  most = 0;
  #next = 1;

  make(number: number): void {
    this.making.push(number);
    this.#count();
  }

  /** The oldest that is being made is there now. */
  made(): { readonly number: number; readonly connection: number } | undefined {
    const number = this.making.shift();
    if (number === undefined) return undefined;
    const connection = this.#next++;
    this.open.add(connection);
    return { number, connection };
  }

  drop(connection: number): void {
    expect(this.open.delete(connection)).toBe(true);
  }

  #count(): void {
    this.most = Math.max(this.most, this.making.length + this.open.size);
  }
}

const number = fc.integer({ min: 1, max: 12 });

function lanesEvents(): fc.Arbitrary<LanesEvent | 'made'> {
  const ofLane = fc.constantFrom(
    ...(['up-there', 'retired-there', 'wanted-again', 'empty-there', 'closed-there', 'deadline', 'not-made'] as const),
  );
  const ofConnection = fc.constantFrom(...(['empty-here', 'channel-closed', 'not-completed'] as const));
  const at = fc.constantFrom('connected' as const, 'waiting' as const, 'failed' as const);
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant('made' as const) },
    { weight: 8, arbitrary: number.map((each): LanesEvent => ({ is: 'offered', number: each, fields })) },
    fc.integer({ min: 1, max: lanesMax }).map((count): LanesEvent => ({ is: 'want', count })),
    fc.integer({ min: 1, max: lanesMax }).map((count): LanesEvent => ({ is: 'peer-wants', count })),
    fc.tuple(ofLane, number).map(([is, each]): LanesEvent => ({ is, number: each })),
    fc.tuple(ofConnection, number).map(([is, connection]): LanesEvent => ({ is, connection })),
    fc.tuple(number, at).map(([connection, each]): LanesEvent => ({ is: 'connection', connection, at: each })),
    fc.boolean().map((isFresh): LanesEvent => ({ is: 'link-up', isFresh })),
    fc.constant<LanesEvent>({ is: 'link-down' }),
  );
}

function standbyEvents(): fc.Arbitrary<StandbyEvent | 'made'> {
  const pair = fc.integer({ min: 1, max: 20 });
  const plain = fc.constantFrom(
    ...(['refill', 'addresses-changed', 'promote', 'link-up', 'link-down', 'promotion-over'] as const),
  );
  const ofPair = fc.constantFrom(...(['checks-arrived', 'proven', 'not-completed'] as const));
  return fc.oneof(
    fc.constant('made' as const),
    fc.constant('made' as const),
    plain.map((is): StandbyEvent => ({ is })),
    fc.tuple(ofPair, pair).map(([is, each]): StandbyEvent => ({ is, pair: each })),
    pair.map(
      (from): StandbyEvent => ({ is: 'announced', theirs: [0, 1, 2].map((at) => ({ pair: from + at, fields })) }),
    ),
  );
}

function runLanes(leads: boolean, events: readonly (LanesEvent | 'made')[]): Connections {
  const connections = new Connections();
  let state: LanesState = startLanesState(leads);
  const handle = (event: LanesEvent) => {
    // The browser answers `not-made` only for what is being made.
    if (event.is === 'not-made') {
      const at = connections.making.indexOf(event.number);
      if (at < 0) return;
      connections.making.splice(at, 1);
    }
    const step = nextLanes(state, event);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.do === 'make') connections.make(effect.number);
      if (effect.do === 'drop') connections.drop(effect.connection);
    }
  };
  const finish = () => {
    const made = connections.made();
    if (made !== undefined) handle({ is: 'made', ...made, fields: undefined });
  };
  for (const event of events) event === 'made' ? finish() : handle(event);
  handle({ is: 'close' });
  while (connections.making.length > 0) finish();
  return connections;
}

function runStandby(events: readonly (StandbyEvent | 'made')[]): Connections {
  const connections = new Connections();
  let state: StandbyState = startStandbyState;
  const handle = (event: StandbyEvent) => {
    const step = nextStandby(state, event);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.do === 'make') connections.make(effect.pair);
      if (effect.do === 'drop') connections.drop(effect.connection);
    }
  };
  const finish = () => {
    const made = connections.made();
    if (made !== undefined) handle({ is: 'made', pair: made.number, connection: made.connection, fields });
  };
  for (const event of events) event === 'made' ? finish() : handle(event);
  handle({ is: 'close' });
  while (connections.making.length > 0) finish();
  return connections;
}

describe('whatever a peer does', () => {
  it.each([true, false])('there are never more lanes than the limit, and none is left (leads: %s)', (leads) => {
    fc.assert(
      fc.property(fc.array(lanesEvents(), { minLength: 40, maxLength: 80 }), (events) => {
        const connections = runLanes(leads, events);
        expect(connections.most).toBeLessThanOrEqual(lanesMax - 1);
        expect(connections.open.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('there are never more standby connections than the bound, and none is left', () => {
    fc.assert(
      fc.property(fc.array(standbyEvents(), { minLength: 40, maxLength: 80 }), (events) => {
        const connections = runStandby(events);
        expect(connections.most).toBeLessThanOrEqual(standbyConnectionsMax);
        expect(connections.open.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
