// What an incoming transfer may be, and what moves it. Pure and total: `nextReceive` says what becomes of it and what has to be done;
// `incoming-transfer.ts` does it. The table in docs/STATES.md is this function.

import type { ConflictPolicy, OfferPlan } from '../../shared/ipc/views.ts';
import { type FaultCode, waitsForDisk } from '../../shared/model/fault.ts';
import type { EntryFault, TransferState } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import type { ShownPhase, TransferOutcome } from '../status/transfer-status.ts';

/** What the host keeps of it: nothing yet, what was laid out on this link, or what an earlier link or run left. */
export type Kept = 'nothing' | 'new' | 'earlier';

/** Somebody called it off while it was being published: it counts only where that fails. */
export type CalledOff = { readonly as: 'cancelled' } | { readonly as: 'failed'; readonly code: FaultCode };

export type ReceiveState =
  /** `offer`: it was lost, and the sender is asked to send it again. */
  | { readonly at: 'listing'; readonly awaits: 'offer' | 'list' }
  /** The person is asked. */
  | { readonly at: 'asking' }
  /** The host lays it out, or opens what it kept. */
  | { readonly at: 'starting'; readonly kept: Kept }
  | { readonly at: 'receiving'; readonly kept: Kept }
  /** `isLeft`: the link is gone for good, and nobody is there to try it again. */
  | {
      readonly at: 'verifying';
      readonly kept: Kept;
      readonly root: string;
      readonly calledOff?: CalledOff;
      readonly isLeft?: true;
    }
  /** Everything is here and proven; the disk did not take it yet. */
  | { readonly at: 'ready'; readonly kept: Kept; readonly root: string; readonly code: FaultCode }
  | { readonly at: 'done'; readonly kept: Kept }
  | { readonly at: 'declined'; readonly code?: FaultCode | undefined }
  | { readonly at: 'cancelled' }
  | { readonly at: 'failed'; readonly code: FaultCode; readonly kept: Kept; readonly awaitsOffer: boolean };

/** `by`: whoever did it. What the other side did need not be told to it. */
export type ReceiveEvent =
  | { readonly is: 'offered'; readonly offer: ControlOf<'offer'> }
  | { readonly is: 'listed'; readonly plan: OfferPlan }
  | { readonly is: 'accepted'; readonly conflict: ConflictPolicy }
  | { readonly is: 'declined'; readonly code: FaultCode | undefined }
  | { readonly is: 'started'; readonly isLaidOut: boolean }
  /** The sender says that this is all. `isComplete`: everything is stored. */
  | { readonly is: 'completed'; readonly root: string; readonly isComplete: boolean }
  /** Everything is in place, now or since an earlier run. */
  | { readonly is: 'published'; readonly root: string; readonly faults: readonly EntryFault[] }
  /** There may be room now, or whatever was in the way is gone. */
  | { readonly is: 'publish-again' }
  /** The sender begins another attempt. */
  | { readonly is: 'continued' }
  | { readonly is: 'cancelled'; readonly by: 'us' | 'peer' }
  | { readonly is: 'broke'; readonly by: 'us' | 'peer'; readonly code: FaultCode }
  /** The sender was asked to go on with what failed, and cannot. */
  | { readonly is: 'not-again'; readonly code: FaultCode }
  /** The link is gone for good. */
  | { readonly is: 'parked' };

export type ReceiveEffect =
  | { readonly do: 'show' }
  | { readonly do: 'clear-pauses' }
  | { readonly do: 'begin-list'; readonly offer: ControlOf<'offer'> }
  | { readonly do: 'show-offer'; readonly plan: OfferPlan }
  | { readonly do: 'withdraw-offer' }
  | { readonly do: 'ask-for-offer' }
  | { readonly do: 'start'; readonly conflict: ConflictPolicy }
  | { readonly do: 'reopen' }
  | { readonly do: 'repeat-digest-request' }
  | { readonly do: 'send-accept' }
  | { readonly do: 'send-decline'; readonly code?: FaultCode | undefined }
  | { readonly do: 'send-cancel'; readonly code?: FaultCode | undefined }
  | { readonly do: 'send-delivered' }
  | { readonly do: 'publish'; readonly root: string }
  | { readonly do: 'call-off' }
  | { readonly do: 'wait-to-publish'; readonly code: FaultCode }
  /** The sender is told once more that it has to wait. */
  | { readonly do: 'repeat-wait' }
  | { readonly do: 'set-delivered'; readonly root: string; readonly faults: readonly EntryFault[] }
  /** Puts the sink away. */
  | { readonly do: 'end'; readonly outcome: TransferOutcome; readonly keep: boolean }
  | { readonly do: 'violation'; readonly why: string };

