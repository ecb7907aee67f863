// Where the keyboard goes when what had the focus is gone: never to the body, where nobody can go on from.

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** Takes the focus when nothing has it: what was pressed is gone, and this stands in its place, where it does (`isInPlace`). */
export function useFocusIfLost<T extends HTMLElement>(since: unknown, isInPlace = true): RefObject<T | null> {
  const element = useRef<T>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at whenever that changed
  useLayoutEffect(() => {
    if (isInPlace && document.activeElement === document.body) element.current?.focus({ preventScroll: true });
  }, [since]);
  return element;
}

/** Everything else that had the focus and is gone, or can no longer be pressed, leaves it to the panel that is open or the main part. */
export function useFocusGuard(): void {
  useEffect(() => {
    let last: Element | null = null;
    const remember = () => {
      last = document.activeElement;
    };
    const look = () => {
      const { activeElement: active, body } = document;
      // A button that has just been disabled may still be the active one.
      if (last === null || isUsable(last) || (active !== body && active !== last)) return;
      last = null;
      const place = document.querySelector<HTMLElement>('[role="dialog"]') ?? document.querySelector('main');
      place?.focus({ preventScroll: true });
    };
    // The browser notices it with the next frame.
    const observer = new MutationObserver(() => {
      if (last !== null && !isUsable(last)) requestAnimationFrame(look);
    });
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', remember);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', remember);
    };
  }, []);
}

function isUsable(element: Element): boolean {
  return element.isConnected && !element.matches(':disabled');
}
