// Further connections that carry only bulk, as a table; negotiated over the link without any code. The inviter leads: it
// opens and closes lanes towards the larger of both sides' wishes, so two wishes never cross. Promises: a lane's place is
// taken before its connection is made, so there are never more than the limit; the engine uses a lane only while both sides
// have it up; one that is not wanted any more is closed once nothing is on its way over it in either direction.

import type { ConnectionId } from '../shared/model/link-channel.ts';
import { laneDrainDeadlineMs, laneOpenDeadlineMs, lanesMax } from '../shared/wire/limits.ts';
import type { WireFields } from './link-signal.ts';

type Made = {
  readonly number: number;
  readonly connection: ConnectionId;
  readonly isConnected: boolean;
  /** We said that it is up here: the other side may be using it. */
  readonly isTold: boolean;
  /** They said that it is up there. */
  readonly isHeard: boolean;
};

export type Lane =
  /** One that is called off keeps its place until its connection is there and dropped. */
  | { readonly at: 'making'; readonly number: number; readonly isCalledOff: boolean }
  | (Made & { readonly at: 'opening' })
  | (Made & { readonly at: 'used' })
  | (Made & { readonly at: 'retiring'; readonly isEmptyHere: boolean; readonly isEmptyThere: boolean });

type Open = {
  readonly leads: boolean;
  readonly ownWish: number;
  readonly peerWish: number;
  readonly nextNumber: number;
  /** The other side closed a lane before it was used: no other is offered until a wish changes or the link comes back. */
  readonly isRefused: boolean;
  readonly lanes: readonly Lane[];
};

/** `up`, `down`: the link. */
export type LanesState = (Open & { readonly at: 'up' | 'down' }) | { readonly at: 'closed' };

export type LanesEvent =
  | { readonly is: 'want'; readonly count: number }
  | { readonly is: 'peer-wants'; readonly count: number }
  | { readonly is: 'offered'; readonly number: number; readonly fields: WireFields }
  | { readonly is: 'answered'; readonly number: number; readonly fields: WireFields }
  /** `fields` answers an offer: the same ones that `make` brought. */
  | {
      readonly is: 'made';
      readonly number: number;
      readonly connection: ConnectionId;
      readonly fields: WireFields | undefined;
    }
  | { readonly is: 'not-made'; readonly number: number }
  /** Our fields for it are there. */
  | { readonly is: 'described'; readonly connection: ConnectionId; readonly fields: WireFields }
  /** It took no offer or answer. */
  | { readonly is: 'not-completed'; readonly connection: ConnectionId }
  | { readonly is: 'connection'; readonly connection: ConnectionId; readonly at: 'connected' | 'waiting' | 'failed' }
  | { readonly is: 'up-there'; readonly number: number }
  | { readonly is: 'retired-there'; readonly number: number }
  | { readonly is: 'wanted-again'; readonly number: number }
  | { readonly is: 'empty-here'; readonly connection: ConnectionId }
  | { readonly is: 'empty-there'; readonly number: number }
  | { readonly is: 'closed-there'; readonly number: number }
  | { readonly is: 'channel-closed'; readonly connection: ConnectionId }
  | { readonly is: 'deadline'; readonly number: number }
  /** `isFresh`: another connection is the link now, addresses may have changed. */
  | { readonly is: 'link-up'; readonly isFresh: boolean }
  | { readonly is: 'link-down' }
  | { readonly is: 'close' };

type Say = 'lane-up' | 'lane-retire' | 'lane-again' | 'lane-empty' | 'lane-close';

export type LanesEffect =
  | { readonly do: 'make'; readonly number: number; readonly fields: WireFields | undefined }
  /** Makes our fields: an offer, or the answer to `fields`. */
  | { readonly do: 'describe'; readonly connection: ConnectionId; readonly fields: WireFields | undefined }
  | { readonly do: 'complete'; readonly connection: ConnectionId; readonly fields: WireFields }
  | { readonly do: 'say'; readonly what: Say; readonly number: number }
  | {
      readonly do: 'say-fields';
      readonly what: 'lane-offer' | 'lane-answer';
      readonly number: number;
      readonly fields: WireFields;
    }
  | { readonly do: 'say-wish'; readonly count: number }
  | { readonly do: 'use'; readonly connection: ConnectionId }
  | { readonly do: 'retire'; readonly connection: ConnectionId }
  | { readonly do: 'drop'; readonly connection: ConnectionId }
  /** Raises `deadline`; a new one for the same lane replaces the old one. */
  | { readonly do: 'start-timer'; readonly number: number; readonly ms: number }
  | { readonly do: 'stop-timer'; readonly number: number };

