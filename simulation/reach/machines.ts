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
  /** The cells of one step. A step may concern none, or several of those that it moves. */
  cells(state: never, event: never): readonly (readonly [state: string, event: string])[];
};

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
  cells: (state: SessionState, event: SessionEvent) => {
    const isHeld = state.at === 'unauthorized' && state.hello !== undefined;
    return [[isHeld ? 'unauthorized (hello held)' : state.at, event.is]];
  },
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
  cells: (state: SendState, event: SendEvent) => {
    if (state.at === 'preparing' && state.kept) return [['preparing (kept)', event.is]];
    return [[state.at === 'resuming' && state.accepted ? 'resuming (accepted)' : state.at, event.is]];
  },
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
    ...{ published: true, 'publish-again': true, continued: true, cancelled: true, broke: true, parked: true },
  }),
  cells: (state: ReceiveState, event: ReceiveEvent) => {
    if (state.at === 'listing' && state.awaits === 'offer') return [['listing (offer lost)', event.is]];
    if (state.at === 'verifying' && state.calledOff !== undefined) return [['verifying (called off)', event.is]];
    const isNothing = state.at === 'failed' && state.kept === 'nothing';
    return [[isNothing ? 'failed (nothing kept)' : state.at, event.is]];
  },
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
  cells: (state: LinkedState, event: LinkedEvent) => {
    const isDown = state.at !== 'ended' && state.line.at === 'down';
    return [[isDown ? `${state.at} (down)` : state.at, event.is]];
  },
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
  cells: (state: PairingState, event: PairingEvent) => {
    const name = event.is === 'take' ? `take ${event.kind}` : event.is;
    const concerned = state.candidates.filter((each) => {
      if ('connection' in event) return each.connection === event.connection;
      if (event.is === 'decide') return each.at === 'up';
      return event.is === 'take' ? each.session === event.session : true;
    });
    return [[state.at, name], ...concerned.map(({ role, at }) => [`${role} ${at}`, name] as const)];
  },
};

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
  cells: (state: VerificationState, event: VerificationEvent) => [[state.at, event.is]],
};

const remember: Machine = {
  name: 'remember-state',
  file: 'link/remember-state.ts',
  head: 'export function nextRemember(state: RememberState, event: RememberEvent): RememberStep {',
  states: all<RememberState['at']>({
    ...{ closed: true, open: true, waiting: true, asked: true, agreed: true, declined: true },
  }),
  events: all<RememberEvent['is']>({ checked: true, wanted: true, refused: true, heard: true, 'heard-not': true }),
  cells: (state: RememberState, event: RememberEvent) => [[state.at, event.is]],
};

const healing: Machine = {
  name: 'healing-state',
  file: 'link/healing-state.ts',
  head: 'export function nextHealing(state: HealingState, event: HealingEvent): HealingStep {',
  states: all<HealingState['at']>({ up: true, waiting: true, down: true }),
  events: all<HealingEvent['is']>({ wait: true, down: true, up: true, tick: true, nudge: true }),
  cells: (state: HealingState, event: HealingEvent) => [[state.at, event.is]],
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
  cells: (state: LanesState, event: LanesEvent) => {
    if (state.at === 'closed') return [['closed', event.is]];
    const concerned = state.lanes.filter((lane) => {
      if ('number' in event) return lane.number === event.number;
      return 'connection' in event ? lane.at !== 'making' && lane.connection === event.connection : true;
    });
    if (concerned.length === 0) return [['none', event.is]];
    return concerned.map((lane) => {
      if (lane.at === 'making' && lane.isCalledOff) return ['making (called off)', event.is];
      return [lane.at === 'used' && !lane.isConnected ? 'used (cut)' : lane.at, event.is];
    });
  },
};

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
  cells: (state: StandbyState, event: StandbyEvent) => {
    if (state.at === 'closed') return [['closed', event.is]];
    const concerned = state.own.filter((own) => {
      if ('pair' in event) return own.pair === event.pair;
      return 'connection' in event ? own.at !== 'making' && own.connection === event.connection : true;
    });
    if (concerned.length === 0) return [['none', event.is]];
    const known = new Set(state.theirs.map(({ pair }) => pair));
    return concerned.map((own) => [
      own.at === 'ready' && !known.has(own.pair) ? 'ready (theirs unknown)' : own.at,
      event.is,
    ]);
  },
};

export const machines: readonly Machine[] = [
  ...[session, send, receive],
  ...[linked, pairing, verification, remember, healing, lanes, standby],
];
