// A link from the moment its first connection is up until it ends, as a table: what the engine is told, when candidates are
// added again, when a standby connection is promoted and when one becomes the link. Promises: before both people confirmed
// the verification nothing but its own signals is passed on; silence and cuts only ever make the link `down`; it ends when
// a person, the peer or a violation ends it. Time comes in with the events.

import type { FaultCode } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import {
  type HealingEffect,
  type HealingEvent,
  type HealingState,
  nextHealing,
  startHealing,
} from './healing-state.ts';
import type { LaneSignal, LinkSignal, VerificationSignal } from './link-signal.ts';
import type { PairFacts } from './route.ts';
import type { AnnouncedPair } from './standby-state.ts';
import type { VerificationCheck } from './verification-state.ts';

/** Up means connected, heard from, and with open channels. `down` says what is missing. */
export type Line =
  | { readonly at: 'up' }
  | {
      readonly at: 'down';
      readonly sinceWallMs: number;
      readonly isConnected: boolean;
      readonly isHeard: boolean;
      readonly hasChannels: boolean;
    };

/** What every open link has. */
type Active = {
  /** The connection that is the link now, and the number of its pair; the first connection is pair 0. */
  readonly connection: ConnectionId;
  readonly pair: number;
  /** Standby connections that are proven and whose control channel is not open yet. */
  readonly proven: readonly ProvenPair[];
  readonly line: Line;
  readonly healing: HealingState;
  /** Addresses changed, and the standby connections were not made anew since. */
  readonly hasMoved: boolean;
  readonly route: PairFacts | undefined;
  readonly roundTripMs: number | undefined;
};

export type ProvenPair = { readonly connection: ConnectionId; readonly pair: number };

export type LinkedState =
  /** The certificates in use are compared with the codes. The engine does not listen to the peer yet. */
  | (Active & { readonly at: 'securing' })
  | (Active & { readonly at: 'verifying' })
  /** Both people confirmed. */
  | (Active & { readonly at: 'confirmed' })
  | { readonly at: 'ended' };

type Time = { readonly nowMs: number; readonly wallMs: number };

export type LinkedEvent =
  | { readonly is: 'secured'; readonly isControlOpen: boolean }
  | { readonly is: 'certificate-wrong' }
  /** `undefined` where the schema refused it. */
  | { readonly is: 'signal'; readonly signal: LinkSignal | undefined }
  /** `renewal`, in hex: known to these two only. */
  | { readonly is: 'verified'; readonly checked: VerificationCheck; readonly renewal: string }
  | { readonly is: 'verification-failed'; readonly why: 'tampered' | 'late' }
  | ({ readonly is: 'connection'; readonly connection: ConnectionId; readonly isConnected: boolean } & Time)
  | ({
      readonly is: 'liveness';
      readonly connection: ConnectionId;
      readonly isHeard: boolean;
      readonly roundTripMs: number | undefined;
    } & Time)
  | ({ readonly is: 'channel-closed'; readonly connection: ConnectionId } & Time)
  | { readonly is: 'control-open'; readonly connection: ConnectionId }
  | {
      readonly is: 'standby-proven';
      readonly connection: ConnectionId;
      readonly pair: number;
      readonly isControlOpen: boolean;
    }
  /** It was closed, whatever had become of it. */
  | { readonly is: 'standby-gone'; readonly connection: ConnectionId }
  | { readonly is: 'tick'; readonly nowMs: number }
  /** `standby`: pairs that could be promoted. */
  | {
      readonly is: 'nudge';
      readonly why: 'addresses' | 'woke' | 'online';
      readonly nowMs: number;
      readonly standby: number;
    }
  | { readonly is: 'addresses-settled' }
  | { readonly is: 'measured'; readonly route: PairFacts | undefined }
  | { readonly is: 'violation'; readonly connection: ConnectionId }
  | { readonly is: 'close' };

export type LinkedEffect =
  | { readonly do: 'adopt'; readonly connection: ConnectionId; readonly fresh: boolean }
  | { readonly do: 'link-state'; readonly up: boolean }
  | { readonly do: 'probe' }
  | { readonly do: 'begin-verification' }
  | { readonly do: 'verify'; readonly signal: VerificationSignal }
  | { readonly do: 'verify-malformed' }
  | { readonly do: 'authorize'; readonly checked: VerificationCheck }
  /** Two remembered computers met: their secret is made anew. */
  | { readonly do: 'renew-secret'; readonly renewal: string }
  | { readonly do: 'remember'; readonly signal: Extract<LinkSignal, { say: 'remember' | 'remember-not' }> }
  | { readonly do: 'lanes'; readonly signal: LaneSignal }
  | { readonly do: 'lanes-up'; readonly isFresh: boolean }
  | { readonly do: 'lanes-down' }
  | { readonly do: 'standby'; readonly pairs: readonly AnnouncedPair[] }
  | { readonly do: 'standby-up' }
  | { readonly do: 'standby-down' }
  | { readonly do: 'refill-standby' }
  | { readonly do: 'renew-standby' }
  /** Raises `addresses-settled` once the browser knows the new addresses too. */
  | { readonly do: 'wait-for-addresses' }
  | { readonly do: 'take-standby'; readonly connection: ConnectionId }
  | HealingEffect
  | { readonly do: 'drop'; readonly connection: ConnectionId }
  | { readonly do: 'say-goodbye' }
  | { readonly do: 'end'; readonly code: FaultCode };

