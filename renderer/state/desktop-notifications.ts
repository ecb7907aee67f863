// What the window tells while nobody looks at it: its title, the progress in the taskbar, desktop notifications and a sound.

import type { StoreApi } from 'zustand/vanilla';
import type { AppState } from './app-state.ts';
import { listenForNews, type News } from './news.ts';
import type { Ports } from './ports.ts';
import type { ProgressState } from './progress-store.ts';
import { queueOf } from './queue.ts';

/** The taskbar and the title change at most this often. */
const showEveryMs = 1_000;
/** A peer chooses how often something comes, and not how often it sounds. */
const soundEveryMs = 3_000;
const bodyMaxChars = 400;

export type DesktopNotificationsOptions = {
  readonly store: StoreApi<AppState>;
  readonly progress: StoreApi<ProgressState>;
  readonly ports: Pick<Ports, 'host' | 'window' | 'clock'>;
  /** The words of the chosen language. */
  readonly say: (news: News) => string;
};

export function startDesktopNotifications({ store, progress, ports, say }: DesktopNotificationsOptions): {
  close(): void;
} {
  const { host, clock, window } = ports;
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let shownTitle = '';
  /** The shell may still show what the page before this one told it. */
  let shownPercent: number | null | undefined;
  let soundedAtMs = Number.NEGATIVE_INFINITY;

  function show(): void {
    const { bytesDone, bytesTotal } = queueOf(store.getState(), progress.getState());
    const busy = bytesTotal > 0;
    const fraction = busy ? Math.min(1, bytesDone / bytesTotal) : null;
    const percent = fraction === null ? null : Math.floor(fraction * 100);
    const offer = store.getState().offers[0];
    const title =
      offer !== undefined
        ? `● ${say({ is: 'offer', title: offer.plan.title })}`
        : percent === null
          ? 'Tincan'
          : `${percent}% · Tincan`;
    if (title === shownTitle && percent === shownPercent) return;
    shownAtMs = clock.now();
    if (title !== shownTitle) window.setTitle(title);
    if (percent !== shownPercent) host.call('shell.progress', { fraction, busy }).catch(() => undefined);
    shownTitle = title;
    shownPercent = percent;
  }

  function notify(news: News): void {
    sound(news);
    const { facts, settings } = store.getState();
    if (window.isLookedAt() || !settings.notifications || !isWorthIt(news)) return;
    const body = say(news).slice(0, bodyMaxChars);
    if (facts.shell === 'electron') host.call('shell.notify', { title: 'Tincan', body }).catch(() => undefined);
    else window.notify('Tincan', body);
  }

  function sound(news: News): void {
    const isHeard = news.is === 'offer' || (news.is === 'text' && !window.isLookedAt());
    if (!isHeard || !store.getState().settings.sound || clock.now() - soundedAtMs < soundEveryMs) return;
    soundedAtMs = clock.now();
    window.playSound();
  }

  const stops = [
    store.subscribe((now, before) => {
      if (now.transfers !== before.transfers || now.offers !== before.offers) show();
    }),
    progress.subscribe(() => {
      if (clock.now() - shownAtMs >= showEveryMs) show();
    }),
    listenForNews(store, progress, notify),
  ];
  show();
  return {
    close: () => {
      for (const stop of stops) stop();
    },
  };
}

function isWorthIt(news: News): boolean {
  if (news.is === 'offer' || news.is === 'text') return true;
  if (news.is === 'session') return news.at === 'linked' || news.at === 'reconnecting';
  if (news.is !== 'transfer') return false;
  const { state } = news.view;
  return state === 'done' || state === 'failed' || state === 'declined';
}
