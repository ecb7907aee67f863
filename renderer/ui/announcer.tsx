// Speaks what changed, for people who do not see it: states and quarters of progress, never every tick.

import { useEffect, useState } from 'react';
import { peerOf } from '../state/app-state.ts';
import { listenForNews } from '../state/news.ts';
import { useStrings, useTincan } from './app-context.tsx';
import { newsText } from './news-text.ts';

export function Announcer() {
  const strings = useStrings();
  const { progress, store } = useTincan();
  const [words, setWords] = useState('');
  useEffect(
    () =>
      listenForNews(store, progress, (news) => {
        setWords(newsText(news, peerOf(store.getState().session)?.name ?? '', strings));
      }),
    [progress, store, strings],
  );
  return (
    <p className="unseen" role="status" aria-live="polite" data-testid="announcer">
      {words}
    </p>
  );
}