export type LinkedStep = { readonly state: LinkedState; readonly effects: readonly LinkedEffect[] };

export function startLinkedState(connection: ConnectionId): LinkedState {
  return {
    at: 'securing',
    connection,
    pair: 0,
    proven: [],
    line: { at: 'up' },
    healing: startHealing,
    hasMoved: false,
    route: undefined,
    roundTripMs: undefined,
  };
}

export function nextLinked(state: LinkedState, event: LinkedEvent): LinkedStep {
  if (state.at === 'ended') return go(state);
  switch (event.is) {
    case 'secured':
      return state.at === 'securing' ? startVerifying(state, event.isControlOpen) : go(state);
    case 'certificate-wrong':
      return tampered();
    case 'signal':
      return handleSignal(state, event.signal);
    case 'verified':
      return state.at === 'verifying' ? confirm(state, event) : go(state);
    case 'verification-failed':
      if (event.why === 'late') return end('link-unreachable');
      return state.at === 'confirmed' ? end('peer-violation') : tampered();
    case 'connection':
      return event.connection === state.connection
        ? judge(state, { isConnected: event.isConnected }, event)
        : go(state);
    case 'liveness':
      if (event.connection !== state.connection) return go(state);
      return judge(
        { ...state, roundTripMs: event.roundTripMs ?? state.roundTripMs },
        { isHeard: event.isHeard },
        event,
      );
    case 'channel-closed':
      return loseChannel(state, event);
    case 'control-open': {
      const proven = state.proven.find(({ connection }) => connection === event.connection);
      if (proven !== undefined) return switchTo(state, proven);
      return event.connection === state.connection && state.at === 'verifying'
        ? go(state, { do: 'begin-verification' })
        : go(state);
    }
    case 'standby-proven': {
      const { connection, pair } = event;
      return event.isControlOpen
        ? switchTo(state, { connection, pair })
        : go({ ...state, proven: [...state.proven, { connection, pair }] });
    }
    case 'standby-gone': {
      const proven = state.proven.filter(({ connection }) => connection !== event.connection);
      return go(proven.length === state.proven.length ? state : { ...state, proven });
    }
    case 'tick':
      return heal(state, { is: 'tick', nowMs: event.nowMs });
    case 'nudge':
      return nudge(state, event);
    case 'addresses-settled':
      return state.at === 'confirmed' ? go(state, { do: 'renew-standby' }) : go(state);
    case 'measured':
      return go({ ...state, route: event.route });
    case 'violation':
      return event.connection === state.connection ? end('peer-violation') : go(state);
    case 'close':
      return go({ at: 'ended' });
  }
}

type Open = Exclude<LinkedState, { at: 'ended' }>;

function startVerifying(state: Extract<LinkedState, { at: 'securing' }>, isControlOpen: boolean): LinkedStep {
  const start: LinkedStep = go(
    { ...state, at: 'verifying' },
    { do: 'adopt', connection: state.connection, fresh: true },
    { do: 'link-state', up: state.line.at === 'up' },
  );
  return isControlOpen ? after(start, (open) => go(open, { do: 'begin-verification' })) : start;
}

function confirm(state: Open, { checked, renewal }: Extract<LinkedEvent, { is: 'verified' }>): LinkedStep {
  const open: Open = { ...state, at: 'confirmed' };
  const effects: readonly LinkedEffect[] = [
    { do: 'authorize', checked },
    ...(checked === 'known' ? [{ do: 'renew-secret', renewal } as const] : []),
  ];
  if (open.line.at === 'down') return go(open, ...effects);
  return go(open, ...effects, { do: 'refill-standby' }, { do: 'lanes-up', isFresh: false });
}

function handleSignal(state: Open, signal: LinkSignal | undefined): LinkedStep {
  if (state.at === 'securing') return go(state);
  if (signal === undefined)
    return state.at === 'confirmed' ? end('peer-violation') : go(state, { do: 'verify-malformed' });
  switch (signal.say) {
    case 'commit':
    case 'nonce':
    case 'reveal':
    case 'ok':
      return go(state, { do: 'verify', signal });
    case 'goodbye':
      // Both people have compared by then, and files may have been sent: whoever says it now breaks the rules.
      return end(state.at === 'confirmed' ? 'peer-violation' : 'link-tampered');
    default:
      return state.at === 'confirmed' ? go(state, deliver(signal)) : go(state, { do: 'verify-malformed' });
  }
}