export type LanesStep = { readonly state: LanesState; readonly effects: readonly LanesEffect[] };

export function startLanesState(leads: boolean): LanesState {
  return { at: 'down', leads, ownWish: 1, peerWish: 1, nextNumber: 1, isRefused: false, lanes: [] };
}

/** The link's own connection is lane one. */
export function lanesInUse(state: LanesState): number {
  return state.at === 'closed' ? 1 : 1 + state.lanes.filter(({ at }) => at === 'used').length;
}

export function nextLanes(state: LanesState, event: LanesEvent): LanesStep {
  if (state.at === 'closed') {
    return event.is === 'made' ? go(state, { do: 'drop', connection: event.connection }) : go(state);
  }
  switch (event.is) {
    case 'want':
      return want(state, Math.max(1, Math.min(lanesMax, Math.trunc(event.count))));
    case 'peer-wants':
      return balance({ ...state, peerWish: event.count, isRefused: state.isRefused && event.count === state.peerWish });
    case 'offered':
      return takeOffer(state, event);
    case 'made':
      return addMade(state, event);
    case 'link-up':
      return linkUp(state, event.isFresh);
    case 'link-down':
      // Nobody hears any more what is stored.
      return closeAll({ ...state, at: 'down' }, ({ at }) => at === 'retiring', 'told');
    case 'described':
    case 'not-completed':
    case 'connection':
    case 'empty-here':
    case 'channel-closed': {
      const lane = state.lanes.filter(isMade).find(({ connection }) => connection === event.connection);
      return lane === undefined ? go(state) : nextOfConnection(state, lane, event);
    }
    case 'close': {
      const { effects } = closeAll(state, () => true, 'untold');
      return { state: { at: 'closed' }, effects };
    }
    default: {
      const lane = state.lanes.find(({ number }) => number === event.number);
      return lane === undefined ? go(state) : nextOfLane(state, lane, event);
    }
  }
}

type OpenState = Exclude<LanesState, { at: 'closed' }>;
type MadeLane = Exclude<Lane, { at: 'making' }>;
type OfConnection = Exclude<Extract<LanesEvent, { connection: ConnectionId }>, { is: 'made' }>;
type OfLane = Exclude<Extract<LanesEvent, { number: number }>, { is: 'offered' | 'made' }>;

function nextOfLane(state: OpenState, lane: Lane, event: OfLane): LanesStep {
  switch (event.is) {
    case 'not-made':
      if (lane.at !== 'making') return go(state);
      return go(without(state, lane), ...(state.leads ? [] : [say('lane-close', lane)]));
    case 'answered':
      if (lane.at === 'making') return go(state);
      return go(state, { do: 'complete', connection: lane.connection, fields: event.fields });
    case 'up-there':
      return lane.at === 'making' ? go(state) : check(state, { ...lane, isHeard: true });
    case 'retired-there':
      return state.leads ? go(state) : retire(state, lane);
    case 'wanted-again':
      return state.leads ? go(state) : reopen(state, lane);
    case 'empty-there':
      return state.leads ? emptied(state, lane, 'isEmptyThere') : go(state);
    case 'closed-there':
      return after(
        closeAll({ ...state, isRefused: lane.at === 'opening' || state.isRefused }, (each) => each === lane, 'untold'),
        balance,
      );
    case 'deadline':
      return replace(state, lane);
  }
}

function nextOfConnection(state: OpenState, lane: MadeLane, event: OfConnection): LanesStep {
  switch (event.is) {
    case 'described': {
      const what = state.leads ? 'lane-offer' : 'lane-answer';
      return go(state, { do: 'say-fields', what, number: lane.number, fields: event.fields });
    }
    case 'not-completed':
      return closeAll(state, (each) => each === lane, 'told');
    case 'connection':
      return connectionChanged(state, lane, event.at);
    case 'empty-here':
      return emptied(state, lane, 'isEmptyHere');
    case 'channel-closed':
      return replace(state, lane);
  }
}

