// What the desktop app tells this page of the process that holds its files, as the preload hands it on.

import { type HostNews, hostNewsKinds } from '../../shared/ipc/host-news.ts';

export function onHostNews(listener: (news: HostNews) => void): () => void {
  const take = ({ source, data }: MessageEvent<{ readonly tincanHost?: unknown } | undefined>) => {
    const news = hostNewsKinds.find((kind) => kind === data?.tincanHost);
    if (source === window && news !== undefined) listener(news);
  };
  window.addEventListener('message', take);
  return () => window.removeEventListener('message', take);
}
