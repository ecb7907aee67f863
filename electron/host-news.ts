// Tells the page what became of the host process. The page's ports may not say it: a page that connected just before the death
// can hold ports of nobody. Promises: a page is told that the host is open again only where it was served by one that died.

import type { WebContents } from 'electron/main';
import type { HostNews } from '../shared/ipc/host-news.ts';

export interface HostNewsTeller {
  /** The page asks for ports: whatever host it gets, it is a new one, unless there will be none. */
  connected(): void;
  died(): void;
  opened(): void;
  givenUp(): void;
}

/** `contents`: of the window there is now. */
export function openHostNews(contents: () => WebContents | undefined): HostNewsTeller {
  let page: 'none' | 'served' | 'orphaned' = 'none';
  let isGivenUp = false;
  const tell = (news: HostNews): void => {
    try {
      contents()?.postMessage('tincan:host', news);
    } catch {
      // Its frame is gone (shell/browser/api/electron_api_web_frame_main.cc); the page that comes next asks for ports itself.
    }
  };
  return {
    connected() {
      page = isGivenUp ? 'orphaned' : 'served';
      if (isGivenUp) tell('given-up');
    },
    died() {
      if (page === 'none') return;
      page = 'orphaned';
      tell('died');
    },
    opened() {
      isGivenUp = false;
      if (page === 'orphaned') tell('opened');
    },
    givenUp() {
      isGivenUp = true;
      if (page === 'none') return;
      page = 'orphaned';
      tell('given-up');
    },
  };
}
