// Standby connections as a table. Made while the link is up, their fields exchanged over it, promoted when it is down and
// adding candidates again does not help. Both sides number theirs alike: pair N of ours belongs to pair N of theirs.
// Promises: one connection is made at a time, never more than the bound exist, and a promoted one that does not become the
// link is closed a while after the link is up.

import type { ConnectionId } from '../shared/model/link-channel.ts';
import { standbyConnectionsMax, standbyPairsKept } from '../shared/wire/limits.ts';
import type { WireFields } from './link-signal.ts';

export type OwnPair =
  | { readonly at: 'making'; readonly pair: number }
  | { readonly at: 'ready'; readonly pair: number; readonly connection: ConnectionId; readonly fields: WireFields }
  | { readonly at: 'promoted'; readonly pair: number; readonly connection: ConnectionId }
  /** Promoted, connected, and with the certificate that was announced: it may become the link. */
  | { readonly at: 'proven'; readonly pair: number; readonly connection: ConnectionId };

/** A pair as it is announced. */
export type AnnouncedPair = { readonly pair: number; readonly fields: WireFields };

type Open = {
  /** No pair below this is made or kept any more. */
  readonly floor: number;
  readonly own: readonly OwnPair[];
  readonly theirs: readonly AnnouncedPair[];
  /** Whether every ready pair was announced over the connection that is the link. */
  readonly isAnnounced: boolean;
};

/** `up`: the link is up. `down`: nothing is made, because nothing could be announced. */
export type StandbyState = (Open & { readonly at: 'up' | 'down' }) | { readonly at: 'closed' };

export type StandbyEvent =
  | { readonly is: 'refill' }
  /** This machine's addresses changed: what was made before is of no use to anybody. */
  | { readonly is: 'addresses-changed' }
  | { readonly is: 'announced'; readonly theirs: readonly AnnouncedPair[] }
  | { readonly is: 'made'; readonly pair: number; readonly connection: ConnectionId; readonly fields: WireFields }
  | { readonly is: 'not-made'; readonly pair: number }
  /** The other side promoted this pair: its checks reach ours. */
  | { readonly is: 'checks-arrived'; readonly pair: number }
  | { readonly is: 'promote' }
  /** It is connected, and its certificate is the announced one. */
  | { readonly is: 'proven'; readonly pair: number }
  | { readonly is: 'not-completed'; readonly pair: number }
  /** It became the link and is no standby connection any more. */
  | { readonly is: 'taken'; readonly connection: ConnectionId }
  | { readonly is: 'link-up' }
  | { readonly is: 'link-down' }
  | { readonly is: 'promotion-over' }
  | { readonly is: 'close' };

export type StandbyEffect =
  | { readonly do: 'make'; readonly pair: number }
  | { readonly do: 'announce'; readonly pairs: readonly AnnouncedPair[] }
  | {
      readonly do: 'complete';
      readonly pair: number;
      readonly connection: ConnectionId;
      readonly own: WireFields;
      readonly theirs: WireFields;
    }
  | { readonly do: 'report'; readonly pair: number; readonly connection: ConnectionId }
  | { readonly do: 'drop'; readonly connection: ConnectionId }
  /** Raises `promotion-over` after a while; a new one replaces the old one. */
  | { readonly do: 'start-timer' }
  | { readonly do: 'stop-timer' };

export type StandbyStep = { readonly state: StandbyState; readonly effects: readonly StandbyEffect[] };

export const startStandbyState: StandbyState = { at: 'up', floor: 1, own: [], theirs: [], isAnnounced: true };

export function nextStandby(state: StandbyState, event: StandbyEvent): StandbyStep {
  if (state.at === 'closed') {
    return event.is === 'made' ? go(state, { do: 'drop', connection: event.connection }) : go(state);
  }
  switch (event.is) {
    case 'refill':
      return fill(state);
    case 'addresses-changed':
      return fill({ ...state, floor: Math.max(state.floor, ...waiting(state).map(({ pair }) => pair + 1)) });
    case 'announced':
      return follow({ ...state, theirs: event.theirs });
    case 'made':
      return addMade(state, event);
    case 'not-made':
      // Not tried again before somebody asks for it: the browser refuses the next one as well.
      return announce({ ...state, own: state.own.filter(({ at, pair }) => at !== 'making' || pair !== event.pair) });
    case 'checks-arrived':
      return promote(state, event.pair);
    case 'promote': {
      const pair = promotable(state)[0];
      return pair === undefined ? go(state) : promote(state, pair);
    }
    case 'proven': {
      const pair = find(state, event.pair);
      if (pair?.at !== 'promoted') return go(state);
      const own: readonly OwnPair[] = [...without(state.own, pair.pair), { ...pair, at: 'proven' }];
      return go({ ...state, own }, { do: 'report', pair: pair.pair, connection: pair.connection });
    }
    case 'not-completed':
      return dropPairs(state, ({ at, pair }) => at === 'promoted' && pair === event.pair);
    case 'taken':
      return go({
        ...state,
        own: state.own.filter((each) => connectionOf(each) !== event.connection),
        // It may have been said over the connection that was the link, and never heard.
        isAnnounced: false,
      });
    case 'link-up': {
      const up: StandbyState & Open = { ...state, at: 'up' };
      return up.own.some(isPromoted) ? go(up, { do: 'start-timer' }) : go(up, { do: 'stop-timer' });
    }
    case 'link-down':
      return go({ ...state, at: 'down' }, { do: 'stop-timer' });
    case 'promotion-over': {
      if (state.at === 'down') return go(state);
      const dropped = dropPairs(state, isPromoted);
      return after(dropped, fill);
    }
    case 'close': {
      const { effects } = dropPairs(state, () => true);
      return { state: { at: 'closed' }, effects: [{ do: 'stop-timer' }, ...effects] };
    }
  }
}

