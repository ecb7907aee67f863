// Whether two computers remember each other, as a table. Promises: nothing is kept unless both people said yes on this
// link, after it was checked; a share of the secret leaves only with this person's yes.

/** `binding`: the link's transcript, in hex; the secret is bound to it. */
type Checked = { readonly binding: string };
/** One share of the secret from each side. */
type Shares = Checked & { readonly mine: string; readonly theirs: string };

export type RememberState =
  /** Not on this link: unchecked, or remembered already. */
  | { readonly at: 'closed' }
  | (Checked & { readonly at: 'open' })
  | (Checked & { readonly at: 'waiting'; readonly mine: string })
  | (Checked & { readonly at: 'asked'; readonly theirs: string })
  | (Shares & { readonly at: 'agreed' })
  /** Both people said yes, and the host here could not keep it. */
  | (Shares & { readonly at: 'unkept' })
  /** `refused`: the share that this side's person said no to. */
  | (Checked & { readonly at: 'declined'; readonly refused?: string });

export type RememberEvent =
  | { readonly is: 'checked'; readonly binding: string }
  /** The person said yes; `mine` is this side's share, in hex. */
  | { readonly is: 'wanted'; readonly mine: string }
  | { readonly is: 'refused' }
  | { readonly is: 'heard'; readonly theirs: string }
  | { readonly is: 'heard-not' }
  | { readonly is: 'not-kept' }
  /** Another connection is the link: what was said last may be lost. */
  | { readonly is: 'switched' };

export type RememberEffect =
  | { readonly do: 'say'; readonly share: string }
  | { readonly do: 'say-not' }
  | (Shares & { readonly do: 'keep' });

export type RememberStep = { readonly state: RememberState; readonly effects: readonly RememberEffect[] };

export function nextRemember(state: RememberState, event: RememberEvent): RememberStep {
  switch (event.is) {
    case 'checked':
      return state.at === 'closed' ? go({ at: 'open', binding: event.binding }) : go(state);
    case 'wanted':
      return want(state, event.mine);
    case 'refused':
      if (state.at !== 'asked') return go(state);
      return go({ at: 'declined', binding: state.binding, refused: state.theirs }, { do: 'say-not' });
    case 'heard':
      return handleShare(state, event.theirs);
    case 'heard-not':
      if (state.at === 'asked') return go({ at: 'open', binding: state.binding });
      return state.at === 'waiting' ? go({ at: 'declined', binding: state.binding }) : go(state);
    case 'not-kept':
      return go(state.at === 'agreed' ? { ...state, at: 'unkept' } : state);
    case 'switched':
      return 'mine' in state ? go(state, { do: 'say', share: state.mine }) : go(state);
  }
}

function want(state: RememberState, mine: string): RememberStep {
  switch (state.at) {
    case 'open':
    case 'declined':
      return go({ at: 'waiting', binding: state.binding, mine }, { do: 'say', share: mine });
    case 'asked': {
      const shares = { binding: state.binding, mine, theirs: state.theirs };
      return go({ at: 'agreed', ...shares }, { do: 'say', share: mine }, { do: 'keep', ...shares });
    }
    case 'unkept': {
      // The other side keeps what both agreed on.
      const { at: _, ...shares } = state;
      return go({ at: 'agreed', ...shares }, { do: 'keep', ...shares });
    }
    default:
      return go(state);
  }
}

function handleShare(state: RememberState, theirs: string): RememberStep {
  switch (state.at) {
    case 'closed':
      return go(state, { do: 'say-not' });
    case 'open':
      return go({ at: 'asked', binding: state.binding, theirs });
    case 'declined':
      // The same share once more is the same question, to which the answer was lost.
      if (state.refused === theirs) return go(state, { do: 'say-not' });
      return go({ at: 'asked', binding: state.binding, theirs });
    case 'waiting': {
      const shares = { binding: state.binding, mine: state.mine, theirs };
      return go({ at: 'agreed', ...shares }, { do: 'keep', ...shares });
    }
    default:
      return go(state);
  }
}

function go(state: RememberState, ...effects: readonly RememberEffect[]): RememberStep {
  return { state, effects };
}
