// The window as the store uses it: title, hidden or not, clipboard, saving a file, notifications, a sound.

import type { Clock } from '../../shared/model/clock.ts';
import type { WindowPort } from './ports.ts';
import { playSoftSound } from './soft-sound.ts';

/** A download reads its blob after the click returned. */
const blobKeptMs = 10_000;

export const windowClock: Clock = {
  now: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

export function openWindowPort(): WindowPort {
  let lastNotification: Notification | undefined;
  return {
    isLookedAt: () => !document.hidden && document.hasFocus(),
    setTitle: (title) => {
      document.title = title;
    },
    copy: (text) => navigator.clipboard.writeText(text),
    read: () => navigator.clipboard.readText(),
    async readAll() {
      const files: File[] = [];
      let text = '';
      for (const item of await navigator.clipboard.read()) {
        const picture = item.types.find((type) => type.startsWith('image/'));
        if (picture !== undefined) {
          const name = `clipboard.${picture.slice('image/'.length).replace(/\W.*/, '')}`;
          files.push(new File([await item.getType(picture)], name, { type: picture }));
        } else if (item.types.includes('text/plain')) {
          text += await (await item.getType('text/plain')).text();
        }
      }
      return { text, files };
    },
    openLink: (url) => void window.open(url, '_blank', 'noopener,noreferrer'),
    save(name, content) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(content);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), blobKeptMs);
    },
    askToNotify() {
      if (Notification.permission === 'default') void Notification.requestPermission();
    },
    notify(title, body) {
      if (Notification.permission !== 'granted') return;
      // The newest only: a pile of them says nothing more.
      lastNotification?.close();
      const shown = new Notification(title, { body });
      shown.onclick = () => {
        globalThis.focus();
        shown.close();
      };
      lastNotification = shown;
    },
    playSound: () => void playSoftSound().catch(() => undefined),
  };
}
