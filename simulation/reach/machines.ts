// Every state and every event of the program's tables, as a cell of the coverage is called. The lists are held complete by the
// compiler.

import type { ReceiveEvent, ReceiveState } from '../../engine/receive/receive-state.ts';
import type { SendEvent, SendState } from '../../engine/send/send-state.ts';
import type { SessionEvent, SessionState } from '../../engine/session/session-state.ts';
import type { HealingEvent, HealingState } from '../../link/healing-state.ts';
import type { Lane, LanesEvent, LanesState } from '../../link/lanes-state.ts';
import type { LinkedEvent, LinkedState } from '../../link/linked-state.ts';
import type { PairingCandidate, PairingEvent, PairingState } from '../../link/pairing-state.ts';
import type { RememberEvent, RememberState } from '../../link/remember-state.ts';
import type { OwnPair, StandbyEvent, StandbyState } from '../../link/standby-state.ts';
import type { VerificationEvent, VerificationState } from '../../link/verification-state.ts';

export type Machine = {
  /** As its file is called. */
  readonly name: string;
  readonly file: string;
  /** Its head, as the source has it: what is given to it is looked at there. */
  readonly head: string;
  readonly states: readonly string[];
  readonly events: readonly string[];
  /** The rows that a state stands in: one, or one for each of those that it moves. */
  rows(state: never): readonly string[];
  /** The rows that a step concerns; there may be none, or several. */
  concerned(state: never, event: never): readonly string[];
  /** The column of an event. */
  column(event: never): string;
};

/** A machine that stands in one row. */
function single<State>(row: (state: State) => string): Pick<Machine, 'rows' | 'concerned' | 'column'> {
  const rows = (state: State): readonly string[] => [row(state)];
  return { rows, concerned: rows, column: ({ is }: { readonly is: string }) => is };
}

/** Every name of a union is there, and no other. */
const all = <Name extends string>(names: Readonly<Record<Name, true>>): readonly Name[] => Object.keys(names) as Name[];

const session: Machine = {
  name: 'session-state',
  file: 'engine/session/session-state.ts',
  head: 'export function nextSession(state: SessionState, event: SessionEvent): SessionStep {',
  states: [
    ...all<SessionState['at']>({ none: true, unauthorized: true, handshake: true, open: true, ended: true }),
    'unauthorized (hello held)',
  ],
  events: all<SessionEvent['is']>({ adopted: true, authorized: true, message: true, violated: true, ended: true }),
  ...single((state: SessionState) =>
    state.at === 'unauthorized' && state.hello !== undefined ? 'unauthorized (hello held)' : state.at,
  ),
};

const send: Machine = {
  name: 'send-state',
  file: 'engine/send/send-state.ts',
  head: 'export function nextSend(state: SendState, event: SendEvent): SendStep {',
  states: [
    ...all<SendState['at']>({
      ...{ preparing: true, offered: true, resuming: true, sending: true, verifying: true },
      ...{ done: true, declined: true, cancelled: true, failed: true, reopening: true },
    }),
    ...['preparing (kept)', 'resuming (accepted)'],
  ],
  events: all<SendEvent['is']>({
    ...{ listed: true, reopened: true, 'reopen-failed': true, retried: true, 'asked-again': true },
    ...{ 'control-changed': true, accepted: true, declined: true, 'all-stored': true, delivered: true },
    ...{ confirmed: true, cancelled: true, broke: true, 'root-refused': true, parked: true },
  }),
  ...single((state: SendState) => {
    if (state.at === 'preparing' && state.kept) return 'preparing (kept)';
    return state.at === 'resuming' && state.accepted ? 'resuming (accepted)' : state.at;
  }),
};

