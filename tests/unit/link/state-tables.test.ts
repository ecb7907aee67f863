// The tables of lanes and standby connections in docs/STATES.md against the machines: every event in every state.

import { describe, it } from 'vitest';
import { type Lane, type LanesEvent, type LanesState, nextLanes } from '../../../link/lanes-state.ts';
import { nextStandby, type OwnPair, type StandbyEvent, type StandbyState } from '../../../link/standby-state.ts';
import { expectStateTable } from '../state-document.ts';

const fields = { ufrag: 'abcd', pwd: 'a'.repeat(24), fingerprint: 'ab'.repeat(32), candidates: [] };
const number = 1;
const connection = 7;

/** Where it went and what was said; a dot where nothing happens. */
function cell(before: string, after: string, deeds: readonly string[]): string {
  const parts = [...(after === before ? [] : [`\`${after}\``]), ...new Set(deeds)];
  return parts.length === 0 ? '·' : parts.join(', ');
}

function expectCells<State, Event>(
  title: string,
  states: Readonly<Record<string, State>>,
  events: Readonly<Record<string, Event>>,
  shown: (name: string, state: State, event: Event) => string,
): void {
  const rows = Object.entries(events).map(
    ([input, event]) => [input, Object.entries(states).map(([name, state]) => shown(name, state, event))] as const,
  );
  expectStateTable(title, Object.keys(states), new Map(rows));
}

describe('a further lane', () => {
  const made = { number, connection, isConnected: false, isTold: false, isHeard: false };
  const up = { ...made, isConnected: true, isTold: true, isHeard: true };
  const states: Readonly<Record<string, Lane>> = {
    making: { at: 'making', number, isCalledOff: false },
    'making (called off)': { at: 'making', number, isCalledOff: true },
    opening: { ...made, at: 'opening' },
    'opening (up here)': { ...made, at: 'opening', isConnected: true, isTold: true },
    'opening (up there)': { ...made, at: 'opening', isHeard: true },
    used: { ...up, at: 'used' },
    'used (cut)': { ...up, at: 'used', isConnected: false },
    retiring: { ...up, at: 'retiring', isEmptyHere: false, isEmptyThere: false },
    'retiring (empty here)': { ...up, at: 'retiring', isEmptyHere: true, isEmptyThere: false },
    'retiring (empty there)': { ...up, at: 'retiring', isEmptyHere: false, isEmptyThere: true },
  };
  const both: Readonly<Record<string, LanesEvent>> = {
    'its connection is there': { is: 'made', number, connection, fields: undefined },
    'it cannot be made': { is: 'not-made', number },
    'our fields for it are there': { is: 'described', connection, fields },
    'it takes no offer or answer': { is: 'not-completed', connection },
    connected: { is: 'connection', connection, at: 'connected' },
    disconnected: { is: 'connection', connection, at: 'waiting' },
    'its connection failed': { is: 'connection', connection, at: 'failed' },
    '`lane-up`': { is: 'up-there', number },
    '`lane-close`': { is: 'closed-there', number },
    'nothing of ours is on it': { is: 'empty-here', connection },
    'its channel closed': { is: 'channel-closed', connection },
    'its time is over': { is: 'deadline', number },
    'the link is up': { is: 'link-up', isFresh: false },
    'the link is up over another connection': { is: 'link-up', isFresh: true },
    'the link is down': { is: 'link-down' },
  };
  const inviter: Readonly<Record<string, LanesEvent>> = {
    'one lane is wanted': { is: 'want', count: 2 },
    'none is wanted': { is: 'want', count: 1 },
    '`lane-answer`': { is: 'answered', number, fields },
    ...both,
    '`lane-empty`': { is: 'empty-there', number },
  };
  const replier: Readonly<Record<string, LanesEvent>> = {
    '`lane-offer` with its number': { is: 'offered', number, fields },
    ...both,
    '`lane-retire`': { is: 'retired-there', number },
    '`lane-again`': { is: 'wanted-again', number },
  };

  it.each([
    ['on the inviter', inviter, true],
    ['on the replier', replier, false],
  ] as const)('%s does in every state what the document says', (where, events, leads) => {
    expectCells(`A further lane, ${where} (\`lanes-state.ts\`)`, states, events, (name, lane, event) => {
      const isUnwanted = lane.at === 'retiring' || (lane.at === 'making' && lane.isCalledOff);
      const ownWish = !leads || isUnwanted ? 1 : 2;
      const at = event.is === 'link-up' ? 'down' : 'up';
      const before: LanesState = { at, leads, ownWish, peerWish: 1, nextNumber: 2, isRefused: false, lanes: [lane] };
      const { state, effects } = nextLanes(before, event);
      const after = state.at === 'closed' ? undefined : state.lanes.find((each) => each.number === number);
      const deeds = effects.flatMap((effect) => {
        if (effect.do === 'say' || effect.do === 'say-fields') return [`says \`${effect.what}\``];
        if (effect.do === 'make') return ['makes another'];
        return effect.do === 'complete' ? ['completed'] : [];
      });
      return cell(name, after === undefined ? 'gone' : nameOf(after), deeds);
    });
  });

  function nameOf(lane: Lane): string {
    switch (lane.at) {
      case 'making':
        return lane.isCalledOff ? 'making (called off)' : 'making';
      case 'opening':
        return lane.isConnected ? 'opening (up here)' : lane.isHeard ? 'opening (up there)' : 'opening';
      case 'used':
        return lane.isConnected ? 'used' : 'used (cut)';
      case 'retiring':
        if (lane.isEmptyHere && lane.isEmptyThere) return 'retiring (empty)';
        return lane.isEmptyHere ? 'retiring (empty here)' : lane.isEmptyThere ? 'retiring (empty there)' : 'retiring';
    }
  }
});

