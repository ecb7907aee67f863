// Where the keyboard goes when what had the focus is gone: never to the body, where nobody can go on from.

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { TransferId } from '../../shared/model/transfer.ts';
import { useTincan } from './app-context.tsx';

/**
 * Takes the focus when nothing has it, or only the main part: what was pressed is gone, and this stands in its place, or is where one
 * goes on, where it is that (`isInPlace`).
 */
export function useFocusIfLost<T extends HTMLElement>(since: unknown, isInPlace = true): RefObject<T | null> {
  const element = useRef<T>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at whenever that changed
  useLayoutEffect(() => {
    const { activeElement: active, body } = document;
    if (isInPlace && (active === body || active === document.querySelector('main')))
      element.current?.focus({ preventScroll: true });
  }, [since]);
  return element;
}

/** A page that was loaded again has lost the place of whoever was in it. Its first button is no field: no phone's keyboard opens. */
export function useFocusAfterReload(): void {
  useEffect(() => {
    const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    if (load?.type !== 'reload' || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>('main button:enabled')?.focus({ preventScroll: true });
  }, []);
}

/**
 * Everything else that had the focus and is gone, or can no longer be pressed, leaves it to the panel that is open, to the row of the
 * transfer that it was about, to a row beside that one, to what it was asked by, or to the main part. Another screen begins with
 * its main part.
 */
export function useFocusGuard(): void {
  const { store } = useTincan();
  useEffect(() => {
    let last: Element | null = null;
    /** The transfer that it is about, and those of the rows below and above it, the nearest first. */
    let rows: readonly TransferId[] = [];
    const newestSent = () => [...store.getState().sent.keys()].at(-1);
    let sentBefore: TransferId | undefined;
    /** Its row is not drawn yet. */
    let awaited: TransferId | undefined;
    /** A reconnecting link has the screen of a link. */
    const screenNow = () => store.getState().session.at.replace('reconnecting', 'linked');
    let screen = '';
    const remember = () => {
      last = document.activeElement;
      rows = last === null ? [] : rowsNear(last);
      awaited = undefined;
      sentBefore = newestSent();
      screen = screenNow();
    };
    const toRow = (row: HTMLElement) => {
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: 'nearest' });
    };
    const look = () => {
      const { activeElement: active, body } = document;
      // A button that has just been disabled may still be the active one.
      if (last === null || isUsable(last) || (active !== body && active !== last)) return;
      const dialog = document.querySelector<HTMLElement>('[role="dialog"]');
      // What another screen has to say stands at its top, and its rows may be far below.
      if (screenNow() !== screen) rows = [];
      const sent = newestSent();
      if (sent !== undefined && sent !== sentBefore && isSend(last)) rows = [sent];
      const row = dialog === null ? rowPlace(last, rows) : undefined;
      const [about] = rows;
      const successor = dialog === null ? successorOf(last) : undefined;
      last = null;
      if (row !== undefined) {
        toRow(row);
        return;
      }
      (dialog ?? successor ?? document.querySelector('main'))?.focus({ preventScroll: true });
      if (dialog === null) awaited = about;
    };
    const lookForRow = () => {
      const row = awaited === undefined ? undefined : rowOf(awaited);
      if (row !== undefined && document.activeElement === document.querySelector('main')) toRow(row);
    };
    // The browser notices it with the next frame.
    const observer = new MutationObserver(() => {
      if (last !== null && !isUsable(last)) requestAnimationFrame(look);
      lookForRow();
    });
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', remember);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', remember);
    };
  }, [store]);
}

/** Its transfer has an id only once it was pressed. */
function isSend(element: Element): boolean {
  return (element as HTMLElement).dataset.testid === 'send-staged';
}

/** Pressed again, it takes back what it did. */
const counterparts: Readonly<Record<string, string>> = { pause: 'resume', resume: 'pause' };

/** What asked for it, or stands where it stood: the first of these that is there. */
const successors: Readonly<Record<string, readonly string[]>> = {
  stay: ['disconnect'],
  'remember-yes': ['remember-yes', 'line-details'],
  'remember-no': ['remember-yes', 'line-details'],
};

function successorOf(element: Element): HTMLElement | undefined {
  // The line itself, as a row: a key that is pressed once more discards nothing.
  const line = element.closest<HTMLElement>('.line[data-id]')?.dataset.id;
  if (line !== undefined) {
    const again = document.querySelector<HTMLElement>(`[data-testid="unfinished"][data-id="${line}"]`);
    if (again !== null) return again;
  }
  for (const handle of successors[(element as HTMLElement).dataset.testid ?? ''] ?? []) {
    const next = document.querySelector<HTMLElement>(`[data-testid="${handle}"]`);
    if (next !== null && isUsable(next)) return next;
  }
  return undefined;
}

function rowsNear(element: Element): string[] {
  const id = element.closest<HTMLElement>('[data-testid="transfer"], [data-testid="offer"]')?.dataset.id;
  if (id === undefined) return [];
  const all = [...document.querySelectorAll<HTMLElement>('.transfer')].map(({ dataset }) => dataset.id ?? '');
  const at = all.indexOf(id);
  return [id, ...all.slice(at + 1), ...all.slice(0, Math.max(0, at)).reverse()];
}

/** The row itself: a key that was meant for what is gone presses nothing there. */
function rowPlace(last: Element, rows: readonly string[]): HTMLElement | undefined {
  for (const id of rows) {
    const row = rowOf(id);
    if (row === undefined) continue;
    const counterpart = id === rows[0] ? counterparts[(last as HTMLElement).dataset.testid ?? ''] : undefined;
    return row.querySelector<HTMLElement>(`[data-testid="${counterpart}"]`) ?? row;
  }
  return undefined;
}

function rowOf(id: string): HTMLElement | undefined {
  return document.querySelector<HTMLElement>(`.transfer[data-id="${id}"]`) ?? undefined;
}

function isUsable(element: Element): boolean {
  return element.isConnected && !element.matches(':disabled');
}