function want(state: OpenState, wish: number): LanesStep {
  if (wish === state.ownWish) return go(state);
  const wanted: OpenState = { ...state, ownWish: wish, isRefused: false };
  return after(go(wanted, ...(!state.leads && state.at === 'up' ? [sayWish(wish)] : [])), balance);
}

function linkUp(state: OpenState, isFresh: boolean): LanesStep {
  const isLost = (lane: Lane) => isFresh || (lane.at === 'used' && !lane.isConnected);
  const up = closeAll({ ...state, at: 'up', isRefused: false }, isLost, 'told');
  const wish = !state.leads && state.ownWish > 1 ? [sayWish(state.ownWish)] : [];
  return after({ state: up.state, effects: [...up.effects, ...wish] }, balance);
}

/** Leader only: one step towards what both want. */
function balance(state: OpenState): LanesStep {
  if (!state.leads || state.at === 'down') return go(state);
  const wanted = Math.min(Math.max(state.ownWish, state.peerWish), lanesMax) - 1;
  const kept = state.lanes.filter((lane) => lane.at !== 'retiring' && !isCalledOff(lane));
  const missing = Math.max(0, wanted - kept.length);
  const again = state.lanes.filter(({ at }) => at === 'retiring').slice(0, missing);
  let step = again.reduce<LanesStep>((done, lane) => after(done, (next) => reopen(next, lane)), go(state));
  const room = state.isRefused ? 0 : lanesMax - 1 - state.lanes.length;
  for (let more = Math.min(missing - again.length, room); more > 0; more -= 1) step = after(step, makeNext);
  // Those that carry something already stay before those that are only on their way.
  const surplus = kept.toSorted((a, b) => rank(a) - rank(b)).slice(wanted);
  return surplus.reduce((done, lane) => after(done, (next) => retire(next, lane)), step);
}

function rank(lane: Lane): number {
  return lane.at === 'making' ? 1 : 0;
}

function makeNext(state: OpenState): LanesStep {
  const number = state.nextNumber;
  const lanes: readonly Lane[] = [...state.lanes, { at: 'making', number, isCalledOff: false }];
  return go({ ...state, nextNumber: number + 1, lanes }, { do: 'make', number, fields: undefined });
}

function takeOffer(state: OpenState, { number, fields }: Extract<LanesEvent, { is: 'offered' }>): LanesStep {
  const isTaken = state.lanes.some((lane) => lane.number === number);
  if (state.leads || isTaken || state.lanes.length >= lanesMax - 1) {
    return go(state, { do: 'say', what: 'lane-close', number });
  }
  const lanes: readonly Lane[] = [...state.lanes, { at: 'making', number, isCalledOff: false }];
  return go({ ...state, lanes }, { do: 'make', number, fields });
}

function addMade(state: OpenState, { number, connection, fields }: Extract<LanesEvent, { is: 'made' }>): LanesStep {
  const lane = state.lanes.find((each) => each.number === number);
  if (lane?.at !== 'making' || lane.isCalledOff) {
    const left = lane?.at === 'making' ? without(state, lane) : state;
    return after(go(left, { do: 'drop', connection }), balance);
  }
  const made: Lane = { at: 'opening', number, connection, isConnected: false, isTold: false, isHeard: false };
  return go(
    put(state, made),
    { do: 'start-timer', number, ms: laneOpenDeadlineMs },
    { do: 'describe', connection, fields },
  );
}

function connectionChanged(state: OpenState, lane: MadeLane, at: 'connected' | 'waiting' | 'failed'): LanesStep {
  if (at === 'failed')
    return state.at === 'up' ? replace(state, lane) : go(put(state, { ...lane, isConnected: false }));
  return check(state, { ...lane, isConnected: at === 'connected' });
}

/** Says once that it is up here; used once it is up on both sides. */
function check(state: OpenState, lane: MadeLane): LanesStep {
  const tells: LanesEffect[] = lane.isConnected && !lane.isTold ? [say('lane-up', lane)] : [];
  const told = { ...lane, isTold: lane.isTold || lane.isConnected };
  if (told.at !== 'opening' || !told.isConnected || !told.isHeard) return go(put(state, told), ...tells);
  const { number, connection } = told;
  const used = put(state, { ...told, at: 'used' });
  return go(used, ...tells, { do: 'stop-timer', number }, { do: 'use', connection });
}