const receive: Machine = {
  name: 'receive-state',
  file: 'engine/receive/receive-state.ts',
  head: 'export function nextReceive(state: ReceiveState, event: ReceiveEvent): ReceiveStep {',
  states: [
    ...all<ReceiveState['at']>({
      ...{ listing: true, asking: true, starting: true, receiving: true, verifying: true },
      ...{ ready: true, done: true, declined: true, cancelled: true, failed: true },
    }),
    ...['listing (offer lost)', 'verifying (called off)', 'failed (nothing kept)'],
  ],
  events: all<ReceiveEvent['is']>({
    ...{ offered: true, listed: true, accepted: true, declined: true, started: true, completed: true },
    ...{
      published: true,
      'publish-again': true,
      continued: true,
      cancelled: true,
      broke: true,
      'not-again': true,
      parked: true,
    },
  }),
  ...single((state: ReceiveState) => {
    if (state.at === 'listing' && state.awaits === 'offer') return 'listing (offer lost)';
    if (state.at === 'verifying' && state.calledOff !== undefined) return 'verifying (called off)';
    return state.at === 'failed' && state.kept === 'nothing' ? 'failed (nothing kept)' : state.at;
  }),
};

const linked: Machine = {
  name: 'linked-state',
  file: 'link/linked-state.ts',
  head: 'export function nextLinked(state: LinkedState, event: LinkedEvent): LinkedStep {',
  states: [
    ...all<LinkedState['at']>({ securing: true, verifying: true, confirmed: true, ended: true }),
    ...['securing (down)', 'verifying (down)', 'confirmed (down)'],
  ],
  events: all<LinkedEvent['is']>({
    ...{ secured: true, 'certificate-wrong': true, signal: true, verified: true, 'verification-failed': true },
    ...{ connection: true, liveness: true, 'channel-closed': true, 'control-open': true, 'standby-proven': true },
    ...{ 'standby-gone': true, tick: true, nudge: true, 'addresses-settled': true, measured: true },
    ...{ violation: true, close: true },
  }),
  ...single((state: LinkedState) =>
    state.at !== 'ended' && state.line.at === 'down' ? `${state.at} (down)` : state.at,
  ),
};

const pairing: Machine = {
  name: 'pairing-state',
  file: 'link/pairing-state.ts',
  head: 'export function nextPairing(state: PairingState, event: PairingEvent): PairingStep {',
  states: [
    ...all<PairingState['at']>({ open: true, deciding: true, won: true }),
    ...(['inviter', 'replier'] as const).flatMap((role) =>
      all<PairingCandidate['at']>({ making: true, waiting: true, reaching: true, up: true }).map(
        (at) => `${role} ${at}`,
      ),
    ),
  ],
  events: all<PairingEvent['is'] | 'take invite' | 'take reply'>({
    ...{ 'new-code': true, 'addresses-changed': true, made: true, take: true, 'take invite': true, 'take reply': true },
    ...{ up: true, decide: true, gone: true },
  }).filter((name) => name !== 'take'),
  rows: ({ at, candidates }: PairingState) => [at, ...candidates.map(rowOfCandidate)],
  concerned: ({ at, candidates }: PairingState, event: PairingEvent) => {
    const concerned = candidates.filter((each) => {
      if ('connection' in event) return each.connection === event.connection;
      if (event.is === 'decide') return each.at === 'up';
      return event.is === 'take' ? each.session === event.session : true;
    });
    return [at, ...concerned.map(rowOfCandidate)];
  },
  column: (event: PairingEvent) => (event.is === 'take' ? `take ${event.kind}` : event.is),
};

function rowOfCandidate({ role, at }: PairingCandidate): string {
  return `${role} ${at}`;
}

const verification: Machine = {
  name: 'verification-state',
  file: 'link/verification-state.ts',
  head: 'export function nextVerification(state: VerificationState, event: VerificationEvent): VerificationStep {',
  states: all<VerificationState['at']>({
    ...{ starting: true, 'awaiting-commit': true, 'awaiting-nonce': true, 'awaiting-reveal': true, counting: true },
    ...{ asking: true, 'waiting-for-peer': true, settled: true, tampered: true, late: true, closed: true },
  }),
  events: all<VerificationEvent['is']>({
    ...{ begin: true, commit: true, nonce: true, reveal: true, digits: true, ok: true, choice: true },
    ...{ malformed: true, deadline: true, close: true },
  }),
  ...single(({ at }: VerificationState) => at),
};

const remember: Machine = {
  name: 'remember-state',
  file: 'link/remember-state.ts',
  head: 'export function nextRemember(state: RememberState, event: RememberEvent): RememberStep {',
  states: all<RememberState['at']>({
    ...{ closed: true, open: true, waiting: true, asked: true, agreed: true, unkept: true, declined: true },
  }),
  events: all<RememberEvent['is']>({
    ...{ checked: true, wanted: true, refused: true, heard: true },
    ...{ 'heard-not': true, 'not-kept': true, switched: true },
  }),
  ...single(({ at }: RememberState) => at),
};

