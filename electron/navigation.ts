// The window shows one page for its whole life: it may load that page again, and nothing else. Nothing remote is fetched.

import type { Session, WebContents } from 'electron/main';
import { isPageUrl } from './origin.ts';

/** A reload is a navigation too: `will-navigate` comes when the page calls `location.reload()`. */
export function pinNavigation(contents: WebContents, home: string): void {
  const pin = (event: { readonly url: string; readonly isMainFrame: boolean; preventDefault(): void }) => {
    if (!event.isMainFrame || event.url !== home) event.preventDefault();
  };
  contents.on('will-navigate', pin);
  contents.on('will-frame-navigate', pin);
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Every request but the page's own is cancelled; DevTools' own pages and the development server pass when unpackaged. */
export function refuseRemote(session: Session, home: string, isPackaged: boolean): void {
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !isLocal(details.url, home, isPackaged) });
  });
}

function isLocal(url: string, home: string, isPackaged: boolean): boolean {
  if (isPageUrl(url, home)) return true;
  const protocol = URL.parse(url)?.protocol;
  // Pictures the page itself made (a code, a preview).
  if (protocol === 'blob:' || protocol === 'data:') return true;
  if (isPackaged) return false;
  return protocol === 'devtools:' || (home.startsWith('http:') && isPageUrl(url.replace(/^ws:/, 'http:'), home));
}