type ConfirmedSignal = Exclude<LinkSignal, VerificationSignal | { readonly say: 'goodbye' }>;

function deliver(signal: ConfirmedSignal): LinkedEffect {
  switch (signal.say) {
    case 'spares':
      return { do: 'standby', pairs: signal.spares };
    case 'remember':
    case 'remember-not':
      return { do: 'remember', signal };
    default:
      return { do: 'lanes', signal };
  }
}

/** Anything that is missing is down, and down is always worth another try. */
function judge(state: Open, changed: Partial<Omit<Extract<Line, { at: 'down' }>, 'at'>>, time: Time): LinkedStep {
  const before = state.line.at === 'down' ? state.line : { isConnected: true, isHeard: true, hasChannels: true };
  const now = { ...before, ...changed };
  const isUp = now.isConnected && now.isHeard && now.hasChannels;
  if (isUp) return state.line.at === 'up' ? go(state) : goUp(state, false);
  if (state.line.at === 'down')
    return go({ ...state, line: { ...now, at: 'down', sinceWallMs: state.line.sinceWallMs } });
  const { isConnected, isHeard, hasChannels } = now;
  const down: Open = { ...state, line: { at: 'down', sinceWallMs: time.wallMs, isConnected, isHeard, hasChannels } };
  // Before it is adopted the engine knows nothing of it.
  const told: readonly LinkedEffect[] = state.at === 'securing' ? [] : [{ do: 'link-state', up: false }];
  return after(go(down, ...told, { do: 'lanes-down' }, { do: 'standby-down' }), (open) =>
    heal(open, { is: 'down', nowMs: time.nowMs }),
  );
}

/** `isFresh`: another connection is the link now. */
function goUp(state: Open, isFresh: boolean): LinkedStep {
  const wasDown = state.line.at === 'down';
  const up: Open = { ...state, line: { at: 'up' }, healing: nextHealing(state.healing, { is: 'up' }).state };
  const told: readonly LinkedEffect[] = wasDown && state.at !== 'securing' ? [{ do: 'link-state', up: true }] : [];
  if (up.at !== 'confirmed') return go(up, ...told, { do: 'standby-up' });
  const renew: LinkedEffect = up.hasMoved ? { do: 'wait-for-addresses' } : { do: 'refill-standby' };
  return go({ ...up, hasMoved: false }, ...told, { do: 'standby-up' }, renew, { do: 'lanes-up', isFresh });
}

/** A closed channel does not come back with its connection: only a standby connection helps. */
function loseChannel(state: Open, event: Extract<LinkedEvent, { is: 'channel-closed' }>): LinkedStep {
  if (event.connection !== state.connection) return go(state);
  if (state.line.at === 'down' && !state.line.hasChannels) return go(state);
  return after(judge(state, { hasChannels: false }, event), (open) => go(open, { do: 'promote-standby' }));
}

/** A standby connection takes over: same peer, same transfers. Both sides keep the highest number that came up. */
function switchTo(state: Open, { connection, pair }: ProvenPair): LinkedStep {
  if (pair <= state.pair) return go(state);
  const proven = state.proven.filter((each) => each.connection !== connection);
  const switched: Open = { ...state, connection, pair, proven };
  const adopted = go(switched, { do: 'take-standby', connection }, { do: 'adopt', connection, fresh: false });
  return after(
    after(adopted, (open) => goUp(open, true)),
    (open) => go(open, { do: 'drop', connection: state.connection }),
  );
}

function heal(state: Open, event: HealingEvent): LinkedStep {
  const step = nextHealing(state.healing, event);
  return go({ ...state, healing: step.state }, ...step.effects);
}

function nudge(state: Open, { why, nowMs, standby }: Extract<LinkedEvent, { is: 'nudge' }>): LinkedStep {
  const moved: Open = { ...state, hasMoved: state.hasMoved || why === 'addresses' };
  const probed = go(moved, { do: 'probe' });
  if (state.line.at === 'down') return after(probed, (open) => heal(open, { is: 'nudge', nowMs }));
  if (why !== 'addresses' || state.at !== 'confirmed') return probed;
  if (standby > 0) return after(probed, (open) => go(open, { do: 'promote-standby' }));
  return after(probed, (open) => go({ ...open, hasMoved: false }, { do: 'wait-for-addresses' }));
}

function tampered(): LinkedStep {
  return go({ at: 'ended' }, { do: 'say-goodbye' }, { do: 'end', code: 'link-tampered' });
}

function end(code: FaultCode): LinkedStep {
  return go({ at: 'ended' }, { do: 'end', code });
}

function after(step: LinkedStep, more: (state: Open) => LinkedStep): LinkedStep {
  if (step.state.at === 'ended') return step;
  const next = more(step.state);
  return { state: next.state, effects: [...step.effects, ...next.effects] };
}

function go(state: LinkedState, ...effects: readonly LinkedEffect[]): LinkedStep {
  return { state, effects };
}
