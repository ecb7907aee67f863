// One screen pairs: my invites, my replies to their invites, and which of them becomes the link. Several may be alive at
// once (a code that was copied stays good after a newer one was made); the first connection that comes up wins. When
// both people took each other's codes two connections may come up together: then the smaller session wins on both sides.

import type { FaultCode } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import { liveCodesMax, usedCodesMax } from '../shared/wire/limits.ts';

/** One connection on its way to become the link. Session and fingerprints are in hex. */
export type PairingCandidate = {
  readonly connection: ConnectionId;
  readonly role: 'inviter' | 'replier';
  /** Of the invite; a reply shares it. Empty while an invite is being made. */
  readonly session: string;
  readonly fingerprint: string;
  readonly at: 'making' | 'waiting' | 'reaching' | 'up';
};

export type PairingState = {
  readonly at: 'open' | 'deciding' | 'won';
  readonly candidates: readonly PairingCandidate[];
  /** Whose code (or progress) the screen shows. */
  readonly front: ConnectionId | undefined;
  /** Sessions that did their work. */
  readonly used: readonly string[];
  /** Fingerprints of codes I showed and that are gone. */
  readonly ownPast: readonly string[];
};

export type PairingEvent =
  /** `fresh` is the id a new connection would get. */
  | { readonly is: 'new-code'; readonly fresh: ConnectionId }
  | { readonly is: 'addresses-changed'; readonly fresh: ConnectionId }
  | {
      readonly is: 'made';
      readonly connection: ConnectionId;
      readonly session: string;
      readonly fingerprint: string;
    }
  | {
      readonly is: 'take';
      readonly kind: 'invite' | 'reply';
      readonly session: string;
      readonly fingerprint: string;
      readonly fresh: ConnectionId;
      /** Nobody here asked for it: the reply travels by itself, and the screen stays as it is. */
      readonly quiet?: boolean;
    }
  | { readonly is: 'up'; readonly connection: ConnectionId }
  | { readonly is: 'decide' }
  | { readonly is: 'gone'; readonly connection: ConnectionId; readonly fresh: ConnectionId };

export type PairingEffect =
  | { readonly do: 'make-invite'; readonly connection: ConnectionId }
  | { readonly do: 'make-reply'; readonly connection: ConnectionId }
  /** The same call came once more: whoever made it did not hear of the reply. */
  | { readonly do: 'deliver-again'; readonly connection: ConnectionId }
  | { readonly do: 'take-reply'; readonly connection: ConnectionId }
  | { readonly do: 'close'; readonly connection: ConnectionId }
  | { readonly do: 'decide-later' }
  | { readonly do: 'win'; readonly connection: ConnectionId }
  | { readonly do: 'refuse'; readonly code: FaultCode };

export type PairingStep = { readonly state: PairingState; readonly effects: readonly PairingEffect[] };

export const startPairing: PairingState = { at: 'open', candidates: [], front: undefined, used: [], ownPast: [] };

export function nextPairing(state: PairingState, event: PairingEvent): PairingStep {
  if (state.at === 'won' && event.is !== 'new-code') {
    return event.is === 'take' ? refuse(state, 'code-used') : stay(state);
  }
  switch (event.is) {
    case 'new-code':
      return addInvite(
        { ...recordGone(state, state.candidates), at: 'open', candidates: [] },
        event.fresh,
        state.candidates,
      );
    case 'addresses-changed':
      return addInvite(state, event.fresh, []);
    case 'made':
      return stay({
        ...state,
        candidates: state.candidates.map((each) =>
          each.connection === event.connection && each.at === 'making'
            ? { ...each, session: event.session, fingerprint: event.fingerprint, at: 'waiting' }
            : each,
        ),
      });
    case 'take':
      return event.kind === 'invite' ? takeInvite(state, event) : takeReply(state, event);
    case 'up':
      return handleUp(state, event.connection);
    case 'decide':
      return state.at === 'deciding' ? win(state) : stay(state);
    case 'gone':
      return remove(state, event);
  }
}

type Take = Extract<PairingEvent, { is: 'take' }>;

function takeInvite(state: PairingState, event: Take): PairingStep {
  if (isOwn(state, event)) return refuse(state, 'code-own');
  const known = state.candidates.find((each) => each.role === 'replier' && each.session === event.session);
  if (known) {
    if (event.quiet !== true) return stay({ ...state, front: known.connection });
    const isAwaited = known.at === 'making' || known.at === 'waiting';
    return { state, effects: isAwaited ? [{ do: 'deliver-again', connection: known.connection }] : [] };
  }
  if (state.used.includes(event.session)) return refuse(state, 'code-used');
  const reply: PairingCandidate = {
    connection: event.fresh,
    role: 'replier',
    session: event.session,
    fingerprint: '',
    at: 'making',
  };
  const room = makeRoom(state, 'replier');
  return {
    state: {
      ...room.state,
      candidates: [...room.state.candidates, reply],
      front: event.quiet ? state.front : event.fresh,
    },
    effects: [...room.effects, { do: 'make-reply', connection: event.fresh }],
  };
}

