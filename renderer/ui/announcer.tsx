// Speaks what changed, for people who do not see it: states and quarters of progress, never every tick.

import { useEffect, useState } from 'react';
import { peerOf } from '../state/app-state.ts';
import { useStrings, useTincan } from './app-context.tsx';
import { listenForNews } from './news.ts';

export function Announcer() {
  const strings = useStrings();
  const { progress, store } = useTincan();
  const [words, setWords] = useState('');
  useEffect(
    () =>
      listenForNews(store, progress, (news) => {
        const name = peerOf(store.getState().session)?.name ?? '';
        setWords(sayNews(news, name === '' ? strings.t('linked.unnamed') : name, strings));
      }),
    [progress, store, strings],
  );
  return (
    <p className="unseen" role="status" aria-live="polite" data-testid="announcer">
      {words}
    </p>
  );
}

function sayNews(
  news: Parameters<Parameters<typeof listenForNews>[2]>[0],
  name: string,
  { percent, t }: ReturnType<typeof useStrings>,
): string {
  switch (news.is) {
    case 'session':
      return t(`say.${news.at}`, { name });
    case 'reply':
      return t('say.reply');
    case 'offer':
      return t('say.offer', { name, title: news.title });
    case 'quarter':
      return t('say.quarter', { title: news.title, percent: percent(news.quarter / 4) });
    case 'transfer': {
      const { direction, state, title } = news;
      const both = state === 'offered' || state === 'done' || state === 'declined';
      return t('say.transfer', { title, state: both ? t(`state.${state}.${direction}`) : t(`state.${state}`) });
    }
  }
}
