// News as one sentence: for screen readers, and for a notification while the window is hidden.

import { peerNameShownMax } from '../state/app-state.ts';
import type { News } from '../state/news.ts';
import type { Strings } from './strings/strings.ts';
import { statusOf, statusText } from './transfer-status-text.ts';
import { visibleName } from './visible-name.ts';

export function newsText(news: News, peerName: string, strings: Strings): string {
  const { percent, t } = strings;
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
    case 'transfer':
      return t('say.transfer', {
        title: visibleName(news.view.title),
        state: statusText(statusOf(news.view), strings),
      });
  }
}
