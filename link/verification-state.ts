// The verification as a table: commit, nonce, reveal, then two people's word. Promises: it is confirmed only after the local
// person's choice and the peer's ok; whatever the peer says never changes what the local person said. Anything out of turn
// ends in `tampered`, and nothing leads out of there.

import type { TrustChoice } from '../shared/model/link-view.ts';

export type VerificationRole = 'inviter' | 'replier';
export type VerificationCheck = 'matched' | 'unchecked' | CodeProof;
/** What makes comparing needless for this side: its camera saw the code, or a remembered computer sent it. */
export type CodeProof = 'camera' | 'known';

type Own = { readonly role: VerificationRole; readonly ownNonce: string; readonly ownProof: CodeProof | undefined };

export type VerificationState = Own &
  /** The inviter, until the other side can hear it. */
  (
    | { readonly at: 'starting' }
    | { readonly at: 'awaiting-commit' }
    | { readonly at: 'awaiting-nonce' }
    | { readonly at: 'awaiting-reveal'; readonly commitment: string }
    | { readonly at: 'counting'; readonly peerNonce: string; readonly peerCamera: boolean; readonly peerOk: boolean }
    | { readonly at: 'asking'; readonly digits: string; readonly peerOk: boolean }
    | { readonly at: 'waiting-for-peer'; readonly digits: string; readonly checked: VerificationCheck }
    | { readonly at: 'settled'; readonly digits: string; readonly checked: VerificationCheck }
    | { readonly at: 'tampered' }
    | { readonly at: 'late' }
    | { readonly at: 'closed' }
  );

export type VerificationEvent =
  /** The control channel is open. */
  | { readonly is: 'begin' }
  | { readonly is: 'commit'; readonly commitment: string }
  | { readonly is: 'nonce'; readonly nonce: string; readonly camera: boolean }
  /** `commitment` is what the receiver computed from its own transcript and the revealed nonce. */
  | { readonly is: 'reveal'; readonly nonce: string; readonly camera: boolean; readonly commitment: string }
  | { readonly is: 'digits'; readonly digits: string }
  | { readonly is: 'ok' }
  | { readonly is: 'choice'; readonly choice: TrustChoice }
  | { readonly is: 'malformed' }
  | { readonly is: 'deadline' }
  | { readonly is: 'close' };

export type VerificationEffect =
  | { readonly do: 'send-commit' }
  | { readonly do: 'send-nonce' }
  | { readonly do: 'send-reveal' }
  | { readonly do: 'count-digits'; readonly inviterNonce: string; readonly replierNonce: string }
  | { readonly do: 'send-ok' }
  | { readonly do: 'confirm'; readonly checked: VerificationCheck }
  | { readonly do: 'fail'; readonly why: 'tampered' | 'late' };

export type VerificationStep = { readonly state: VerificationState; readonly effects: readonly VerificationEffect[] };

export function startVerificationState(
  role: VerificationRole,
  ownNonce: string,
  ownProof: CodeProof | undefined,
): VerificationState {
  return { role, ownNonce, ownProof, at: role === 'inviter' ? 'starting' : 'awaiting-commit' };
}

export function nextVerification(state: VerificationState, event: VerificationEvent): VerificationStep {
  if (state.at === 'tampered' || state.at === 'late' || state.at === 'closed') return stay(state);
  switch (event.is) {
    case 'begin':
      if (state.at !== 'starting') return stay(state);
      return go({ ...own(state), at: 'awaiting-nonce' }, { do: 'send-commit' });
    case 'commit':
      if (state.at !== 'awaiting-commit') return tampered(state);
      return go({ ...own(state), at: 'awaiting-reveal', commitment: event.commitment }, { do: 'send-nonce' });
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
      return handleOk(state);
    case 'choice':
      return state.at === 'asking' ? choose(state, event.choice === 'match' ? 'matched' : 'unchecked') : stay(state);
    case 'malformed':
      return state.at === 'settled' ? stay(state) : tampered(state);
    case 'deadline':
      return isEarly(state) ? go({ ...own(state), at: 'late' }, { do: 'fail', why: 'late' }) : stay(state);
    case 'close':
      return stay({ ...own(state), at: 'closed' });
  }
}

/** The other side has still to say its part: only then can it be late. */
function isEarly({ at }: VerificationState): boolean {
  return at === 'starting' || at === 'awaiting-commit' || at === 'awaiting-nonce' || at === 'awaiting-reveal';
}

/** Digits that neither side needs are shown and not asked: the proof of a side is that side's own. */
function show(state: Extract<VerificationState, { at: 'counting' }>, digits: string): VerificationStep {
  const asking = { ...own(state), at: 'asking', digits, peerOk: state.peerOk } as const;
  return state.ownProof && state.peerCamera ? choose(asking, state.ownProof) : stay(asking);
}

function choose(state: Extract<VerificationState, { at: 'asking' }>, checked: VerificationCheck): VerificationStep {
  const { digits } = state;
  if (!state.peerOk) return go({ ...own(state), at: 'waiting-for-peer', digits, checked }, { do: 'send-ok' });
  return go({ ...own(state), at: 'settled', digits, checked }, { do: 'send-ok' }, { do: 'confirm', checked });
}

function handleOk(state: VerificationState): VerificationStep {
  switch (state.at) {
    case 'counting':
    case 'asking':
      return state.peerOk ? tampered(state) : stay({ ...state, peerOk: true });
    case 'waiting-for-peer':
      return go(
        { ...own(state), at: 'settled', digits: state.digits, checked: state.checked },
        { do: 'confirm', checked: state.checked },
      );
    default:
      return tampered(state);
  }
}

function counting(
  state: VerificationState,
  event: { readonly nonce: string; readonly camera: boolean },
): VerificationState {
  return { ...own(state), at: 'counting', peerNonce: event.nonce, peerCamera: event.camera, peerOk: false };
}

function own({ role, ownNonce, ownProof }: Own): Own {
  return { role, ownNonce, ownProof };
}

function tampered(state: VerificationState): VerificationStep {
  return go({ ...own(state), at: 'tampered' }, { do: 'fail', why: 'tampered' });
}

function stay(state: VerificationState): VerificationStep {
  return { state, effects: [] };
}

function go(state: VerificationState, ...effects: readonly VerificationEffect[]): VerificationStep {
  return { state, effects };
}