export type ReceiveStep = { readonly state: ReceiveState; readonly effects: readonly ReceiveEffect[] };

export function nextReceive(state: ReceiveState, event: ReceiveEvent): ReceiveStep {
  switch (event.is) {
    case 'offered':
      if (state.at !== 'listing' || state.awaits !== 'offer') return violation(state, 'a transfer offered twice');
      return step({ at: 'listing', awaits: 'list' }, { do: 'begin-list', offer: event.offer });
    case 'listed':
      if (!isListing(state)) return step(state);
      return step({ at: 'asking' }, { do: 'show' }, { do: 'show-offer', plan: event.plan });
    case 'accepted':
      if (state.at !== 'asking') return step(state);
      return step({ at: 'starting', kept: 'nothing' }, { do: 'show' }, { do: 'start', conflict: event.conflict });
    case 'declined':
      return declined(state, event.code);
    case 'started':
      if (state.at !== 'starting') return step(state);
      return step(
        { at: 'receiving', kept: state.kept === 'nothing' && event.isLaidOut ? 'new' : state.kept },
        { do: 'show' },
        { do: 'send-accept' },
      );
    case 'completed':
      if (isReceiveOver(state)) return step(state);
      if (state.at !== 'receiving' || !event.isComplete) {
        return violation(state, 'complete before everything is stored');
      }
      return verify(state.kept, event.root);
    case 'publish-again':
      return state.at === 'ready' ? verify(state.kept, state.root) : step(state);
    case 'published':
      if (state.at !== 'verifying' && state.at !== 'starting') return step(state);
      return step(
        { at: 'done', kept: state.kept },
        { do: 'set-delivered', root: event.root, faults: event.faults },
        { do: 'show' },
        { do: 'send-delivered' },
        { do: 'end', outcome: 'done', keep: true },
      );
    case 'continued':
      return continued(state);
    case 'cancelled':
      return cancelled(state, event.by);
    case 'broke':
      return broke(state, event.code, event.by);
    case 'not-again':
      return notAgain(state, event.code);
    case 'parked':
      // What is being published is published, whoever is there to hear of it.
      if (isReceiveOver(state)) return step(state);
      if (state.at === 'verifying') return step({ ...state, isLeft: true });
      return fail(state, state.at === 'ready' && state.kept !== 'nothing' ? state.code : 'peer-left', 'peer');
  }
}

export function isReceiveOver({ at }: ReceiveState): boolean {
  return at === 'done' || at === 'declined' || at === 'cancelled' || at === 'failed';
}

/** Of a failed one of which nothing is kept a new offer makes a new transfer. */
export function isOfferAwaited(state: ReceiveState): boolean {
  return (state.at === 'listing' && state.awaits === 'offer') || (state.at === 'failed' && state.awaitsOffer);
}

export function isListing(state: ReceiveState): boolean {
  return state.at === 'listing' && state.awaits === 'list';
}

export function shownReceive(state: ReceiveState): ShownPhase {
  return {
    state: shownAs[state.at],
    isOver: isReceiveOver(state),
    isResumable: state.at === 'failed' && state.kept !== 'nothing',
    code: state.at === 'failed' || state.at === 'declined' ? state.code : undefined,
  };
}

const shownAs: Readonly<Record<ReceiveState['at'], TransferState>> = {
  listing: 'offered',
  asking: 'offered',
  starting: 'waiting',
  receiving: 'receiving',
  verifying: 'verifying',
  ready: 'verifying',
  done: 'done',
  declined: 'declined',
  cancelled: 'cancelled',
  failed: 'failed',
};

function declined(state: ReceiveState, code: FaultCode | undefined): ReceiveStep {
  if (state.at !== 'asking' && state.at !== 'listing') return step(state);
  return step(
    // Who says no needs no telling; a list that is refused for what it is does.
    { at: 'declined', code: code === 'transfer-refused' ? undefined : code },
    { do: 'send-decline', code },
    { do: 'withdraw-offer' },
    { do: 'show' },
    { do: 'end', outcome: 'declined', keep: false },
  );
}

