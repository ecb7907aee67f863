// Keys and paste for the whole window. Keys that write text are left alone while a field has the focus.

import { useEffect } from 'react';
import { useTincan } from './app-context.tsx';

export function useKeys(): void {
  const { actions, store } = useTincan();
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const { panel, scanning, session } = store.getState();
      if (event.key === ',' && (event.ctrlKey || event.metaKey)) return act(event, () => actions.openPanel('settings'));
      if (panel !== 'none') return;
      if (event.key === 'Escape' && scanning) return act(event, () => actions.setScanning(false));
      if (event.key === '?' && !isField(event.target)) return act(event, () => actions.openPanel('shortcuts'));
      if (!event.altKey || event.ctrlKey || event.metaKey) return;
      const code = 'code' in session ? session.code : undefined;
      if (event.code === 'KeyC' && code?.at === 'ready') act(event, () => void actions.copy(code.text));
      else if (event.code === 'KeyT') act(event, () => byHandle('code-input')?.focus());
      else if (event.code === 'KeyS') act(event, () => byHandle('scan-camera')?.click());
      else if (event.code === 'KeyO') act(event, () => byHandle('pick-files')?.click());
    }
    function onPaste(event: ClipboardEvent) {
      const { draft, panel, session } = store.getState();
      const { clipboardData } = event;
      if (clipboardData === null || panel !== 'none') return;
      const files = [...clipboardData.files];
      const takesCode = byHandle('code-input') !== null;
      const picture = files.find((file) => file.type.startsWith('image/'));
      if (takesCode && picture !== undefined) return act(event, () => void actions.takePictureOrStage(files));
      if (files.length > 0) return act(event, () => actions.pastedFiles(files));
      const text = clipboardData.getData('text/plain');
      if (text === '' || isField(event.target)) return;
      if (takesCode) act(event, () => void actions.pasteCode(text));
      else if (session.at === 'linked') {
        act(event, () => {
          actions.draftText(draft + text);
          byHandle('text-input')?.focus();
        });
      }
    }
    window.addEventListener('keydown', onKey);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('paste', onPaste);
    };
  }, [actions, store]);
}

function act(event: Event, work: () => void): void {
  event.preventDefault();
  work();
}

function byHandle(handle: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-testid="${handle}"]`);
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('textarea:not([readonly]), input, select, [contenteditable]');
}