/** Pairs that both sides hold ready, lowest first. */
export function promotable(state: StandbyState): readonly number[] {
  if (state.at === 'closed') return [];
  const theirs = new Set(state.theirs.map(({ pair }) => pair));
  return state.own.flatMap(({ at, pair }) => (at === 'ready' && theirs.has(pair) ? [pair] : [])).sort((a, b) => a - b);
}

type OpenState = Exclude<StandbyState, { at: 'closed' }>;

/**
 * If the other's lowest number is higher than ours, ours below it are of no use. It may be higher by any number: a computer whose
 * addresses change again and again throws pairs away before they are announced.
 */
function follow(state: OpenState): StandbyStep {
  const lowest = Math.min(...state.theirs.map(({ pair }) => pair));
  if (state.theirs.length === 0 || lowest <= state.floor) return go(state);
  return fill({ ...state, floor: lowest });
}

/** One step towards a full set: drops what is too old, makes the next one, or announces that all are there. */
function fill(state: OpenState): StandbyStep {
  const { state: kept, effects } = dropPairs(state, ({ at, pair }) => at === 'ready' && pair < state.floor);
  if (kept.at !== 'up' || kept.own.some(({ at }) => at === 'making')) return { state: kept, effects };
  const numbers = Array.from({ length: standbyPairsKept }, (_, at) => kept.floor + at);
  const pair = numbers.find((each) => find(kept, each) === undefined);
  if (pair === undefined || kept.own.length >= standbyConnectionsMax) return after({ state: kept, effects }, announce);
  return {
    state: { ...kept, own: [...kept.own, { at: 'making', pair }] },
    effects: [...effects, { do: 'make', pair }],
  };
}

function addMade(state: OpenState, { pair, connection, fields }: Extract<StandbyEvent, { is: 'made' }>): StandbyStep {
  if (find(state, pair)?.at !== 'making') return go(state, { do: 'drop', connection });
  const own = without(state.own, pair);
  if (pair < state.floor) return after(go({ ...state, own }, { do: 'drop', connection }), fill);
  const ready = { at: 'ready', pair, connection, fields } as const;
  return fill({ ...state, own: [...own, ready], isAnnounced: false });
}

function announce(state: OpenState): StandbyStep {
  if (state.isAnnounced || state.at === 'down') return go(state);
  const pairs = state.own.flatMap((each) => (each.at === 'ready' ? [{ pair: each.pair, fields: each.fields }] : []));
  return go({ ...state, isAnnounced: true }, { do: 'announce', pairs: pairs.slice(-standbyPairsKept) });
}

function promote(state: OpenState, pair: number): StandbyStep {
  const own = find(state, pair);
  const theirs = state.theirs.find((each) => each.pair === pair);
  if (own?.at !== 'ready' || theirs === undefined) return go(state);
  const { connection, fields } = own;
  const promoted: OpenState = {
    ...state,
    own: [...without(state.own, pair), { at: 'promoted', pair, connection }],
    theirs: state.theirs.filter((each) => each !== theirs),
    floor: Math.max(state.floor, pair + 1),
  };
  const complete: StandbyEffect = { do: 'complete', pair, connection, own: fields, theirs: theirs.fields };
  return state.at === 'up' ? go(promoted, complete, { do: 'start-timer' }) : go(promoted, complete);
}

function dropPairs(
  state: OpenState,
  isDropped: (pair: OwnPair) => boolean,
): { state: OpenState; effects: StandbyEffect[] } {
  const dropped = state.own.filter((each) => each.at !== 'making' && isDropped(each));
  const effects = dropped.flatMap((each): StandbyEffect[] => {
    const connection = connectionOf(each);
    return connection === undefined ? [] : [{ do: 'drop', connection }];
  });
  return { state: { ...state, own: state.own.filter((each) => !dropped.includes(each)) }, effects };
}

function waiting(state: OpenState): readonly OwnPair[] {
  return state.own.filter((each) => !isPromoted(each));
}

/** Those that `retryCandidates` is for. */
export function promotedConnections(state: StandbyState): readonly ConnectionId[] {
  if (state.at === 'closed') return [];
  return state.own.filter(isPromoted).flatMap((each) => connectionOf(each) ?? []);
}

function isPromoted({ at }: OwnPair): boolean {
  return at === 'promoted' || at === 'proven';
}

function find(state: OpenState, pair: number): OwnPair | undefined {
  return state.own.find((each) => each.pair === pair);
}

function without(own: readonly OwnPair[], pair: number): readonly OwnPair[] {
  return own.filter((each) => each.pair !== pair);
}

function connectionOf(own: OwnPair): ConnectionId | undefined {
  return own.at === 'making' ? undefined : own.connection;
}

function after(step: StandbyStep, more: (state: OpenState) => StandbyStep): StandbyStep {
  if (step.state.at === 'closed') return step;
  const next = more(step.state);
  return { state: next.state, effects: [...step.effects, ...next.effects] };
}

function go(state: StandbyState, ...effects: readonly StandbyEffect[]): StandbyStep {
  return { state, effects };
}