/** Answers with what is held here, and with what the sender may not have heard on an earlier control channel. */
function continued(state: ReceiveState): ReceiveStep {
  switch (state.at) {
    case 'listing':
      return step({ at: 'listing', awaits: 'offer' }, { do: 'ask-for-offer' });
    case 'asking':
    case 'verifying':
      return step(state, { do: 'show' });
    case 'ready':
      return step(state, { do: 'repeat-wait' });
    case 'starting':
      return step(state, { do: 'repeat-digest-request' }, { do: 'show' });
    case 'receiving':
      return step(state, { do: 'send-accept' });
    case 'done':
      return step(state, { do: 'send-delivered' });
    case 'declined':
      return step(state, { do: 'send-decline' });
    case 'cancelled':
      return step(state, { do: 'send-cancel' });
    case 'failed':
      if (state.kept === 'nothing') return step({ ...state, awaitsOffer: true }, { do: 'ask-for-offer' });
      return step({ at: 'starting', kept: 'earlier' }, { do: 'clear-pauses' }, { do: 'show' }, { do: 'reopen' });
  }
}

function cancelled(state: ReceiveState, by: 'us' | 'peer'): ReceiveStep {
  if (isReceiveOver(state) && !shownReceive(state).isResumable) return step(state);
  if (state.at === 'verifying') return step({ ...state, calledOff: { as: 'cancelled' } }, { do: 'call-off' });
  return step(
    { at: 'cancelled' },
    ...(by === 'us' ? [{ do: 'send-cancel' } as const] : []),
    ...withdrawn(state),
    { do: 'show' },
    { do: 'end', outcome: 'cancelled', keep: false },
  );
}

function broke(state: ReceiveState, code: FaultCode, by: 'us' | 'peer'): ReceiveStep {
  if (isReceiveOver(state)) return step(state);
  if (state.at !== 'verifying') return fail(state, code, by);
  if (by === 'peer') return step({ ...state, calledOff: { as: 'failed', code } }, { do: 'call-off' });
  // Publishing failed: now it counts that it was called off.
  if (state.calledOff === undefined) {
    if (state.isLeft || !canWait(code)) return fail(state, code, 'us');
    return step({ at: 'ready', kept: state.kept, root: state.root, code }, { do: 'wait-to-publish', code });
  }
  if (state.calledOff.as === 'failed') return fail(state, state.calledOff.code, 'us');
  return step(
    { at: 'cancelled' },
    { do: 'send-cancel' },
    { do: 'show' },
    { do: 'end', outcome: 'cancelled', keep: false },
  );
}

function fail(state: ReceiveState, code: FaultCode, by: 'us' | 'peer'): ReceiveStep {
  const kept = code === 'transfer-unknown' || !('kept' in state) ? 'nothing' : state.kept;
  const isUnanswered = code === 'peer-left' && isBeforeAnswer(state);
  return step(
    { at: 'failed', code, kept, awaitsOffer: false },
    ...(by === 'us' ? [{ do: 'send-cancel', code } as const] : []),
    ...withdrawn(state),
    { do: 'show' },
    { do: 'end', outcome: isUnanswered ? 'unanswered' : 'failed', keep: kept !== 'nothing' },
  );
}

/** What they do not have any more never comes: nothing of it is worth keeping here. */
function notAgain(state: ReceiveState, code: FaultCode): ReceiveStep {
  if (state.at !== 'failed' || state.kept === 'nothing') return step(state);
  if (code !== 'transfer-unknown') return step({ ...state, code }, { do: 'show' });
  return step({ ...state, code, kept: 'nothing' }, { do: 'show' }, { do: 'end', outcome: 'failed', keep: false });
}

function verify(kept: Kept, root: string): ReceiveStep {
  return step({ at: 'verifying', kept, root }, { do: 'show' }, { do: 'publish', root });
}

/** Nothing is lost by waiting, and the same call succeeds later. */
function canWait(code: FaultCode): boolean {
  return waitsForDisk(code) || code === 'publish-waiting';
}

function isBeforeAnswer({ at }: ReceiveState): boolean {
  return at === 'listing' || at === 'asking';
}

function withdrawn(state: ReceiveState): readonly ReceiveEffect[] {
  return isBeforeAnswer(state) ? [{ do: 'withdraw-offer' }] : [];
}

function violation(state: ReceiveState, why: string): ReceiveStep {
  return step(state, { do: 'violation', why });
}

function step(state: ReceiveState, ...effects: readonly ReceiveEffect[]): ReceiveStep {
  return { state, effects };
}
