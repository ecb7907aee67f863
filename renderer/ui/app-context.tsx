// How screens reach the store and the words: one context, selector hooks, no singletons.

import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import { pickLanguage } from '../../shared/model/language.ts';
import type { AppState } from '../state/app-state.ts';
import type { Actions, Tincan } from '../state/open-app.ts';
import type { ProgressState } from '../state/progress-store.ts';
import { openStrings, type Strings } from './strings/strings.ts';

const TincanContext = createContext<Tincan | undefined>(undefined);
const StringsContext = createContext<Strings | undefined>(undefined);

export function TincanProvider({
  tincan,
  language,
  children,
}: {
  readonly tincan: Tincan;
  /** Tests may ask for the pseudo-locale. */
  readonly language?: Strings['language'] | undefined;
  readonly children: ReactNode;
}) {
  const wanted = useStore(tincan.store, ({ settings }) => settings.language);
  const chosen = language ?? pickLanguage(wanted, navigator.languages);
  const strings = useMemo(() => openStrings(chosen), [chosen]);
  return (
    <TincanContext value={tincan}>
      <StringsContext value={strings}>{children}</StringsContext>
    </TincanContext>
  );
}

export function useTincan(): Tincan {
  const tincan = useContext(TincanContext);
  if (tincan === undefined) throw new Error('outside TincanProvider');
  return tincan;
}

export function useApp<T>(selector: (state: AppState) => T): T {
  return useStore(useTincan().store, selector);
}

export function useProgress<T>(selector: (state: ProgressState) => T): T {
  return useStore(useTincan().progress, selector);
}

export function useActions(): Actions {
  return useTincan().actions;
}

export function useStrings(): Strings {
  const strings = useContext(StringsContext);
  if (strings === undefined) throw new Error('outside TincanProvider');
  return strings;
}
