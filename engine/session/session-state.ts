// Where the link stands, as the engine sees it, and which control messages may come in each place. Pure.

import type { ControlType } from '../../shared/wire/control.ts';

export const sessionStates = ['none', 'gated', 'greeting', 'open', 'ended'] as const;
export type SessionState = (typeof sessionStates)[number];

export const sessionEvents = ['adopted', 'gate-opened', 'greeted', 'adopted-again', 'ended'] as const;
export type SessionEvent = (typeof sessionEvents)[number];

export const sessionTable: Readonly<Record<SessionState, Partial<Record<SessionEvent, SessionState>>>> = {
  none: { adopted: 'gated', 'adopted-again': 'greeting', ended: 'ended' },
  gated: { adopted: 'gated', 'adopted-again': 'gated', 'gate-opened': 'greeting', ended: 'ended' },
  greeting: { adopted: 'gated', 'adopted-again': 'greeting', greeted: 'open', ended: 'ended' },
  open: { adopted: 'gated', 'adopted-again': 'greeting', ended: 'ended' },
  ended: { adopted: 'gated' },
};

export function nextSession(state: SessionState, event: SessionEvent): SessionState {
  return sessionTable[state][event] ?? state;
}

const always: ReadonlySet<ControlType> = new Set(['link', 'ping', 'pong', 'bye']);

/** `hold`: the peer's gate may open a moment before ours; its greeting waits unread, everything else is a violation. */
export function admits(state: SessionState, type: ControlType): 'pass' | 'hold' | 'refuse' {
  if (state === 'none' || state === 'ended') return 'refuse';
  if (always.has(type)) return 'pass';
  if (state === 'open') return type === 'hello' ? 'refuse' : 'pass';
  if (type !== 'hello') return 'refuse';
  return state === 'greeting' ? 'pass' : 'hold';
}
