// Whether two computers remember each other, as a table. Promises: nothing is kept unless both people said yes on this
// link, after it was checked; a share of the secret leaves only with this person's yes.

export type RememberState =
  /** Not on this link: unchecked, or remembered already. */
  | { readonly at: 'closed' }
  | { readonly at: 'open' }
  | { readonly at: 'waiting'; readonly mine: string }
  | { readonly at: 'asked'; readonly theirs: string }
  | { readonly at: 'agreed' }
  | { readonly at: 'declined' };

export type RememberEvent =
  | { readonly is: 'checked' }
  /** The person said yes; `mine` is this side's share, in hex. */
  | { readonly is: 'wanted'; readonly mine: string }
  | { readonly is: 'refused' }
  | { readonly is: 'heard'; readonly theirs: string }
  | { readonly is: 'heard-not' };

export type RememberEffect =
  | { readonly do: 'say'; readonly share: string }
  | { readonly do: 'say-not' }
  | { readonly do: 'keep'; readonly mine: string; readonly theirs: string };

export type RememberStep = { readonly state: RememberState; readonly effects: readonly RememberEffect[] };

export function nextRemember(state: RememberState, event: RememberEvent): RememberStep {
  switch (event.is) {
    case 'checked':
      return state.at === 'closed' ? go({ at: 'open' }) : go(state);
    case 'wanted':
      return want(state, event.mine);
    case 'refused':
      return state.at === 'asked' ? go({ at: 'declined' }, { do: 'say-not' }) : go(state);
    case 'heard':
      return hear(state, event.theirs);
    case 'heard-not':
      if (state.at === 'asked') return go({ at: 'open' });
      return state.at === 'waiting' ? go({ at: 'declined' }) : go(state);
  }
}

function want(state: RememberState, mine: string): RememberStep {
  switch (state.at) {
    case 'open':
    case 'declined':
      return go({ at: 'waiting', mine }, { do: 'say', share: mine });
    case 'asked':
      return go({ at: 'agreed' }, { do: 'say', share: mine }, { do: 'keep', mine, theirs: state.theirs });
    default:
      return go(state);
  }
}

function hear(state: RememberState, theirs: string): RememberStep {
  switch (state.at) {
    case 'closed':
      return go(state, { do: 'say-not' });
    case 'open':
    case 'declined':
      return go({ at: 'asked', theirs });
    case 'waiting':
      return go({ at: 'agreed' }, { do: 'keep', mine: state.mine, theirs });
    default:
      return go(state);
  }
}

function go(state: RememberState, ...effects: readonly RememberEffect[]): RememberStep {
  return { state, effects };
}