describe('a standby connection', () => {
  const pair = 1;
  const own: Readonly<Record<string, OwnPair>> = {
    making: { at: 'making', pair },
    'ready (theirs unknown)': { at: 'ready', pair, connection, fields },
    ready: { at: 'ready', pair, connection, fields },
    promoted: { at: 'promoted', pair, connection },
    proven: { at: 'proven', pair, connection },
  };
  const announced = (...pairs: readonly number[]) => pairs.map((each) => ({ pair: each, fields }));
  const events: Readonly<Record<string, StandbyEvent>> = {
    'more are wanted': { is: 'refill' },
    'our addresses changed': { is: 'addresses-changed' },
    'theirs are announced, from 1 on': { is: 'announced', theirs: announced(1, 2, 3) },
    'theirs are announced, from 2 on': { is: 'announced', theirs: announced(2, 3, 4) },
    'its fields are there': { is: 'made', pair, connection, fields },
    'it cannot be made': { is: 'not-made', pair },
    'the other side’s checks arrive': { is: 'checks-arrived', pair },
    'the link wants one': { is: 'promote' },
    'connected, with the announced certificate': { is: 'proven', pair },
    'it does not take their fields': { is: 'not-completed', pair },
    'it became the link': { is: 'taken', connection },
    'the link is up': { is: 'link-up' },
    'the link is down': { is: 'link-down' },
    '20 s after the promotion': { is: 'promotion-over' },
    'the link ends': { is: 'close' },
  };

  it.each(['up', 'down'] as const)('does in every state what the document says while the link is %s', (at) => {
    const title = `A standby connection while the link is ${at} (\`standby-state.ts\`)`;
    expectCells(title, own, events, (name, one, event) => {
      const others: readonly OwnPair[] = [2, 3].map((each) => ({ at: 'ready', pair: each, connection: each, fields }));
      const theirs = name === 'ready' ? announced(1) : [];
      const floor = isPromoted(one) ? pair + 1 : pair;
      const before: StandbyState = { at, floor, own: [one, ...others], theirs, isAnnounced: true };
      const { state, effects } = nextStandby(before, event);
      const after = state.at === 'closed' ? undefined : state.own.find((each) => each.pair === pair);
      const knows = state.at !== 'closed' && state.theirs.some((each) => each.pair === pair);
      const deeds = effects.flatMap((effect) => {
        switch (effect.do) {
          case 'make':
            return effect.pair === pair ? ['made'] : ['another is made'];
          case 'announce':
            return ['announced'];
          case 'complete':
            return ['completed'];
          case 'report':
            return ['reported'];
          default:
            return [];
        }
      });
      return cell(name, after === undefined ? 'gone' : nameOf(after, knows), deeds);
    });
  });

  const isPromoted = ({ at }: OwnPair) => at === 'promoted' || at === 'proven';

  function nameOf({ at }: OwnPair, knows: boolean): string {
    return at === 'ready' && !knows ? 'ready (theirs unknown)' : at;
  }
});