/** The other side uses a lane only after our word that it is up: before that there is nothing to wait for. */
function retire(state: OpenState, lane: Lane): LanesStep {
  if (lane.at === 'retiring') return go(state);
  if (lane.at === 'making' || !lane.isTold) return closeAll(state, (each) => each === lane, 'told');
  const { number, connection } = lane;
  return go(
    put(state, { ...lane, at: 'retiring', isEmptyHere: false, isEmptyThere: false }),
    { do: 'start-timer', number, ms: laneDrainDeadlineMs },
    ...(state.leads ? [say('lane-retire', lane)] : []),
    { do: 'retire', connection },
  );
}

function reopen(state: OpenState, lane: Lane): LanesStep {
  if (lane.at !== 'retiring') return go(state);
  const { isEmptyHere: _, isEmptyThere: __, ...made } = lane;
  const again = check(state, { ...made, at: 'opening' });
  const { number } = lane;
  const starts: readonly LanesEffect[] = [
    { do: 'start-timer', number, ms: laneOpenDeadlineMs },
    ...(state.leads ? [say('lane-again', lane)] : []),
  ];
  return { state: again.state, effects: [...starts, ...again.effects] };
}

function emptied(state: OpenState, lane: Lane, where: 'isEmptyHere' | 'isEmptyThere'): LanesStep {
  if (lane.at !== 'retiring') return go(state);
  const now = { ...lane, [where]: true };
  if (!state.leads) return go(put(state, now), say('lane-empty', lane));
  const emptier = put(state, now);
  return now.isEmptyHere && now.isEmptyThere
    ? closeAll(emptier, ({ number }) => number === lane.number, 'told')
    : go(emptier);
}

/** Closed, and made anew while it is wanted. */
function replace(state: OpenState, lane: Lane): LanesStep {
  return after(
    closeAll(state, (each) => each === lane, 'told'),
    balance,
  );
}

function closeAll(
  state: OpenState,
  isClosed: (lane: Lane) => boolean,
  tell: 'told' | 'untold',
): LanesStep & { readonly state: OpenState } {
  const closing = state.lanes.filter((lane) => isClosed(lane) && !isCalledOff(lane));
  const lanes = state.lanes.flatMap((lane): readonly Lane[] => {
    if (!closing.includes(lane)) return [lane];
    return lane.at === 'making' ? [{ ...lane, isCalledOff: true }] : [];
  });
  const effects = closing.flatMap((lane): readonly LanesEffect[] => {
    // Of a lane that the leader is still making the other side has not heard.
    const isRemembered = lane.at !== 'making' || !state.leads;
    const told: readonly LanesEffect[] = tell === 'told' && isRemembered ? [say('lane-close', lane)] : [];
    if (lane.at === 'making') return told;
    return [{ do: 'stop-timer', number: lane.number }, ...told, { do: 'drop', connection: lane.connection }];
  });
  return { state: { ...state, lanes }, effects };
}

function isMade(lane: Lane): lane is MadeLane {
  return lane.at !== 'making';
}

function isCalledOff(lane: Lane): boolean {
  return lane.at === 'making' && lane.isCalledOff;
}

function put(state: OpenState, lane: Lane): OpenState {
  return { ...state, lanes: state.lanes.map((each) => (each.number === lane.number ? lane : each)) };
}

function without(state: OpenState, lane: Lane): OpenState {
  return { ...state, lanes: state.lanes.filter((each) => each !== lane) };
}

function say(what: Say, { number }: Lane): LanesEffect {
  return { do: 'say', what, number };
}

function sayWish(count: number): LanesEffect {
  return { do: 'say-wish', count };
}

function after(step: LanesStep, more: (state: OpenState) => LanesStep): LanesStep {
  if (step.state.at === 'closed') return step;
  const next = more(step.state);
  return { state: next.state, effects: [...step.effects, ...next.effects] };
}

function go(state: LanesState, ...effects: readonly LanesEffect[]): LanesStep {
  return { state, effects };
}
