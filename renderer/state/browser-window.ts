// The window as the store uses it: title, hidden or not, clipboard, saving a file, notifications, a sound, what one page leaves for the
// next.

import type { Clock } from '../../shared/model/clock.ts';
import type { WindowPort } from './ports.ts';
import { playSoftSound } from './soft-sound.ts';

const leftKeys = { sending: 'tincan.left.sending', staged: 'tincan.left.staged' } as const;
/** No name of a file holds it. */
const separator = '\0';

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
    // A page over plain HTTP has no clipboard, only the command that copies what is selected.
    copy: async (text) => ('clipboard' in navigator ? navigator.clipboard.writeText(text) : copySelected(text)),
    read: async () => navigator.clipboard.readText(),
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
    fromPageBefore: () => ({ sending: takeLeft(leftKeys.sending), staged: takeLeft(leftKeys.staged) }),
    leaveForNextPage(what) {
      const leave = () => {
        const { sending, staged } = what();
        sessionStorage.setItem(leftKeys.sending, sending.join(separator));
        sessionStorage.setItem(leftKeys.staged, staged.join(separator));
      };
      globalThis.addEventListener('pagehide', leave);
      return () => globalThis.removeEventListener('pagehide', leave);
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

/** In the place of the focused element, so that a dialog that holds the focus lets go of it. */
function copySelected(text: string): void {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.className = 'unseen';
  field.value = text;
  (focused?.parentElement ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!isCopied) throw new Error('the browser copies nothing');
}

function takeLeft(key: string): readonly string[] {
  const left = sessionStorage.getItem(key) ?? '';
  sessionStorage.removeItem(key);
  return left === '' ? [] : left.split(separator);
}
