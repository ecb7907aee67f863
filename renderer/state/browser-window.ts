// The window as the store uses it: title, hidden or not, clipboard, saving a file.

import type { Clock } from '../../shared/model/clock.ts';
import type { WindowPort } from './ports.ts';

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
  return {
    isLookedAt: () => !document.hidden && document.hasFocus(),
    setTitle: (title) => {
      document.title = title;
    },
    copy: (text) => navigator.clipboard.writeText(text),
    read: () => navigator.clipboard.readText(),
    openLink: (url) => void window.open(url, '_blank', 'noopener,noreferrer'),
    save(name, content) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(content);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), blobKeptMs);
    },
  };
}
