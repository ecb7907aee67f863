// What an outgoing transfer may be, and what moves it. Pure and total: `nextSend` says what becomes of it and what has to be done;
// `outgoing-transfer.ts` does it. The table in docs/STATES.md is this function.

import type { FaultCode } from '../../shared/model/fault.ts';
import type { TransferState } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import type { ShownPhase, TransferOutcome } from '../status/transfer-status.ts';

export type SendState =
  /** The host lists the files, or opens what it kept of an earlier link or run. */
  | { readonly at: 'preparing'; readonly kept: boolean }
  /** The offer is sent. */
  | { readonly at: 'offered' }
  /** `continue` is sent. `accepted`: they said yes in an earlier attempt, and their side answers by itself. */
  | { readonly at: 'resuming'; readonly accepted: boolean }
  | { readonly at: 'sending' }
  /** Everything is stored there, and the hash over all of it is sent. */
  | { readonly at: 'verifying' }
  | { readonly at: 'done' }
  | { readonly at: 'declined'; readonly code?: FaultCode | undefined }
  | { readonly at: 'cancelled' }
  | Failed
  /** Failed, and the host opens what it kept for another attempt. */
  | (Omit<Failed, 'at'> & { readonly at: 'reopening' });

type Failed = {
  readonly at: 'failed';
  readonly code: FaultCode;
  readonly resumable: boolean;
  readonly accepted: boolean;
};

/** `by`: whoever did it. What the other side did need not be told to it. */
export type SendEvent =
  | { readonly is: 'listed' }
  | { readonly is: 'reopened'; readonly accepted: boolean }
  /** The host could not open what it kept. */
  | { readonly is: 'reopen-failed'; readonly code: FaultCode }
  | { readonly is: 'retried' }
  /** The receiver wants it again. */
  | { readonly is: 'asked-again' }
  | { readonly is: 'control-changed' }
  | { readonly is: 'accepted'; readonly message: ControlOf<'accept'> }
  | { readonly is: 'declined'; readonly code: FaultCode | undefined }
  | { readonly is: 'all-stored'; readonly root: string }
  | { readonly is: 'delivered'; readonly message: ControlOf<'delivered'> }
  /** What is delivered is what was sent. */
  | { readonly is: 'confirmed' }
  | { readonly is: 'cancelled'; readonly by: 'us' | 'peer' }
  | { readonly is: 'broke'; readonly by: 'us' | 'peer'; readonly code: FaultCode }
  /** The receiver found another hash over everything, and hashes of ours were only remembered. */
  | { readonly is: 'root-refused' }
  /** The link is gone for good. */
  | { readonly is: 'parked' };

export type SendEffect =
  | { readonly do: 'show' }
  | { readonly do: 'clear-pauses' }
  | { readonly do: 'reopen-source' }
  | { readonly do: 'begin-attempt'; readonly with: 'offer' | 'continue' }
  | { readonly do: 'start-sending'; readonly message: ControlOf<'accept'> }
  | { readonly do: 'send-complete'; readonly root: string }
  | { readonly do: 'check-delivery'; readonly message: ControlOf<'delivered'> }
  | { readonly do: 'send-cancel'; readonly code?: FaultCode }
  /** Puts the source away. */
  | { readonly do: 'end'; readonly outcome: TransferOutcome; readonly keep: boolean }
  | { readonly do: 'interrupt-source' }
  | { readonly do: 'violation'; readonly why: string };

export type SendStep = { readonly state: SendState; readonly effects: readonly SendEffect[] };

export function nextSend(state: SendState, event: SendEvent): SendStep {
  switch (event.is) {
    case 'listed':
      if (state.at !== 'preparing' || state.kept) return stay(state);
      return step({ at: 'offered' }, { do: 'show' }, { do: 'begin-attempt', with: 'offer' });
    case 'reopened':
      return reopened(state, event.accepted);
    case 'reopen-failed':
      if (state.at === 'reopening') return reopenFailed(state, event.code);
      return state.at === 'preparing' ? fail(state, event.code, 'us') : stay(state);
    case 'retried':
      return state.at === 'failed' ? step({ ...state, at: 'reopening' }, { do: 'reopen-source' }) : stay(state);
    case 'asked-again':
      if (state.at === 'failed') return step({ ...state, at: 'reopening' }, { do: 'reopen-source' });
      // They did not hear of it, or wait for what never comes.
      if (state.at === 'cancelled') return step(state, { do: 'send-cancel' });
      return state.at === 'offered' || state.at === 'resuming' ? resume(state) : stay(state);
    case 'control-changed':
      return isSendOver(state) || state.at === 'preparing' ? stay(state) : resume(state);
    case 'accepted':
      if (isSendOver(state)) return stay(state);
      if (!isAwaitingAnswer(state)) return violation(state, 'accept out of turn');
      return step({ at: 'sending' }, { do: 'start-sending', message: event.message });
    case 'declined':
      return declined(state, event.code);
    case 'all-stored':
      if (state.at !== 'sending') return stay(state);
      return step({ at: 'verifying' }, { do: 'send-complete', root: event.root }, { do: 'show' });
    case 'delivered':
      if (isSendOver(state)) return stay(state);
      if (!isDeliveryAwaited(state)) return violation(state, 'delivered before everything was sent');
      return step(state, { do: 'check-delivery', message: event.message });
    case 'confirmed':
      if (!isDeliveryAwaited(state)) return stay(state);
      return step({ at: 'done' }, { do: 'show' }, { do: 'end', outcome: 'done', keep: false });
    case 'cancelled':
      if (isSendOver(state) && !shownSend(state).isResumable) return stay(state);
      return step(
        { at: 'cancelled' },
        ...(event.by === 'us' ? [{ do: 'send-cancel' } as const] : []),
        { do: 'show' },
        { do: 'end', outcome: 'cancelled', keep: false },
      );
    case 'broke':
      return isSendOver(state) ? stay(state) : fail(state, event.code, event.by);
    case 'root-refused':
      return state.at === 'verifying' ? resume(state) : stay(state);
    case 'parked':
      if (state.at === 'reopening') return step({ ...state, at: 'failed' }, { do: 'interrupt-source' });
      return isSendOver(state) ? stay(state) : fail(state, 'peer-left', 'peer');
  }
}

