// How screens reach the store and the words: one context, selector hooks, no singletons.

import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { Actions } from '../state/actions.ts';
import type { AppState } from '../state/app-state.ts';
import type { Tincan } from '../state/open-app.ts';
import type { ProgressState } from '../state/progress-store.ts';
import type { Strings } from './strings/strings.ts';

const TincanContext = createContext<Tincan | undefined>(undefined);
const CountersContext = createContext<Counters | undefined>(undefined);
const StringsContext = createContext<Strings | undefined>(undefined);

export function TincanProvider({
  tincan,
  spoken,
  children,
}: {
  readonly tincan: Tincan;
  readonly spoken: StoreApi<Strings>;
  readonly children: ReactNode;
}) {
  const strings = useStore(spoken);
  const counters = useMemo(() => whileSeen(tincan.progress), [tincan.progress]);
  return (
    <TincanContext value={tincan}>
      <CountersContext value={counters}>
        <StringsContext value={strings}>{children}</StringsContext>
      </CountersContext>
    </TincanContext>
  );
}

type Counters = StoreApi<ProgressState>;

/** Counters are drawn for eyes: a hidden page stands still, and catches up when it is shown again. */
function whileSeen(counters: Counters): Counters {
  return {
    ...counters,
    subscribe(listener) {
      let drawn = counters.getState();
      const draw = () => {
        if (document.hidden) return;
        const before = drawn;
        drawn = counters.getState();
        if (drawn !== before) listener(drawn, before);
      };
      const stop = counters.subscribe(draw);
      document.addEventListener('visibilitychange', draw);
      return () => {
        stop();
        document.removeEventListener('visibilitychange', draw);
      };
    },
  };
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
  const counters = useContext(CountersContext);
  if (counters === undefined) throw new Error('outside TincanProvider');
  return useStore(counters, selector);
}

export function useActions(): Actions {
  return useTincan().actions;
}

export function useStrings(): Strings {
  const strings = useContext(StringsContext);
  if (strings === undefined) throw new Error('outside TincanProvider');
  return strings;
}
