// News as one spoken line; the same line is a desktop notification while the window is hidden.

import { peerNameShownMax } from '../state/app-state.ts';
import type { News } from '../state/news.ts';
import type { Strings } from './strings/strings.ts';
import { visibleName } from './visible-name.ts';

export function sayNews(news: News, peerName: string, { percent, t }: Strings): string {
  const name = peerName === '' ? t('linked.unnamed') : visibleName(peerName, peerNameShownMax);
  switch (news.is) {
    case 'session':
      return t(`say.${news.at}`, { name });
    case 'reply':
      return t('say.reply');
    case 'text':
      return t('notify.text', { name });
    case 'offer':
      return t('say.offer', { name, title: visibleName(news.title) });
    case 'quarter':
      return t('say.quarter', { title: visibleName(news.title), percent: percent(news.quarter / 4) });
    case 'transfer': {
      const { direction, state } = news;
      const title = visibleName(news.title);
      const isBoth = state === 'offered' || state === 'done' || state === 'declined';
      return t('say.transfer', { title, state: isBoth ? t(`state.${state}.${direction}`) : t(`state.${state}`) });
    }
  }
}