const healing: Machine = {
  name: 'healing-state',
  file: 'link/healing-state.ts',
  head: 'export function nextHealing(state: HealingState, event: HealingEvent): HealingStep {',
  states: all<HealingState['at']>({ up: true, waiting: true, down: true }),
  events: all<HealingEvent['is']>({ wait: true, down: true, up: true, tick: true, nudge: true }),
  ...single(({ at }: HealingState) => at),
};

const lanes: Machine = {
  name: 'lanes-state',
  file: 'link/lanes-state.ts',
  head: 'export function nextLanes(state: LanesState, event: LanesEvent): LanesStep {',
  states: [
    ...all<Lane['at']>({ making: true, opening: true, used: true, retiring: true }),
    ...['making (called off)', 'used (cut)', 'none', 'closed'],
  ],
  events: all<LanesEvent['is']>({
    ...{ want: true, 'peer-wants': true, offered: true, answered: true, made: true, 'not-made': true },
    ...{ described: true, 'not-completed': true, connection: true, 'up-there': true, 'retired-there': true },
    ...{ 'wanted-again': true, 'empty-here': true, 'empty-there': true, 'closed-there': true },
    ...{ 'channel-closed': true, deadline: true, 'link-up': true, 'link-down': true, close: true },
  }),
  rows: (state: LanesState) => (state.at === 'closed' ? ['closed'] : rowsOfLanes(state.lanes)),
  concerned: (state: LanesState, event: LanesEvent) => {
    if (state.at === 'closed') return ['closed'];
    return rowsOfLanes(
      state.lanes.filter((lane) => {
        if ('number' in event) return lane.number === event.number;
        return 'connection' in event ? lane.at !== 'making' && lane.connection === event.connection : true;
      }),
    );
  },
  column: (event: LanesEvent) => event.is,
};

function rowsOfLanes(of: readonly Lane[]): readonly string[] {
  if (of.length === 0) return ['none'];
  return of.map((lane) => {
    if (lane.at === 'making' && lane.isCalledOff) return 'making (called off)';
    return lane.at === 'used' && !lane.isConnected ? 'used (cut)' : lane.at;
  });
}

const standby: Machine = {
  name: 'standby-state',
  file: 'link/standby-state.ts',
  head: 'export function nextStandby(state: StandbyState, event: StandbyEvent): StandbyStep {',
  states: [
    ...all<OwnPair['at']>({ making: true, ready: true, promoted: true, proven: true }),
    ...['ready (theirs unknown)', 'none', 'closed'],
  ],
  events: all<StandbyEvent['is']>({
    ...{ refill: true, 'addresses-changed': true, announced: true, made: true, 'not-made': true },
    ...{ 'checks-arrived': true, promote: true, proven: true, 'not-completed': true, taken: true },
    ...{ 'link-up': true, 'link-down': true, 'promotion-over': true, close: true },
  }),
  rows: (state: StandbyState) => (state.at === 'closed' ? ['closed'] : rowsOfPairs(state.own, state)),
  concerned: (state: StandbyState, event: StandbyEvent) => {
    if (state.at === 'closed') return ['closed'];
    const concerned = state.own.filter((own) => {
      if ('pair' in event) return own.pair === event.pair;
      return 'connection' in event ? own.at !== 'making' && own.connection === event.connection : true;
    });
    return rowsOfPairs(concerned, state);
  },
  column: (event: StandbyEvent) => event.is,
};

function rowsOfPairs(
  of: readonly OwnPair[],
  { theirs }: Exclude<StandbyState, { readonly at: 'closed' }>,
): readonly string[] {
  if (of.length === 0) return ['none'];
  const known = new Set(theirs.map(({ pair }) => pair));
  return of.map(({ at, pair }) => (at === 'ready' && !known.has(pair) ? 'ready (theirs unknown)' : at));
}

export const machines: readonly Machine[] = [
  ...[session, send, receive],
  ...[linked, pairing, verification, remember, healing, lanes, standby],
];
