// Where the link stands, as the engine sees it, and which control messages may come in each state. Pure and total; `session.ts` does
// what it says. The table in docs/STATES.md is this function.

import type { FaultView } from '../../shared/model/fault.ts';
import { type ControlMessage, type ControlOf, type ControlType, wireVersion } from '../../shared/wire/control.ts';

type Hello = ControlOf<'hello'>;

export type SessionState =
  | { readonly at: 'none' }
  /** Nothing but `link`, `ping`, `pong` and `bye` passes. A `hello` that is a step ahead waits unread. */
  | { readonly at: 'unauthorized'; readonly hello?: Hello }
  /** Our hello is sent, theirs is awaited. */
  | { readonly at: 'handshake' }
  | { readonly at: 'open' }
  | { readonly at: 'ended' };

export type SessionEvent =
  /** `fresh`: the first control channel of a link; otherwise another one of the same link. */
  | { readonly is: 'adopted'; readonly fresh: boolean }
  | { readonly is: 'authorized' }
  | { readonly is: 'message'; readonly message: ControlMessage }
  | { readonly is: 'violated'; readonly why: string }
  | { readonly is: 'ended' };

export type SessionEffect =
  | { readonly do: 'start-heartbeat' }
  | { readonly do: 'stop-heartbeat' }
  | { readonly do: 'send-hello' }
  | { readonly do: 'opened'; readonly name: string; readonly features: readonly string[] }
  | { readonly do: 'deliver'; readonly message: ControlMessage }
  | { readonly do: 'release-control' }
  /** The peer broke the rules, or speaks another version: the link is over. */
  | { readonly do: 'refuse'; readonly fault: FaultView };

export type SessionStep = { readonly state: SessionState; readonly effects: readonly SessionEffect[] };

const always: ReadonlySet<ControlType> = new Set(['link', 'ping', 'pong', 'bye']);

export function nextSession(state: SessionState, event: SessionEvent): SessionStep {
  switch (event.is) {
    case 'adopted':
      return adopted(state, event.fresh);
    case 'authorized':
      if (state.at !== 'unauthorized') return step(state);
      if (state.hello === undefined) return step({ at: 'handshake' }, { do: 'send-hello' });
      return opened(state.hello, [{ do: 'send-hello' }]);
    case 'message':
      return onMessage(state, event.message);
    case 'violated':
      return isDead(state) ? step(state) : refuse({ code: 'peer-violation', message: event.why });
    case 'ended':
      return step({ at: 'ended' }, { do: 'stop-heartbeat' }, { do: 'release-control' });
  }
}

function adopted(state: SessionState, fresh: boolean): SessionStep {
  if (fresh || state.at === 'unauthorized') return step({ at: 'unauthorized' }, { do: 'start-heartbeat' });
  // Over for good: only a new code brings the other side back.
  if (state.at === 'ended') return step(state);
  return step({ at: 'handshake' }, { do: 'start-heartbeat' }, { do: 'send-hello' });
}

function onMessage(state: SessionState, message: ControlMessage): SessionStep {
  if (isDead(state)) return step(state);
  if (always.has(message.type)) return step(state, { do: 'deliver', message });
  if (message.type !== 'hello') {
    return state.at === 'open' ? step(state, { do: 'deliver', message }) : outOfTurn(message);
  }
  if (state.at === 'handshake') return opened(message, []);
  if (state.at === 'open' || state.hello !== undefined) return outOfTurn(message);
  return step({ at: 'unauthorized', hello: message });
}

function opened(hello: Hello, first: readonly SessionEffect[]): SessionStep {
  const { features, name } = hello;
  if (hello.version === wireVersion) return step({ at: 'open' }, ...first, { do: 'opened', name, features });
  const detail = { version: hello.version };
  const fault: FaultView = { code: 'link-version', message: 'the other side speaks another version', detail };
  return step({ at: 'ended' }, ...first, { do: 'stop-heartbeat' }, { do: 'refuse', fault });
}

function outOfTurn({ type }: ControlMessage): SessionStep {
  return refuse({ code: 'peer-violation', message: `${type} out of turn` });
}

function refuse(fault: FaultView): SessionStep {
  return step({ at: 'ended' }, { do: 'stop-heartbeat' }, { do: 'refuse', fault });
}

function isDead(state: SessionState): state is Extract<SessionState, { at: 'none' | 'ended' }> {
  return state.at === 'none' || state.at === 'ended';
}

function step(state: SessionState, ...effects: readonly SessionEffect[]): SessionStep {
  return { state, effects };
}