export function isSendOver({ at }: SendState): boolean {
  return at === 'done' || at === 'declined' || at === 'cancelled' || at === 'failed' || at === 'reopening';
}

export function shownSend(state: SendState): ShownPhase {
  const failed = state.at === 'failed' || state.at === 'reopening';
  return {
    state: shownAs(state),
    isOver: isSendOver(state),
    isResumable: failed && state.resumable,
    code: failed || state.at === 'declined' ? state.code : undefined,
  };
}

function shownAs(state: SendState): TransferState {
  switch (state.at) {
    case 'preparing':
      return 'waiting';
    case 'resuming':
      // Their yes was given already: nobody is asked.
      return state.accepted ? 'waiting' : 'offered';
    case 'reopening':
      return 'failed';
    default:
      return state.at;
  }
}

export function isAwaitingAnswer({ at }: SendState): boolean {
  return at === 'offered' || at === 'resuming';
}

function isDeliveryAwaited(state: SendState): boolean {
  return state.at === 'verifying' || (state.at === 'resuming' && state.accepted);
}

/** They said yes, in this attempt or an earlier one. */
function wasAccepted(state: SendState): boolean {
  if (state.at === 'sending' || state.at === 'verifying') return true;
  return (state.at === 'resuming' || state.at === 'failed' || state.at === 'reopening') && state.accepted;
}

function reopened(state: SendState, accepted: boolean): SendStep {
  if (state.at !== 'reopening' && !(state.at === 'preparing' && state.kept)) return stay(state);
  return step(
    { at: 'resuming', accepted: accepted || wasAccepted(state) },
    { do: 'clear-pauses' },
    { do: 'begin-attempt', with: 'continue' },
    { do: 'show' },
  );
}

/** Where the host knows nothing of it any more, or only what is damaged, it cannot be tried again. */
function reopenFailed(state: Omit<Failed, 'at'>, code: FaultCode): SendStep {
  const { accepted } = state;
  if (!isLost(code)) {
    return step(
      { at: 'failed', code, resumable: state.resumable, accepted },
      { do: 'send-cancel', code },
      { do: 'show' },
    );
  }
  return step(
    { at: 'failed', code, resumable: false, accepted },
    // For them it is gone, whatever became of it here.
    { do: 'send-cancel', code: 'transfer-unknown' },
    { do: 'show' },
    { do: 'end', outcome: 'failed', keep: false },
  );
}

function isLost(code: FaultCode): boolean {
  return code === 'transfer-unknown' || code === 'journal-damaged';
}

/** Another attempt, over another control channel or because the root was refused. */
function resume(state: SendState): SendStep {
  return step(
    { at: 'resuming', accepted: wasAccepted(state) },
    { do: 'begin-attempt', with: 'continue' },
    { do: 'show' },
  );
}

function declined(state: SendState, code: FaultCode | undefined): SendStep {
  if (isSendOver(state)) return stay(state);
  if (!isAwaitingAnswer(state)) return violation(state, 'decline out of turn');
  // The offer was sent while the link was down, and nobody heard it.
  if (code === 'transfer-unknown' && state.at === 'resuming' && !state.accepted) {
    return step({ at: 'offered' }, { do: 'begin-attempt', with: 'offer' });
  }
  return step(
    { at: 'declined', code: code === 'transfer-refused' ? undefined : code },
    { do: 'show' },
    { do: 'end', outcome: 'declined', keep: false },
  );
}

function fail(state: SendState, code: FaultCode, by: 'us' | 'peer'): SendStep {
  const resumable = state.at !== 'preparing' || (state.kept && !isLost(code));
  const isUnanswered = code === 'peer-left' && isAwaitingAnswer(state) && !wasAccepted(state);
  return step(
    { at: 'failed', code, resumable, accepted: wasAccepted(state) },
    ...(by === 'us' ? [{ do: 'send-cancel', code } as const] : []),
    { do: 'show' },
    { do: 'end', outcome: isUnanswered ? 'unanswered' : 'failed', keep: resumable },
  );
}

function violation(state: SendState, why: string): SendStep {
  return step(state, { do: 'violation', why });
}

function step(state: SendState, ...effects: readonly SendEffect[]): SendStep {
  return { state, effects };
}

function stay(state: SendState): SendStep {
  return { state, effects: [] };
}
