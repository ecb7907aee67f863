// What a person removes is out of view at once, and gone some seconds later: until then it can be taken back. One at a time: the
// next removal makes the last one final. A page that closes in between has removed nothing.

import { toFaultView } from '../../shared/model/fault.ts';
import { removalUndoMs } from '../../shared/wire/limits.ts';
import { type AppState, type Removal, type StoreAccess, withoutTransfer } from './app-state.ts';
import type { Ports } from './ports.ts';

export function removalActions(
  { get, set, toast }: StoreAccess,
  { clock, engine, host }: Pick<Ports, 'clock' | 'engine' | 'host'>,
) {
  let stop: (() => void) | undefined;

  async function finish(): Promise<void> {
    const { removal } = get();
    stop?.();
    stop = undefined;
    if (removal === undefined) return;
    set((state) => ({ removal: undefined, ...without(state, removal) }));
    // Files that were chosen in this page are known to nobody else, and the other side is to hear of it.
    if (removal.is === 'unfinished') engine.command({ do: 'discard', transfer: removal.id });
    try {
      if (removal.is === 'history') await host.call('history.clear', {});
      else await host.call('unfinished.discard', { transfer: removal.id });
    } catch (error) {
      toast({ is: 'fault', fault: toFaultView(error) });
    }
  }

  return {
    remove(removal: Removal): void {
      void finish();
      set(() => ({ removal }));
      stop = clock.after(removalUndoMs, () => void finish());
    },
    undoRemoval(): void {
      stop?.();
      stop = undefined;
      set(() => ({ removal: undefined }));
    },
  };
}

function without(state: AppState, removal: Removal): Partial<AppState> {
  if (removal.is === 'history') return { history: [] };
  const { id } = removal;
  return { ...withoutTransfer(state, id), unfinished: state.unfinished.filter((each) => each.id !== id) };
}