function takeReply(state: PairingState, event: Take): PairingStep {
  if (isOwn(state, event)) return refuse(state, 'code-own');
  const invite = state.candidates.find((each) => each.role === 'inviter' && each.session === event.session);
  if (invite === undefined) {
    return refuse(state, state.used.includes(event.session) ? 'code-used' : 'code-other-invite');
  }
  if (invite.at !== 'waiting') return refuse(state, 'code-used');
  return {
    state: { ...change(state, invite.connection, 'reaching'), front: invite.connection },
    effects: [{ do: 'take-reply', connection: invite.connection }],
  };
}

/** Waits only while a connection of the same people that both sides would rather keep may still come up. */
function handleUp(state: PairingState, connection: ConnectionId): PairingStep {
  if (!state.candidates.some((each) => each.connection === connection)) return stay(state);
  const up = change(state, connection, 'up');
  const best = bestUp(up)!;
  const comesUp = best.role === 'inviter' ? ['replier', 'waiting'] : ['inviter', 'reaching'];
  const isBetterComing = up.candidates.some(
    (each) => each.role === comesUp[0] && each.at === comesUp[1] && each.session < best.session,
  );
  if (!isBetterComing) return win(up);
  return state.at === 'deciding' ? stay(up) : { state: { ...up, at: 'deciding' }, effects: [{ do: 'decide-later' }] };
}

/** Both sides know both sessions, so both prefer the same one. */
function bestUp({ candidates }: PairingState): PairingCandidate | undefined {
  return candidates
    .filter((each) => each.at === 'up')
    .reduce<PairingCandidate | undefined>(
      (best, each) => (best && best.session <= each.session ? best : each),
      undefined,
    );
}

function win(state: PairingState): PairingStep {
  const winner = bestUp(state);
  if (winner === undefined) return stay({ ...state, at: 'open' });
  const losers = state.candidates.filter((each) => each !== winner);
  return {
    state: { ...recordGone(state, state.candidates), at: 'won', candidates: [winner], front: winner.connection },
    effects: [...closeAll(losers), { do: 'win', connection: winner.connection }],
  };
}

function remove(state: PairingState, event: Extract<PairingEvent, { is: 'gone' }>): PairingStep {
  const gone = state.candidates.filter((each) => each.connection === event.connection);
  if (gone.length === 0) return stay(state);
  const left = state.candidates.filter((each) => each.connection !== event.connection);
  const rest: PairingState = { ...recordGone(state, gone), candidates: left };
  if (state.front !== event.connection) return { state: rest, effects: closeAll(gone) };
  const invite = left.findLast((each) => each.role === 'inviter' && (each.at === 'waiting' || each.at === 'making'));
  if (invite) return { state: { ...rest, front: invite.connection }, effects: closeAll(gone) };
  return addInvite(rest, event.fresh, gone);
}

function addInvite(state: PairingState, connection: ConnectionId, closing: readonly PairingCandidate[]): PairingStep {
  const room = makeRoom(state, 'inviter');
  const invite: PairingCandidate = { connection, role: 'inviter', session: '', fingerprint: '', at: 'making' };
  const showsReply = state.candidates.some(
    (each) => each.connection === state.front && (each.role === 'replier' || each.at === 'reaching'),
  );
  return {
    state: {
      ...room.state,
      candidates: [...room.state.candidates, invite],
      front: showsReply ? state.front : connection,
    },
    effects: [...closeAll(closing), ...room.effects, { do: 'make-invite', connection }],
  };
}

/**
 * The oldest candidate of that role gives way, one that waits before one that is under way, and never the one that the screen shows: a
 * person may be carrying its code, and remembered computers may call as often as they like.
 */
function makeRoom(state: PairingState, role: PairingCandidate['role']): PairingStep {
  const same = state.candidates.filter((each) => each.role === role);
  if (same.length < liveCodesMax) return stay(state);
  const others = same.filter((each) => each.connection !== state.front);
  const oldest = others.find((each) => each.at === 'waiting' || each.at === 'making') ?? others[0]!;
  return {
    state: { ...recordGone(state, [oldest]), candidates: state.candidates.filter((each) => each !== oldest) },
    effects: closeAll([oldest]),
  };
}

function isOwn(state: PairingState, event: Take): boolean {
  return (
    state.ownPast.includes(event.fingerprint) || state.candidates.some((each) => each.fingerprint === event.fingerprint)
  );
}

function recordGone(state: PairingState, candidates: readonly PairingCandidate[]): PairingState {
  const used = candidates.filter(({ at }) => at === 'reaching' || at === 'up');
  return {
    ...state,
    used: remember(
      state.used,
      used.map(({ session }) => session),
    ),
    ownPast: remember(
      state.ownPast,
      candidates.map(({ fingerprint }) => fingerprint),
    ),
  };
}

function remember(list: readonly string[], more: readonly string[]): readonly string[] {
  return [...list, ...more.filter((each) => each !== '')].slice(-usedCodesMax);
}

function change(state: PairingState, connection: ConnectionId, at: PairingCandidate['at']): PairingState {
  return {
    ...state,
    candidates: state.candidates.map((each) => (each.connection === connection ? { ...each, at } : each)),
  };
}

function closeAll(candidates: readonly PairingCandidate[]): PairingEffect[] {
  return candidates.map(({ connection }) => ({ do: 'close', connection }));
}

function refuse(state: PairingState, code: FaultCode): PairingStep {
  return { state, effects: [{ do: 'refuse', code }] };
}

function stay(state: PairingState): PairingStep {
  return { state, effects: [] };
}
