// The greeting as a table: commit, nonce, reveal, then two people's word. Promises: the gate opens only after the local
// person's choice and the peer's ok; whatever the peer says never changes what the local person said. Anything out of
// turn ends in `tampered`, and nothing leads out of there.

import type { TrustChoice } from '../shared/model/link-view.ts';

export type GreetingRole = 'inviter' | 'replier';
export type GreetingCheck = 'matched' | 'unchecked' | GreetingVouch;
/** What makes comparing needless for this side: its camera saw the code, or a remembered computer sent it. */
export type GreetingVouch = 'camera' | 'known';

type Known = { readonly role: GreetingRole; readonly ownNonce: string; readonly ownVouch: GreetingVouch | undefined };

export type GreetingState = Known &
  (
    | { readonly at: 'awaiting-commit' }
    | { readonly at: 'awaiting-nonce' }
    | { readonly at: 'awaiting-reveal'; readonly commitment: string }
    | { readonly at: 'counting'; readonly peerNonce: string; readonly peerCamera: boolean; readonly peerOk: boolean }
    | { readonly at: 'asking'; readonly digits: string; readonly peerOk: boolean }
    | { readonly at: 'waiting-for-peer'; readonly digits: string; readonly checked: GreetingCheck }
    | { readonly at: 'settled'; readonly digits: string; readonly checked: GreetingCheck }
    | { readonly at: 'tampered' }
  );

export type GreetingEvent =
  | { readonly is: 'commit'; readonly commitment: string }
  | { readonly is: 'nonce'; readonly nonce: string; readonly camera: boolean }
  /** `commitment` is what the receiver computed from its own transcript and the revealed nonce. */
  | { readonly is: 'reveal'; readonly nonce: string; readonly camera: boolean; readonly commitment: string }
  | { readonly is: 'digits'; readonly digits: string }
  | { readonly is: 'ok' }
  | { readonly is: 'choice'; readonly choice: TrustChoice }
  | { readonly is: 'malformed' };

export type GreetingEffect =
  | { readonly do: 'send-nonce' }
  | { readonly do: 'send-reveal' }
  | { readonly do: 'count-digits'; readonly inviterNonce: string; readonly replierNonce: string }
  | { readonly do: 'send-ok' }
  | { readonly do: 'open-gate'; readonly checked: GreetingCheck }
  | { readonly do: 'abort' };

export type GreetingStep = { readonly state: GreetingState; readonly effects: readonly GreetingEffect[] };

/** The inviter has sent its commitment when this is made; the replier waits for it. */
export function startGreeting(
  role: GreetingRole,
  ownNonce: string,
  ownVouch: GreetingVouch | undefined,
): GreetingState {
  return { role, ownNonce, ownVouch, at: role === 'inviter' ? 'awaiting-nonce' : 'awaiting-commit' };
}

export function nextGreeting(state: GreetingState, event: GreetingEvent): GreetingStep {
  if (state.at === 'tampered') return stay(state);
  switch (event.is) {
    case 'commit':
      if (state.at !== 'awaiting-commit') return tampered(state);
      return go({ ...known(state), at: 'awaiting-reveal', commitment: event.commitment }, { do: 'send-nonce' });
    case 'nonce':
      if (state.at !== 'awaiting-nonce' || event.nonce === state.ownNonce) return tampered(state);
      return go(
        counting(state, event),
        { do: 'send-reveal' },
        { do: 'count-digits', inviterNonce: state.ownNonce, replierNonce: event.nonce },
      );
    case 'reveal':
      if (state.at !== 'awaiting-reveal' || event.nonce === state.ownNonce) return tampered(state);
      if (event.commitment !== state.commitment) return tampered(state);
      return go(counting(state, event), {
        do: 'count-digits',
        inviterNonce: event.nonce,
        replierNonce: state.ownNonce,
      });
    case 'digits':
      return state.at === 'counting' ? show(state, event.digits) : stay(state);
    case 'ok':
      return hearOk(state);
    case 'choice':
      return state.at === 'asking' ? choose(state, event.choice === 'match' ? 'matched' : 'unchecked') : stay(state);
    case 'malformed':
      return state.at === 'settled' ? stay(state) : tampered(state);
  }
}

/** Digits that neither side needs are shown and not asked: what vouches for a side is that side's own. */
function show(state: Extract<GreetingState, { at: 'counting' }>, digits: string): GreetingStep {
  const asking = { ...known(state), at: 'asking', digits, peerOk: state.peerOk } as const;
  return state.ownVouch && state.peerCamera ? choose(asking, state.ownVouch) : stay(asking);
}

function choose(state: Extract<GreetingState, { at: 'asking' }>, checked: GreetingCheck): GreetingStep {
  const { digits } = state;
  if (!state.peerOk) return go({ ...known(state), at: 'waiting-for-peer', digits, checked }, { do: 'send-ok' });
  return go({ ...known(state), at: 'settled', digits, checked }, { do: 'send-ok' }, { do: 'open-gate', checked });
}

function hearOk(state: GreetingState): GreetingStep {
  switch (state.at) {
    case 'counting':
    case 'asking':
      return state.peerOk ? tampered(state) : stay({ ...state, peerOk: true });
    case 'waiting-for-peer':
      return go(
        { ...known(state), at: 'settled', digits: state.digits, checked: state.checked },
        { do: 'open-gate', checked: state.checked },
      );
    default:
      return tampered(state);
  }
}

function counting(state: GreetingState, event: { readonly nonce: string; readonly camera: boolean }): GreetingState {
  return { ...known(state), at: 'counting', peerNonce: event.nonce, peerCamera: event.camera, peerOk: false };
}

function known({ role, ownNonce, ownVouch }: Known): Known {
  return { role, ownNonce, ownVouch };
}

function tampered(state: GreetingState): GreetingStep {
  return go({ ...known(state), at: 'tampered' }, { do: 'abort' });
}

function stay(state: GreetingState): GreetingStep {
  return { state, effects: [] };
}

function go(state: GreetingState, ...effects: readonly GreetingEffect[]): GreetingStep {
  return { state, effects };
}
