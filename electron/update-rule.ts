// Whether Tincan looks for a newer version of itself, and whether it may put it in place. Off unless the package was
// built with a release feed; nothing is fetched or installed while files move.

/** Written by the packager when a feed is configured, beside the app. */
export const feedFile = 'app-update.yml';

export const updateFirstMs = 30_000;
export const updateEveryMs = 6 * 60 * 60 * 1000;

export type UpdateFacts = {
  readonly isPackaged: boolean;
  /** The package names a release feed. */
  readonly hasFeed: boolean;
  readonly isBusy: boolean;
};

export type UpdateVerdict = 'look' | 'later' | 'never';

export function mayUpdate({ isPackaged, hasFeed, isBusy }: UpdateFacts): UpdateVerdict {
  if (!isPackaged || !hasFeed) return 'never';
  return isBusy ? 'later' : 'look';
}
